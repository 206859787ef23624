import { stripVTControlCharacters } from 'node:util';
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** As much of a text as fits into so many columns of a terminal; a wide letter takes two. */
export function truncated(text: string, columns: number): string {
  if (isWithin(text, columns)) return text;
  const cut = sliceAnsi(text, 0, Math.max(0, columns));
  // A wide letter at the edge would be half in and half out.
  return isWithin(cut, columns) ? cut : sliceAnsi(text, 0, columns - 1);
}

/** Where a line that had to be broken goes on: so much further in than it began. */
const FURTHER = 2;
/** Narrower than this there is no room to keep what hangs together together. */
const LEAST_ROOM = 20;

/**
 * Lines that are wider than the terminal are broken where they have a gap, or else between words, and go on below their own
 * beginning; the terminal would break them within a word and go on at its edge. A word that is wider itself is left to the
 * terminal, so that a path can be copied.
 */
export function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (isWithin(line, columns) ? line : wrapLine(line, columns)))
    .join('\n');
}

/** A line of a code frame: its columns mean something. */
const FRAME = /^ *>? *\d* \| /;
/** A time, or another short first column: the line goes on below the second one. */
const BESIDE = /^ *\S{1,10} {2,}(?=\S)/;

function wrapLine(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  if (FRAME.test(plain)) return line;
  const beside = BESIDE.exec(plain)?.[0].length;
  const indent = /^ */.exec(plain)?.[0].length ?? 0;
  const hanging = beside ?? indent + FURTHER;
  const room = columns - hanging;
  if (room < LEAST_ROOM) return line;
  const kept = beside ?? indent;
  const [first = '', ...rest] = atGaps(sliceAnsi(line, kept), room).flatMap((part) =>
    isWithin(part, room) ? [part] : wrapAnsi(part, room, { hard: false, trim: true }).split('\n'),
  );
  return [sliceAnsi(line, 0, kept) + first, ...rest.map((part) => ' '.repeat(hanging) + part)].join('\n');
}

/** What stands apart by two spaces or more, as many of them in a line as there is room for. */
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
