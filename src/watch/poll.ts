export interface PollOptions {
  readonly everyMs: number;
  /** Lists live connections. Resolves to false after reporting that Datadog could not be reached. */
  readonly refresh: () => Promise<boolean>;
  /** Called after a successful list. */
  readonly listed: () => void;
  /** Called with the number of milliseconds until the next list. */
  readonly scheduled: (ms: number) => void;
  /** Returns whether the rate limit delayed the last list or is nearly used up. */
  readonly isThrottled: () => boolean;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

export interface Polling {
  /** Lists immediately, unless a list is in progress. */
  now(): void;
  stop(): void;
}

/** Lists live connections periodically, one list at a time. */
export function startPolling(options: PollOptions): Polling {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let slowdowns = 0;
  let running = false;
  let stopped = false;

  const schedule = (): void => {
    if (stopped) return;
    const ms = delayBefore(options.everyMs, slowdowns, options.random());
    timer = setTimeout(() => void list(), ms);
    options.scheduled(ms);
  };

  const list = async (): Promise<void> => {
    if (running || stopped) return;
    running = true;
    clearTimeout(timer);
    const succeeded = await options.refresh();
    running = false;
    slowdowns = succeeded && !options.isThrottled() ? 0 : slowdowns + 1;
    schedule();
    if (succeeded && !stopped) options.listed();
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

/** The longest delay that a Node.js timer supports. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Returns the milliseconds until the next list: the interval with a jitter of up to 10 %, so that several watches
 * don't list simultaneously. It doubles after each consecutive list that failed or met the rate limit, up to sixteen
 * times.
 */
export function delayBefore(everyMs: number, slowdowns: number, random: number): number {
  const longer = everyMs * 2 ** Math.min(slowdowns, 4);
  return Math.min(MAX_TIMER_MS, Math.round(longer * (0.9 + 0.2 * random)));
}
