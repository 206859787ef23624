/**
 * A process that dies at a chosen point, without a process: every port of the protocol is wrapped, so that each call has a point
 * before and one after it, by name. The chosen one never returns, as a killed process never does; what it did stays done.
 */
export class Crash {
  /** Points that were passed, in order, such as `state.intend:after`. */
  readonly passed: string[] = [];
  /** Resolves when the process is dead. */
  readonly died: Promise<'dead'>;
  #die!: () => void;
  #dead = false;
  readonly #at: number;

  /** `at` counts from 0; a point that is never reached kills nobody. */
  constructor(at: number) {
    this.#at = at;
    this.died = new Promise((resolve) => {
      this.#die = () => resolve('dead');
    });
  }

  /** The same port, with a point before and after each call of the methods named. */
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
    // Nothing that belongs to a dead process goes on.
    await new Promise(() => {});
  }
}
