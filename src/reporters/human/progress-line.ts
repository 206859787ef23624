import type { TerminalStyle, Sinks } from '../reporter.ts';
import { count, duration, type Style } from './style.ts';

/**
 * The bottom line of a terminal, which shows what is in progress. Without a terminal, only reasons to wait are printed.
 */
export interface ProgressLine {
  /** Sets the number of actions to apply. */
  expect(total: number): void;
  /** Shows what the run is doing, and how much of it is done. */
  doing(what: string, done?: number, total?: number): void;
  started(key: string): void;
  ended(key: string): void;
  waiting(reason: string, ms: number): void;
  /** Sets the remaining rate limit. */
  limit(reading: { readonly remaining: number; readonly limit: number; readonly resetsInMs: number }): void;
  /** Hides the line, calls `print`, and draws the line again below. */
  above(print: () => void): void;
  /** Removes the line until the next update, because the user is asked something or the run has ended. */
  rest(): void;
}

/** Without a terminal, the same reason to wait is printed again after this many milliseconds of waiting. */
const REPEAT_MS = 10_000;
/** Milliseconds between two redraws: short enough to look smooth, and long enough for a remote shell. */
const REDRAW_MS = 80;
/** Milliseconds before the line shows what the run is doing, so that short steps don't flicker. */
const DELAY_MS = 300;
const CLEAR = '\r\u001B[2K';
const FRAMES = { unicode: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], ascii: ['-', '\\', '|', '/'] };

export function openProgressLine(
  sinks: Pick<Sinks, 'err' | 'fit'>,
  terminal: TerminalStyle,
  style: Style,
  clock: () => number = () => performance.now(),
): ProgressLine {
  return new DrawnProgressLine(sinks, terminal, style, clock);
}

class DrawnProgressLine implements ProgressLine {
  readonly #sinks: Pick<Sinks, 'err' | 'fit'>;
  readonly #terminal: TerminalStyle;
  readonly #style: Style;
  readonly #clock: () => number;
  readonly #frames: readonly string[];
  readonly #running = new Set<string>();
  #frame = 0;
  #total = 0;
  #ended = 0;
  #part: { readonly what: string; readonly since: number; readonly amount: string } | undefined;
  #wait: { readonly reason: string; readonly until: number } | undefined;
  #rateLimit = '';
  /** The reason that was printed last, and the total milliseconds of later waits for it that were not printed. */
  #printed = { reason: '', ms: 0 };
  #timer: ReturnType<typeof setInterval> | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  constructor(sinks: Pick<Sinks, 'err' | 'fit'>, terminal: TerminalStyle, style: Style, clock: () => number) {
    this.#sinks = sinks;
    this.#terminal = terminal;
    this.#style = style;
    this.#clock = clock;
    this.#frames = terminal.unicode ? FRAMES.unicode : FRAMES.ascii;
  }

  expect(total: number): void {
    this.#total = total;
  }

  doing(what: string, done?: number, total?: number): void {
    const amount = done === undefined ? '' : `  ${count(done)}${total === undefined ? '' : ` of ${count(total)}`}`;
    this.#part = { what, since: this.#part?.what === what ? this.#part.since : this.#clock(), amount };
    this.#update();
  }

  started(key: string): void {
    this.#running.add(key);
    this.#update();
  }

  ended(key: string): void {
    this.#running.delete(key);
    this.#ended += 1;
    this.#wait = undefined;
  }

  waiting(reason: string, ms: number): void {
    const { live, quiet } = this.#terminal;
    this.#wait = { reason, until: this.#clock() + ms };
    this.#update();
    if (live || quiet) return;
    const isRepeated = this.#printed.reason === reason;
    const waited = isRepeated ? this.#printed.ms + ms : 0;
    const isDue = !isRepeated || waited >= REPEAT_MS;
    if (isDue) this.#sinks.err(`${this.#style.dim(`waiting: ${reason}, ${duration(ms)}`)}\n`);
    this.#printed = { reason, ms: isDue ? 0 : waited };
  }

  limit({ remaining, limit, resetsInMs }: Parameters<ProgressLine['limit']>[0]): void {
    this.#rateLimit = ` rate limit ${remaining}/${limit}, resets in ${duration(resetsInMs)}`;
  }

  above(print: () => void): void {
    const wasDrawn = this.#isDrawn;
    this.#clear();
    print();
    if (wasDrawn) this.#draw();
  }

  rest(): void {
    this.#clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#part = undefined;
    this.#wait = undefined;
  }

  #text(now: number): string | undefined {
    const wait =
      this.#wait === undefined || this.#wait.until <= now
        ? ''
        : `${this.#wait.reason}, ${duration(this.#wait.until - now)}`;
    if (this.#running.size > 0 || (this.#total > 0 && this.#ended > 0)) {
      const keys = [...this.#running].slice(0, 3);
      return [`${this.#ended}/${this.#total}`, ...keys, wait === '' ? this.#rateLimit : ` ${wait}`].join('  ');
    }
    if (wait !== '') return `waiting: ${wait}`;
    if (this.#part === undefined || now - this.#part.since < DELAY_MS) return undefined;
    return `${this.#part.what}${this.#part.amount}`;
  }

  #clear(): void {
    if (this.#isDrawn) this.#sinks.err(CLEAR);
    this.#isDrawn = false;
  }

  #draw(): void {
    const now = this.#clock();
    const text = this.#text(now);
    if (text === undefined) return this.#clear();
    this.#frame = (this.#frame + 1) % this.#frames.length;
    this.#drawnAt = now;
    this.#isDrawn = true;
    const line = `${this.#frames[this.#frame] ?? ''} ${text}`;
    this.#sinks.err(`${CLEAR}${this.#style.dim(this.#sinks.fit?.(line) ?? line)}`);
  }

  /**
   * Starts redrawing on a timer. Also draws now if a redraw is overdue, because synchronous work such as reading files
   * blocks timers.
   */
  #update(): void {
    const { live, quiet } = this.#terminal;
    if (!live || quiet) return;
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
      this.#timer.unref();
    } else if (this.#clock() - this.#drawnAt >= REDRAW_MS) this.#draw();
  }
}
