import { stripVTControlCharacters } from 'node:util';
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Returns the start of a text that fits into the columns of a terminal. A wide character takes two. */
export function truncated(text: string, columns: number): string {
  if (isWithin(text, columns)) return text;
  const cut = sliceAnsi(text, 0, Math.max(0, columns));
  // slice-ansi may keep a wide last character that takes one column too many.
  return isWithin(cut, columns) ? cut : sliceAnsi(text, 0, columns - 1);
}

/** The additional indent of continuation lines, in columns. */
const EXTRA_INDENT = 2;
/** Text is not wrapped if fewer columns than this remain after the indent. */
const MIN_ROOM = 20;

/**
 * Wraps lines that are wider than the terminal: at gaps between columns if possible, otherwise between words. Indents
 * the continuation. The terminal itself would break lines within words. Words wider than the terminal stay whole, so
 * that a path can be copied.
 */
export function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (isWithin(line, columns) ? line : wrapLine(line, columns)))
    .join('\n');
}

/** Matches a line of a code frame. Such a line is not wrapped, because its columns must stay aligned. */
const FRAME = /^ *>? *\d* \| /;
/** Matches a time or another short first column. Continuation lines are indented to the second column. */
const FIRST_COLUMN = /^ *\S{1,10} {2,}(?=\S)/;

function wrapLine(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  if (FRAME.test(plain)) return line;
  const secondColumn = FIRST_COLUMN.exec(plain)?.[0].length;
  const indent = /^ */.exec(plain)?.[0].length ?? 0;
  const hanging = secondColumn ?? indent + EXTRA_INDENT;
  const room = columns - hanging;
  if (room < MIN_ROOM) return line;
  const start = secondColumn ?? indent;
  const [first = '', ...rest] = atGaps(sliceAnsi(line, start), room).flatMap((part) =>
    isWithin(part, room) ? [part] : wrapAnsi(part, room, { hard: false, trim: true }).split('\n'),
  );
  return [sliceAnsi(line, 0, start) + first, ...rest.map((part) => ' '.repeat(hanging) + part)].join('\n');
}

/** Splits a text at gaps of two or more spaces, and returns lines with as many of these parts as fit. */
function atGaps(text: string, room: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const [, gap = '', part = ''] of text.matchAll(/( {2,}|^)((?:(?! {2}).)+)/g)) {
    const longer = line + gap + part;
    if (line === '' || isWithin(longer, room)) line = longer;
    else {
      lines.push(line);
      line = part;
    }
  }
  return [...lines, line];
}

function isWithin(line: string, columns: number): boolean {
  return stringWidth(line) <= columns;
}
