import type { TerminalStyle, Sinks } from '../reporter.ts';
import { count, duration, type Style } from './style.ts';

/** The one line at the bottom of a terminal that says what is under way. Off a terminal it is silent but for waits. */
export interface ProgressLine {
  /** So many actions are to be carried out. */
  expect(total: number): void;
  /** A part of the run that may take long, and how far it has come. */
  doing(what: string, done?: number, total?: number): void;
  started(key: string): void;
  ended(key: string): void;
  waiting(reason: string, ms: number): void;
  /** How much is left of the rate limit. */
  limit(reading: { readonly remaining: number; readonly limit: number; readonly resetsInMs: number }): void;
  /** Runs `print` with the line out of the way, and draws it again below. */
  above(print: () => void): void;
  /** Nothing is under way until something more is told: somebody is asked, or the run has ended. */
  rest(): void;
}

/** Off a terminal the same reason is told again only after so much more waiting, in milliseconds. */
const TOLD_AGAIN_MS = 10_000;
/** Between two drawings, in milliseconds: fast enough to look alive, slow enough for a remote shell. */
const REDRAW_MS = 80;
/** What is done sooner is not worth a line, in milliseconds. */
const QUIET_MS = 300;
const CLEAR = '\r\u001B[2K';
const FRAMES = { unicode: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], ascii: ['-', '\\', '|', '/'] };

export function openProgressLine(
  { err, fit = (line) => line }: Pick<Sinks, 'err' | 'fit'>,
  { live, quiet, unicode }: TerminalStyle,
  style: Style,
  clock: () => number = () => performance.now(),
): ProgressLine {
  const frames = unicode ? FRAMES.unicode : FRAMES.ascii;
  const running = new Set<string>();
  let total = 0;
  let ended = 0;
  let turn = 0;
  let part: { readonly what: string; readonly since: number; readonly far: string } | undefined;
  let wait: { readonly reason: string; readonly until: number } | undefined;
  let left = '';
  let told = { reason: '', ms: 0 };
  let timer: ReturnType<typeof setInterval> | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;

  const text = (now: number): string | undefined => {
    const held = wait === undefined || wait.until <= now ? '' : `${wait.reason}, ${duration(wait.until - now)}`;
    if (running.size > 0 || (total > 0 && ended > 0))
      return [`${ended}/${total}`, ...[...running].slice(0, 3), held === '' ? left : ` ${held}`].join('  ');
    if (held !== '') return `waiting: ${held}`;
    return part === undefined || now - part.since < QUIET_MS ? undefined : `${part.what}${part.far}`;
  };

  const clear = (): void => {
    if (isDrawn) err(CLEAR);
    isDrawn = false;
  };

  const draw = (): void => {
    const now = clock();
    const line = text(now);
    if (line === undefined) return clear();
    turn += 1;
    drawnAt = now;
    isDrawn = true;
    err(`${CLEAR}${style.dim(fit(`${frames[turn % frames.length] ?? ''} ${line}`))}`);
  };

  /** What is done in one breath, such as reading files, lets no timer through: then it is drawn as it is told. */
  const keepDrawing = (): void => {
    if (!live || quiet) return;
    if (timer === undefined) {
      timer = setInterval(draw, REDRAW_MS);
      timer.unref();
    } else if (clock() - drawnAt >= REDRAW_MS) draw();
  };

  return {
    expect: (all) => {
      total = all;
    },
    doing: (what, done, all) => {
      const far = done === undefined ? '' : `  ${count(done)}${all === undefined ? '' : ` of ${count(all)}`}`;
      part = { what, since: part?.what === what ? part.since : clock(), far };
      keepDrawing();
    },
    started: (key) => {
      running.add(key);
      keepDrawing();
    },
    ended: (key) => {
      running.delete(key);
      ended += 1;
      wait = undefined;
    },
    waiting: (reason, ms) => {
      wait = { reason, until: clock() + ms };
      keepDrawing();
      if (live || quiet) return;
      const again = told.reason === reason ? told.ms + ms : 0;
      if (told.reason !== reason || again >= TOLD_AGAIN_MS) {
        err(`${style.dim(`waiting: ${reason}, ${duration(ms)}`)}\n`);
        told = { reason, ms: 0 };
      } else told = { reason, ms: again };
    },
    limit: ({ remaining, limit, resetsInMs }) => {
      left = ` rate limit ${remaining}/${limit}, resets in ${duration(resetsInMs)}`;
    },
    above: (print) => {
      const wasDrawn = isDrawn;
      clear();
      print();
      if (wasDrawn) draw();
    },
    rest: () => {
      clear();
      clearInterval(timer);
      timer = undefined;
      [part, wait] = [undefined, undefined];
    },
  };
}
