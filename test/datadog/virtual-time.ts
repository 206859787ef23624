interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that jumps to the next sleeper when nothing else can run: hours pass in milliseconds, deterministically. */
export class VirtualTime {
  now = 0;
  /** Every sleep in milliseconds, in the order in which they began. */
  readonly sleeps: number[] = [];
  readonly #sleepers = new Set<Sleeper>();

  readonly clock = (): number => this.now;

  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    await this.pass(ms, signal);
  };

  /** Duration of an operation: a sleep that is not recorded. */
  async pass(ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const sleeper = { at: this.now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      const stop = (): void => {
        this.#sleepers.delete(sleeper);
        reject(new Error('the signal was aborted'));
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Advances time until the work is done. Throws if everything waits and nothing can wake it. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined); // the caller that awaits the work gets the error
    for (;;) {
      await new Promise(setImmediate);
      if (isDone) return work;
      const next = [...this.#sleepers].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) throw new Error('everybody waits for nothing');
      this.#sleepers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.wake();
    }
  }
}
