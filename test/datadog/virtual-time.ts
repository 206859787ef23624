interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that jumps to the next sleeper as soon as nothing else is left to do: hours pass in milliseconds, and always alike. */
export class VirtualTime {
  now = 0;
  /** Every sleep, in milliseconds, in the order in which they began. */
  readonly sleeps: number[] = [];
  readonly #sleepers = new Set<Sleeper>();

  readonly clock = (): number => this.now;

  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    await this.pass(ms, signal);
  };

  /** Time that something takes: a sleep that is not noted. */
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

  /** Lets time pass until the work is done. Throws where everybody waits for nothing. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined); // whoever awaits the work hears of it
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
