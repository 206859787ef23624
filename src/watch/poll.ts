export interface PollOptions {
  readonly everyMs: number;
  /** Lists what is live; false where Datadog could not be asked, which has been told. */
  readonly renew: () => Promise<boolean>;
  /** Told after a listing that went well. */
  readonly listed: () => void;
  /** Told when the next one is due, in so many milliseconds. */
  readonly scheduled: (ms: number) => void;
  /** Whether the rate limit held the last listing back, or is nearly used up. */
  readonly isStrained: () => boolean;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface Polling {
  /** Lists at once, or waits for the listing that is under way. */
  now(): void;
  stop(): void;
}

/** Lists what is live again and again, at most once at a time. */
export function startPolling(options: PollOptions): Polling {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let strained = 0;
  let running = false;
  let stopped = false;

  const schedule = (): void => {
    if (stopped) return;
    const ms = delayBefore(options.everyMs, strained, options.random());
    timer = setTimeout(() => void list(), ms);
    options.scheduled(ms);
  };

  const list = async (): Promise<void> => {
    if (running || stopped) return;
    running = true;
    clearTimeout(timer);
    const well = await options.renew();
    running = false;
    strained = well && !options.isStrained() ? 0 : strained + 1;
    schedule();
    if (well && !stopped) options.listed();
  };

  schedule();
  return {
    now: () => void list(),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** What a timer of Node can hold. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Until the next listing: the interval, up to a tenth more or less, so that many watches don't ask together. It doubles with each
 * listing in a row that failed or met the rate limit, up to sixteen times.
 */
export function delayBefore(everyMs: number, strained: number, random: number): number {
  const longer = everyMs * 2 ** Math.min(strained, 4);
  return Math.min(LONGEST_MS, Math.round(longer * (0.9 + 0.2 * random)));
}
