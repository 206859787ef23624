/** Time and randomness, passed as an argument so that tests can replace them. */
export interface Clock {
  /** Returns milliseconds since the epoch. The value jumps when someone changes the machine's time. */
  readonly now: () => number;
  /** Returns the milliseconds of a clock that never goes backwards. Use it to measure durations. */
  readonly monotonic: () => number;
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** The signals for the two stages of ending a run early. */
export interface Abort {
  /**
   * Aborted at the first SIGINT or SIGTERM: connsync starts nothing new, and finishes and records what is in flight.
   */
  readonly stop: AbortSignal;
  /** Aborted when finishing takes too long: connsync then cancels the requests in flight. */
  readonly cut: AbortSignal;
}
