import { createInterface } from 'node:readline';
import type { Runtime } from './runtime.ts';

/** Asks on stderr, so that stdout stays the answer. Only y and yes are a yes; an end of input and a signal are a no. */
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
