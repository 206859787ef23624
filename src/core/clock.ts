/** Time and randomness, passed as an argument so that tests can replace them. */
export interface Clock {
  /** Returns milliseconds since the epoch. It jumps when someone sets the machine's time. */
  readonly now: () => number;
  /** Returns milliseconds that only ever grow. Use it for durations. */
  readonly monotonic: () => number;
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** The two stages of ending a run early. */
export interface Abort {
  /** Aborted at the first signal: start nothing new, finish and record what is in flight. */
  readonly stop: AbortSignal;
  /** Aborted when finishing takes too long: cut off requests in flight. */
  readonly cut: AbortSignal;
}
