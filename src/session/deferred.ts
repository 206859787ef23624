/** A result that is computed immediately. A failure is thrown only when the result is used. */
export interface Deferred<T> {
  /** The value; undefined if the computation failed. */
  readonly value: T | undefined;
  /** Returns the value, or throws the computation's failure. */
  readonly get: () => T;
}

/**
 * Runs `compute` immediately, but throws its failure only from `get`. Callers need the result for the `start` event and
 * must report a failure after that event.
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
