import type { TerminalStyle, Sinks } from '../reporter.ts';
import { duration, type Style } from '../human/style.ts';
import { clockText, countdown } from './text.ts';

/** The content of the bottom line. Unknown members are left out. */
export interface FooterState {
  readonly manifests: number;
  readonly plannedAt?: number;
  /** Milliseconds since the epoch at which the next drift check is due. */
  readonly dueAt?: number;
  readonly limit?: { readonly remaining: number; readonly limit: number };
  /** Keys of the actions in flight. */
  readonly running: readonly string[];
  readonly wait?: { readonly reason: string; readonly ms: number };
  /** The question that waits for an answer. */
  readonly question?: string;
}

export interface WatchFooter {
  /** Hides the line, calls `print`, and draws the line again below. */
  above(print: () => void): void;
  redraw(): void;
  /** Returns whether a text fits into the line. */
  fits(text: string): boolean;
  close(): void;
}

/** Milliseconds between two redraws. The line is redrawn every second, because its countdown shows seconds. */
const REDRAW_MS = 1_000;
const CLEAR = '\r\u001B[2K';

/** Opens the bottom line, which is redrawn every second. Without a terminal, no line is shown. */
export function openWatchFooter(
  { err, fit = (line) => line }: Pick<Sinks, 'err' | 'fit'>,
  state: () => FooterState,
  { terminal, style, now }: { readonly terminal: TerminalStyle; readonly style: Style; readonly now: () => number },
): WatchFooter {
  if (!terminal.live || terminal.quiet)
    return { above: (print) => print(), redraw: () => {}, fits: () => false, close: () => {} };
  const frames = terminal.unicode ? ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] : ['-', '\\', '|', '/'];
  let turn = 0;
  const draw = (): void => {
    const text = footerText(state(), now(), terminal.unicode ? ' · ' : ', ', terminal.width - 3);
    err(`${CLEAR}${style.dim(fit(`${frames[turn % frames.length] ?? ''} ${text}`))}`);
  };
  const timer = setInterval(() => {
    turn += 1;
    draw();
  }, REDRAW_MS);
  timer.unref();
  return {
    above: (print) => {
      err(CLEAR);
      print();
      draw();
    },
    redraw: draw,
    // The spinner and a space take two columns, and the last column stays empty.
    fits: (text) => text.length + 3 <= terminal.width,
    close: () => {
      clearInterval(timer);
      err(CLEAR);
    },
  };
}

export function footerText(
  { manifests, plannedAt, dueAt, limit, running, wait, question }: FooterState,
  now: number,
  between: string,
  width: number,
): string {
  if (question !== undefined) return question;
  if (running.length > 0) return ['applying', ...running.slice(0, 3)].join('  ');
  const parts = [
    `watching ${manifests === 1 ? '1 file' : `${manifests} files`}`,
    ...(plannedAt === undefined ? [] : [`last plan ${clockText(plannedAt)}`]),
    ...(wait === undefined ? [] : [`${wait.reason}, ${duration(wait.ms)}`]),
    ...(dueAt === undefined ? [] : [`next drift check in ${countdown(dueAt - now)}`]),
    ...(limit === undefined ? [] : [`rate limit ${limit.remaining}/${limit.limit}`]),
  ];
  // Parts that don't fit are left out, because a truncated part is misleading.
  while (parts.length > 1 && parts.join(between).length > width) parts.pop();
  return parts.join(between);
}
