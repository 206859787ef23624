/** A result that is computed immediately. A failure is thrown only when the result is used. */
export interface Deferred<T> {
  /** Undefined if it failed. */
  readonly value: T | undefined;
  /** Returns the value, or throws the computation's failure. */
  readonly get: () => T;
}

/**
 * Runs `compute` immediately and returns its result or failure. The `start` event needs the target, but a failure
 * must be reported after it.
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
