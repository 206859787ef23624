/**
 * Simulates a process that dies at a chosen point, without starting one. Every port of the protocol is wrapped so
 * that each call has a named point before and after it. The call at the chosen point never returns, as in a killed
 * process, and its effects persist.
 */
export class Crash {
  /** The points that were passed, in order, such as `state.intend:after`. */
  readonly passed: string[] = [];
  /** Resolves when the simulated process is dead. */
  readonly died: Promise<'dead'>;
  #die!: () => void;
  #dead = false;
  readonly #at: number;

  /** `at` counts from 0. If the point is never reached, no crash happens. */
  constructor(at: number) {
    this.#at = at;
    this.died = new Promise((resolve) => {
      this.#die = () => resolve('dead');
    });
  }

  /** Returns the same port with a point before and after each call of the named methods. */
  wrap<T extends object>(port: T, name: string, methods: readonly (keyof T & string)[]): T {
    const wrapped = { ...port };
    for (const method of methods) {
      const call = port[method] as (...args: unknown[]) => Promise<unknown>;
      Object.assign(wrapped, {
        [method]: async (...args: unknown[]) => {
          await this.#pass(`${name}.${method}:before`);
          const result = await call.apply(port, args);
          await this.#pass(`${name}.${method}:after`);
          return result;
        },
      });
    }
    return wrapped;
  }

  async #pass(point: string): Promise<void> {
    if (!this.#dead) {
      this.passed.push(point);
      if (this.passed.length - 1 !== this.#at) return;
      this.#dead = true;
      this.#die();
    }
    // Calls that belong to a dead process never continue.
    await new Promise(() => {});
  }
}
