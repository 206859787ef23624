import { scalarText } from './scalar.ts';
import type { Collection, Comment, Document, Entry, TextNode, Scalar } from './tree.ts';

const STEP = 2;
/** Maximum length of a name before a colon. Some YAML readers reject a longer one, so it is written after a `?`. */
const MAX_NAME_LENGTH = 1000;

/** The lines written so far. If `tight` is set, no blank line may follow. */
interface Page {
  readonly lines: string[];
  tight: boolean;
}

/**
 * Returns documents as text in canonical spacing: two spaces, items indented below their name, lists of texts in
 * brackets, no folded lines.
 */
export function writeDocuments(documents: readonly Document[]): string {
  const page: Page = { lines: [], tight: true };
  for (const [index, document] of documents.entries()) {
    if (index > 0 && document.directives.length > 0) put(page, '...');
    writeComments(page, document.prelude, 0);
    for (const directive of document.directives) put(page, directive);
    if (document.marked || index > 0) {
      put(page, withComment('---', document.behindMarker));
      page.tight = true;
    }
    writeComments(page, document.head, 0);
    if (document.head.length > 0) blankLine(page, document.gap);
    page.tight = true;
    writeEntries(page, document.root, 0);
  }
  return `${page.lines.join('\n')}\n`;
}

/** Returns the lines of one entry, indented by `indent` spaces. */
export function entryLines(entry: Entry, indent: number): readonly string[] {
  const page: Page = { lines: [], tight: true };
  writeEntry(page, entry, indent);
  return page.lines;
}

/** Returns the lines of a collection's entries. */
export function collectionLines(collection: Collection, indent: number): readonly string[] {
  const page: Page = { lines: [], tight: true };
  writeEntries(page, collection, indent);
  return page.lines;
}

function writeEntries(page: Page, { entries, commentsBelow }: Collection, indent: number): void {
  for (const entry of entries) writeEntry(page, entry, indent);
  writeComments(page, commentsBelow, indent);
}

function writeEntry(page: Page, entry: Entry, indent: number): void {
  const { name, value, before, blank, behind } = withoutInnerHead(entry);
  const margin = ' '.repeat(indent);
  writeComments(page, before, indent);
  blankLine(page, blank);
  if (name === undefined && value.kind !== 'scalar' && !isFlow(value)) {
    writeItem(page, value, indent);
    return;
  }
  const head = margin + (name === undefined ? '-' : writeName(page, name, margin));
  if (value.kind === 'scalar') {
    writeScalar(page, value, { head, margin: margin + ' '.repeat(STEP), behind });
  } else if (isFlow(value, name?.value)) {
    put(page, withComment(`${head} ${flowText(value)}`, behind));
  } else {
    put(page, withComment(head, behind));
    page.tight = true;
    writeEntries(page, value, indent + STEP);
  }
}

// Moves comments above an item. An item that is a mapping begins on the line of its dash, so no comment fits between
// the dash and the mapping.
function withoutInnerHead(item: Entry): Entry {
  const { name, value, behind, before, blank } = item;
  if (name !== undefined || value.kind === 'scalar' || isFlow(value)) return item;
  const [first, ...rest] = value.entries;
  const inner = [...(behind === undefined ? [] : [behind]), ...(first?.before ?? [])];
  const [top, ...below] = inner.map((comment, index) => ({ ...comment, blank: index > 0 && comment.blank }));
  if (first === undefined || top === undefined) return item;
  return {
    ...item,
    before: [...before, { ...top, blank }, ...below],
    blank: false,
    behind: undefined,
    value: { ...value, entries: [{ ...first, before: [], blank: false }, ...rest] },
  };
}

function writeItem(page: Page, value: Collection, indent: number): void {
  const at = page.lines.length;
  page.tight = true;
  writeEntries(page, value, indent + STEP);
  page.lines[at] = `${' '.repeat(indent)}- ${(page.lines[at] ?? '').slice(indent + STEP)}`;
}

function writeName(page: Page, { style, source, value }: Scalar, margin: string): string {
  const name = style === 'block' || source.includes('\n') ? scalarText(value, { name: true }) : source;
  if (name.length <= MAX_NAME_LENGTH) return `${name}:`;
  put(page, `${margin}? ${name}`);
  return ':';
}

function writeScalar(
  page: Page,
  { style, source }: Scalar,
  { head, margin, behind }: { readonly head: string; readonly margin: string; readonly behind: Comment | undefined },
): void {
  const [first = '', ...more] = source.split('\n');
  const lines = [`${head} ${first}`, ...more.map((line) => (line === '' ? '' : margin + line))];
  const commented = style === 'block' ? 0 : lines.length - 1;
  for (const [index, line] of lines.entries()) put(page, index === commented ? withComment(line, behind) : line);
  // If the header is `|+`, a blank line below would become part of the text.
  page.tight = style === 'block' && first.includes('+');
}

/**
 * Reports whether a collection is written in brackets. Comments don't fit there, so a list with comments gets one line
 * per item.
 */
function isFlow(value: Collection, name?: string): boolean {
  const { kind, flow, entries, commentsBelow } = value;
  if (entries.length === 0) return true;
  if (kind === 'mapping' && !(flow && name === 'renamed_fields')) return false;
  return commentsBelow.length === 0 && entries.every(fitsFlow);
}

function fitsFlow({ value, before, behind }: Entry): boolean {
  return value.kind === 'scalar' && !value.source.includes('\n') && before.length === 0 && behind === undefined;
}

function flowText({ kind, flow, entries }: Collection): string {
  const inside = entries.map(({ name, value }) => {
    const item = flow ? sourceOf(value) : sourceInFlow(value);
    return name === undefined ? item : `${name.source}: ${item}`;
  });
  return kind === 'sequence' ? `[${inside.join(', ')}]` : `{${inside.join(', ')}}`;
}

function sourceOf(node: TextNode): string {
  return node.kind === 'scalar' ? node.source : flowText(node);
}

// Returns the text of a node inside brackets, where text that was plain on its own line may need quotes.
function sourceInFlow(node: TextNode): string {
  const isUnsafe = node.kind === 'scalar' && node.style === 'plain' && /[,[\]{}:?]/.test(node.source);
  return isUnsafe ? scalarText(node.value, { flow: true }) : sourceOf(node);
}

function writeComments(page: Page, comments: readonly Comment[], indent: number): void {
  for (const { text, blank } of comments) {
    blankLine(page, blank);
    put(page, ' '.repeat(indent) + text);
  }
}

/** Appends the comment to a line. It keeps its column if there is room, so that aligned comments stay aligned. */
function withComment(line: string, comment: Comment | undefined): string {
  return comment === undefined ? line : `${line.padEnd(comment.column - 1)} ${comment.text}`;
}

function put(page: Page, line: string): void {
  page.lines.push(line);
  page.tight = false;
}

/** Writes a blank line if one is wanted and may follow here. */
function blankLine(page: Page, isWanted: boolean): void {
  if (isWanted && !page.tight) put(page, '');
}
