import { endOf, type Collection, type Entry } from './tree.ts';
import { collectionLines, entryLines } from './write.ts';

/** Replaces the text from `start` to `end` with `text`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Written {
  /** The text, with `\n` in place of a lone carriage return. */
  readonly source: string;
  /** The line break of the file. */
  readonly lineBreak: string;
}

/**
 * Returns the edits that turn a collection in a text into its revised version: changed entries are rewritten, removed
 * ones disappear with the comments directly above them, and new ones get their own lines. Every other byte stays.
 * Returns undefined if the entries are not on lines of their own (inside brackets, or after a dash); then the whole
 * collection must be rewritten.
 */
export function patch(old: Collection, revised: Collection, written: Written): readonly Splice[] | undefined {
  const known = new Set(old.entries);
  const sources = revised.entries.map((each) => each.was ?? (known.has(each) ? each : undefined));
  const remaining = new Set(sources);
  const removed = old.entries.filter((each) => !remaining.has(each));
  const [first] = old.entries;
  if (old.flow || sources[0] === undefined || first === undefined) return undefined;
  if (removed.includes(first) && !isFirstOnLine(first.start, written)) return undefined;

  const splices = removed.map((entry) => removal(entry, old, written));
  let position = 0;
  for (const [index, entry] of revised.entries.entries()) {
    const was = sources[index];
    if (was === undefined) splices.push(insertion(entry, { position, column: old.column }, written));
    else position = lineEnd(endOf(was), written);
    if (was !== undefined && was !== entry) splices.push(...change(was, entry, old.column, written));
  }
  return splices;
}

/** Returns the edit that replaces the root collection of a document, including its comments. */
export function rewriteRoot(root: Collection, revised: Collection, written: Written): Splice {
  const { lineBreak } = written;
  const { start, column } = root;
  const isAlone = isFirstOnLine(start, written);
  const margin = isAlone ? column : 0;
  const text = collectionLines(revised, margin).join(lineBreak).slice(margin);
  // The range includes the blank lines below, which would otherwise become part of a block scalar at the end.
  const end = belowBlankLines(lineEnd(endOf(root), written), written);
  return { start, end, text: (isAlone ? '' : lineBreak) + text + lineBreak };
}

export function applySplices(text: string, splices: readonly Splice[]): string {
  let done = 0;
  let result = '';
  for (const { start, end, text: inserted } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(done, Math.max(done, start)) + inserted;
    done = Math.max(done, end);
  }
  return result + text.slice(done);
}

function change(was: Entry, entry: Entry, column: number, written: Written): readonly Splice[] {
  const inner =
    was.value.kind === 'scalar' || entry.value.kind === 'scalar' ? undefined : patch(was.value, entry.value, written);
  if (inner !== undefined) return inner;
  // Comments above the entry stay in place. A comment between its name and its value moves above the entry.
  const before = entry.before.filter(({ start }) => start > was.start);
  const lines = entryLines({ ...entry, before, blank: false }, column);
  return [{ start: was.start, end: endOf(was), text: lines.join(written.lineBreak).slice(column) }];
}

function insertion(
  entry: Entry,
  { position, column }: { readonly position: number; readonly column: number },
  { source, lineBreak }: Written,
): Splice {
  const text = entryLines(entry, column).join(lineBreak);
  const isAtLine = source[position - 1] === '\n';
  return { start: position, end: position, text: isAtLine ? text + lineBreak : lineBreak + text };
}

function removal(entry: Entry, within: Collection, written: Written): Splice {
  const above = entry.before.filter(({ start }) => start < entry.start);
  // The comments directly above the entry belong to it, up to the nearest blank line.
  const first = above.findLastIndex(({ blank }) => blank);
  const below = entry.blank ? [] : above.slice(Math.max(0, first));
  // A comment on the line of the parent's name (`? fields # …`) doesn't belong to the entry, so it stays.
  const own = below.filter(({ start }) =>
    isRemark(lineStart(start, written), lineStart(entry.start, written), written),
  );
  const previous = within.entries[within.entries.indexOf(entry) - 1];
  let start = lineStart(own[0]?.start ?? entry.start, written);
  let end = lineEnd(endOf(entry), written);
  if (previous === undefined) end = belowBlankLines(end, written);
  else if (own.length === above.length) start = aboveBlankLines(start, lineEnd(endOf(previous), written), written);
  return { start, end, text: '' };
}

function aboveBlankLines(start: number, floor: number, { source }: Written): number {
  const between = source.slice(floor, start);
  return floor + between.replace(/(?:^|(?<=\n))(?:[ \t]*\r?\n)+$/, '').length;
}

function belowBlankLines(end: number, { source }: Written): number {
  return end + (/^(?:[ \t]*\r?\n)*/.exec(source.slice(end))?.[0].length ?? 0);
}

/** Reports whether the range contains only comments and blank lines. */
function isRemark(start: number, end: number, { source }: Written): boolean {
  return /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*$/.test(source.slice(start, end));
}

function isFirstOnLine(offset: number, written: Written): boolean {
  return /^[ \t]*$/.test(written.source.slice(lineStart(offset, written), offset));
}

function lineStart(offset: number, { source }: Written): number {
  return source.lastIndexOf('\n', offset - 1) + 1;
}

/** Returns the offset after the line break that ends this line. */
function lineEnd(offset: number, { source }: Written): number {
  const at = source.indexOf('\n', offset);
  return at < 0 ? source.length : at + 1;
}
