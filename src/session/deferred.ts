/** A result that is computed at once, and whose failure is thrown only when the result is asked for. */
export interface Deferred<T> {
  /** Undefined if it failed. */
  readonly value: T | undefined;
  /** Returns the value, or throws what the computation threw. */
  readonly get: () => T;
}

/**
 * Runs `compute` at once. A run needs its target for its first event, but must report a failure inside the run, where reporters
 * see it.
 */
export function deferred<T>(compute: () => T): Deferred<T> {
  try {
    const value = compute();
    return { value, get: () => value };
  } catch (failure) {
    return {
      value: undefined,
      get: () => {
        throw failure;
      },
    };
  }
}
