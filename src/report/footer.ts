import type { Look } from './reporter.ts';
import type { Style } from './style.ts';

/** The one line at the bottom of a terminal that says what is under way. Off a terminal it is silent but for waits. */
export interface Footer {
  expect(total: number): void;
  started(key: string): void;
  ended(key: string): void;
  waiting(what: string): void;
  /** Runs `print` with the line out of the way, and draws it again below. */
  above(print: () => void): void;
  close(): void;
}

/** Between two drawings, in milliseconds: fast enough to look alive, slow enough for a remote shell. */
const REDRAW_MS = 80;
const CLEAR = '\r\u001B[2K';

export function openFooter(err: (text: string) => void, { live, quiet, width, unicode }: Look, style: Style): Footer {
  const running = new Set<string>();
  const frames = unicode ? ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] : ['-', '\\', '|', '/'];
  let total = 0;
  let ended = 0;
  let turn = 0;
  let wait = '';
  let timer: ReturnType<typeof setInterval> | undefined;

  const draw = (): void => {
    turn += 1;
    const text = `${frames[turn % frames.length] ?? ''} ${ended}/${total}  ${[...running].slice(0, 3).join('  ')}${wait === '' ? '' : `   ${wait}`}`;
    err(`${CLEAR}${style.dim(text.slice(0, width - 1))}`);
  };
  const clear = (): void => {
    if (timer !== undefined) err(CLEAR);
  };

  return {
    expect: (count) => {
      total = count;
    },
    started: (key) => {
      running.add(key);
      if (!live || quiet || timer !== undefined) return;
      timer = setInterval(draw, REDRAW_MS);
      timer.unref();
    },
    ended: (key) => {
      running.delete(key);
      ended += 1;
      wait = '';
    },
    waiting: (what) => {
      wait = what;
      if (!live && !quiet) err(`${style.dim(`waiting: ${what}`)}\n`);
    },
    above: (print) => {
      clear();
      print();
      if (timer !== undefined) draw();
    },
    close: () => {
      clear();
      clearInterval(timer);
      timer = undefined;
    },
  };
}
