import type { Look } from './reporter.ts';
import { duration, type Style } from './style.ts';

/** The one line at the bottom of a terminal that says what is under way. Off a terminal it is silent but for waits. */
export interface Footer {
  expect(total: number): void;
  started(key: string): void;
  ended(key: string): void;
  waiting(reason: string, ms: number): void;
  /** How much is left of the rate limit. */
  limit(reading: { readonly remaining: number; readonly limit: number; readonly resetsInMs: number }): void;
  /** Runs `print` with the line out of the way, and draws it again below. */
  above(print: () => void): void;
  close(): void;
}

/** Off a terminal the same reason is told again only after so much more waiting, in milliseconds. */
const TOLD_AGAIN_MS = 10_000;
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
  let left = '';
  let told = { reason: '', ms: 0 };
  let timer: ReturnType<typeof setInterval> | undefined;

  const draw = (): void => {
    turn += 1;
    const text = `${frames[turn % frames.length] ?? ''} ${ended}/${total}  ${[...running].slice(0, 3).join('  ')}${wait === '' ? left : `   ${wait}`}`;
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
    waiting: (reason, ms) => {
      wait = `${reason}, ${duration(ms)}`;
      if (live || quiet) return;
      const again = told.reason === reason ? told.ms + ms : 0;
      if (told.reason !== reason || again >= TOLD_AGAIN_MS) {
        err(`${style.dim(`waiting: ${wait}`)}\n`);
        told = { reason, ms: 0 };
      } else told = { reason, ms: again };
    },
    limit: ({ remaining, limit, resetsInMs }) => {
      left = `   rate limit ${remaining}/${limit}, resets in ${duration(resetsInMs)}`;
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
