import process from 'node:process';
import type { Runtime } from '../../runtime/runtime.ts';

/** Ctrl-C, which a terminal in raw mode sends as a character instead of a signal. */
const INTERRUPT = '\u0003';
const SUSPEND = '\u001A';

/**
 * Puts the terminal into raw mode and calls `onKey` for every key. Returns a function that stops listening and
 * restores the terminal.
 */
export function listenForKeypresses({ stdin }: Pick<Runtime, 'stdin'>, onKey: (key: string) => void): () => void {
  const raw = (on: boolean): void => void stdin.setRawMode?.(on);
  const resume = (): void => raw(true);
  const hear = (typed: string): void => {
    for (const key of typed) {
      if (key === INTERRUPT) process.kill(process.pid, 'SIGINT');
      else if (key === SUSPEND) {
        raw(false);
        process.kill(process.pid, 'SIGTSTP');
      } else onKey(key);
    }
  };
  stdin.setEncoding('utf8');
  stdin.on('data', hear);
  process.on('SIGCONT', resume);
  resume();
  return () => {
    process.off('SIGCONT', resume);
    stdin.off('data', hear);
    raw(false);
    stdin.pause();
  };
}
