import { compact } from '../core/compact.ts';
import type { Code } from '../core/codes.ts';
import { problem, type Excerpt, type Problem } from '../core/diagnostic.ts';
import type { PlacedFinding, Span } from './finding.ts';

/** A line and a column, both from 1; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const LINES_BEFORE = 2;
const LINES_AFTER = 1;
const MAX_EXCERPT_LINE = 400;

/** A file's text. It computes the starts of lines on first use, because only problems need positions. */
export class Source {
  readonly file: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /**
   * Returns a problem at a position. Its end is limited to the first line, because a mark over many lines is
   * unreadable.
   */
  problem(code: Code, message: string, span: Span, hint?: string): Problem {
    const { line, column } = this.position(span.start);
    const end = Math.max(span.start, Math.min(span.end, this.#lineEnd(line)));
    const excerpt = this.#excerpt(line);
    return problem(code, message, {
      ...compact({ hint }),
      file: this.file,
      line,
      column,
      endLine: line,
      endColumn: column + (end - span.start),
      ...compact({ excerpt }),
    });
  }

  problemAt({ code, message, hint, span }: PlacedFinding): Problem {
    return this.problem(code, message, span, hint);
  }

  position(offset: number): Position {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  #starts(): readonly number[] {
    this.#lineStarts ??= [0, ...Array.from(this.text.matchAll(/\r\n?|\n/g), (end) => end.index + end[0].length)];
    return this.#lineStarts;
  }

  #excerpt(line: number): Excerpt | undefined {
    const first = Math.max(1, line - LINES_BEFORE);
    const last = Math.min(this.#lastLine(), line + LINES_AFTER);
    const lines = [];
    for (let at = first; at <= Math.max(line, last); at++) {
      const text = this.text.slice(this.#starts()[at - 1], this.#lineEnd(at));
      if (text.length > MAX_EXCERPT_LINE) return undefined;
      lines.push(text);
    }
    return { line: first, text: lines.join('\n') };
  }

  // Returns the number of the last line. Text after the last line break counts as a line only if it is not empty.
  #lastLine(): number {
    const starts = this.#starts();
    return starts.at(-1) === this.text.length ? starts.length - 1 : starts.length;
  }

  #lineEnd(line: number): number {
    let end = this.#starts()[line] ?? this.text.length;
    const start = this.#starts()[line - 1] ?? 0;
    while (end > start && /[\r\n]/.test(this.text[end - 1] ?? '')) end--;
    return end;
  }
}

/** Returns a function that converts increasing offsets to line numbers in a single pass. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (; at < offset; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10)) line++;
    }
    return line;
  };
}
