export interface DebounceOptions {
  /** A burst begins. */
  readonly touched: () => void;
  /** A burst has ended, or goes on for so long that it is time to look. */
  readonly settled: () => void;
}

export interface Debounce {
  touch(): void;
  close(): void;
}

/** So long after the last event a burst has ended, in milliseconds: editors save in several steps. */
const QUIET_MS = 30;
/** So long at most it is waited for, while events keep coming. */
const LONGEST_MS = 250;
/** So long after a burst everything is looked over once more: no system tells every change in a folder that is just being made. */
const ONCE_MORE_MS = 1_000;

/** Makes one event of many: a rename dance, a formatter over five hundred files, a `git pull`. */
export function openDebounce({ touched, settled }: DebounceOptions): Debounce {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let began: number | undefined;

  const end = (): void => {
    began = undefined;
    timer = setTimeout(settled, ONCE_MORE_MS);
    settled();
  };

  return {
    touch: () => {
      clearTimeout(timer);
      if (began === undefined) touched();
      began ??= performance.now();
      timer = setTimeout(end, Math.max(0, Math.min(QUIET_MS, began + LONGEST_MS - performance.now())));
    },
    close: () => clearTimeout(timer),
  };
}
