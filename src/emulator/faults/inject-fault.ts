import { withBody, type EmulatorResponse } from '../response.ts';
import type { Fault } from './fault.ts';

/** Runs the operation of a request now, later or never, as its fault says. Returns the response for the client. */
export async function injectFault(
  fault: Fault,
  work: () => Promise<EmulatorResponse>,
  later: Later,
): Promise<EmulatorResponse> {
  const { done, shows } = fault;
  if (typeof done === 'object') later.in(done.afterMs, work);
  const right = done === 'now' ? await work() : NO_ANSWER;
  const answer = { ...right, ...shows, headers: { ...right.headers, ...shows.headers } };
  return answer.body === undefined ? answer : { ...answer, status: withBody(answer.status) };
}

const NO_ANSWER: EmulatorResponse = { status: 0 };

/** The operations that faults delay. Operations that are still pending when the emulator closes never run. */
export class Later {
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  get pending(): number {
    return this.#timers.size;
  }

  in(ms: number, work: () => Promise<unknown>): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void work();
    }, ms).unref();
    this.#timers.add(timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
