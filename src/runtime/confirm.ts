import { createInterface } from 'node:readline';
import type { Runtime } from './runtime.ts';

/**
 * Asks the question on stderr, because stdout holds only the result. Returns true for `y` and `yes`; false for anything
 * else, the end of input, or a signal.
 */
export async function ask(question: string, { stdin, stderr, interrupts }: Runtime): Promise<boolean> {
  stderr.write(question);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
      interrupts.stop.addEventListener('abort', () => resolve(''), { once: true });
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
