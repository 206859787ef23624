export interface DebounceOptions {
  /** Called at the start of a burst of file events. */
  readonly touched: () => void;
  /** Called at the end of a burst, or when a burst has lasted for `MAX_BURST_MS`. */
  readonly settled: () => void;
}

export interface Debounce {
  touch(): void;
  close(): void;
}

/** A burst ends this many milliseconds after its last event. Editors save in several steps. */
const QUIET_MS = 30;
/** Maximum duration of a burst in milliseconds. */
const MAX_BURST_MS = 250;
/**
 * Everything is checked again this many milliseconds after a burst, because no system reports every change in a new
 * folder.
 */
const RECHECK_MS = 1_000;

/** Combines many file events into one, such as those of an atomic save, a formatter over 500 files or a `git pull`. */
export function openDebounce({ touched, settled }: DebounceOptions): Debounce {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let startedAt: number | undefined;

  const end = (): void => {
    startedAt = undefined;
    timer = setTimeout(settled, RECHECK_MS);
    settled();
  };

  return {
    touch: () => {
      clearTimeout(timer);
      if (startedAt === undefined) touched();
      startedAt ??= performance.now();
      timer = setTimeout(end, Math.max(0, Math.min(QUIET_MS, startedAt + MAX_BURST_MS - performance.now())));
    },
    close: () => clearTimeout(timer),
  };
}
