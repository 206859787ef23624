import { CST, Parser } from 'yaml';
import { attachComments } from './attach.ts';
import type { Collection, Comment, Document, Entry, Node, Scalar } from './tree.ts';

/**
 * The documents of a text, comments included. Only for text that `loadManifest` accepts: `yaml` aborts the process over
 * text that nests deeply. Undefined where a document has a shape that no manifest has.
 *
 * `yaml` gives the tokens; its own tree of nodes would move comments about (one behind `fields:` goes to the next line).
 */
export function readDocuments(text: string): readonly Document[] | undefined {
  // To `yaml` a lone carriage return is no line break.
  const source = text.replace(/\r(?!\n)/g, '\n');
  const page: Page = { source, blocks: [] };
  const documents: Document[] = [];
  let loose: Comment[] = [];
  let directives: string[] = [];
  for (const token of new Parser().parse(source)) {
    if (token.type === 'error') return undefined;
    if (token.type === 'directive') directives.push(token.source);
    if (token.type === 'comment') loose.push(commentAt(token, page));
    if (token.type === 'doc-end') loose.push(...commentsIn(token.end, page));
    if (token.type !== 'document') continue;
    const document = readDocument(token, page, { loose, directives });
    if (document === undefined) return undefined;
    documents.push(document);
    loose = [];
    directives = [];
  }
  documents.at(-1)?.root.feet.push(...loose);
  return documents;
}

interface Page {
  readonly source: string;
  /** Where blocks (`|`) stand: a blank line inside of one is text. */
  readonly blocks: Scalar[];
}

interface Above {
  /** Comments between the document before and this one. */
  readonly loose: readonly Comment[];
  readonly directives: readonly string[];
}

function readDocument(token: CST.Document, page: Page, { loose, directives }: Above): Document | undefined {
  const root = readNode(token.value, page);
  if (root?.kind !== 'mapping' || root.entries.length === 0) return undefined;
  const marker = token.start.find(({ type }) => type === 'doc-start');
  const all = [...loose, ...allComments(token, page)];
  const above = marker === undefined ? [] : all.filter(({ start }) => start < marker.offset);
  const behindMarker = all.find(({ own, start }) => marker !== undefined && !own && start < root.start);
  const within = all.filter((comment) => !above.includes(comment) && comment !== behindMarker);
  attachComments(within, root);
  const [first, ...rest] = root.entries;
  if (first === undefined) return undefined;
  return {
    directives,
    prelude: above,
    marked: marker !== undefined,
    behindMarker,
    head: first.before,
    gap: first.blank,
    root: { ...root, entries: [{ ...first, before: [], blank: false }, ...rest] },
  };
}

type Item = CST.BlockMap['items'][number] | CST.BlockSequence['items'][number] | CST.CollectionItem;

function readNode(token: CST.Token | null | undefined, page: Page): Node | undefined {
  switch (token?.type) {
    case 'scalar':
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
    case 'block-scalar':
      return readScalar(token, page);
    case 'block-map':
      return readCollection(token, 'mapping', page);
    case 'block-seq':
      return readCollection(token, 'sequence', page);
    case 'flow-collection':
      return readCollection(token, token.start.type === 'flow-map-start' ? 'mapping' : 'sequence', page);
    default:
      return undefined;
  }
}

function readCollection(
  token: CST.BlockMap | CST.BlockSequence | CST.FlowCollection,
  kind: Collection['kind'],
  page: Page,
): Collection | undefined {
  const flow = token.type === 'flow-collection';
  const entries: Entry[] = [];
  for (const item of token.items) {
    if (isDangling(item)) continue;
    const entry = kind === 'mapping' ? readPair(item, page) : readItem(item, flow, page);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  const start = flow ? token.start.offset : (entries[0]?.start ?? token.offset);
  const closing = flow ? token.end.find(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end') : undefined;
  if (flow && closing === undefined) return undefined;
  const end = closing === undefined ? (entries.at(-1)?.value.end ?? start) : closing.offset + 1;
  return { kind, flow, entries, feet: [], start, end, column: columnOf(start, page.source) };
}

// Where a comment or a comma ends a collection, an item stands there without a value.
function isDangling({ start, key, value }: Item): boolean {
  return key === undefined && value === undefined && !start.some(({ type }) => type === 'seq-item-ind');
}

function readPair({ start, key, sep, value }: Item, page: Page): Entry | undefined {
  const name = readNode(key, page);
  const node = readNode(value, page);
  if (name?.kind !== 'scalar' || node === undefined || hasProperties(start, sep)) return undefined;
  const mark = start.find(({ type }) => type === 'explicit-key-ind');
  return entryAt(mark?.offset ?? name.start, name, node, page);
}

function readItem({ start, key, value }: Item, flow: boolean, page: Page): Entry | undefined {
  const node = readNode(value, page);
  const dash = start.find(({ type }) => type === 'seq-item-ind');
  if (node === undefined || key !== undefined || hasProperties(start) || (dash === undefined && !flow))
    return undefined;
  return entryAt(dash?.offset ?? node.start, undefined, node, page);
}

function hasProperties(...parts: readonly (readonly CST.SourceToken[] | undefined)[]): boolean {
  return parts.flatMap((part) => part ?? []).some(({ type }) => type === 'anchor' || type === 'tag');
}

function entryAt(start: number, name: Scalar | undefined, value: Node, page: Page): Entry {
  return { name, value, before: [], blank: isBelowBlank(start, page), behind: undefined, start };
}

function readScalar(token: CST.FlowScalar | CST.BlockScalar, page: Page): Scalar | undefined {
  const resolved = CST.resolveAsScalar(token, false, () => {});
  if (resolved === null) return undefined;
  const { value } = resolved;
  if (token.type === 'block-scalar') {
    const block = readBlock(token, value);
    if (block !== undefined) page.blocks.push(block);
    return block;
  }
  const style = token.type === 'scalar' ? 'plain' : token.type === 'single-quoted-scalar' ? 'single' : 'double';
  const [first = '', ...more] = token.source.split(/\r?\n/);
  const lines = [first, ...more.map((line) => line.replace(/^[ \t]+/, ''))];
  const { offset: start } = token;
  return { kind: 'scalar', style, source: lines.join('\n'), value, start, end: start + token.source.length };
}

function readBlock(token: CST.BlockScalar, value: string): Scalar | undefined {
  const header = token.props.find(({ type }) => type === 'block-scalar-header');
  const lineBreak = token.props.at(-1);
  if (header === undefined || lineBreak === undefined || !('source' in header && 'source' in lineBreak))
    return undefined;
  const digit = /\d/.exec(header.source)?.[0];
  const lines = withoutMargin(
    token.source.split(/\r?\n/),
    digit === undefined ? undefined : token.indent + Number(digit),
  );
  const keeps = header.source.includes('+');
  const last = keeps ? lines.length - 1 : lines.findLastIndex((line) => line !== '');
  const below = lineBreak.offset + lineBreak.source.length;
  const written = token.source
    .split('\n')
    .slice(0, last + 1)
    .join('\n');
  return {
    kind: 'scalar',
    style: 'block',
    // The digit counts from the margin of its parent, which is always two spaces less.
    source: [digit === undefined ? header.source : header.source.replace(digit, '2'), ...lines.slice(0, last + 1)].join(
      '\n',
    ),
    value,
    start: header.offset,
    end: last < 0 ? header.offset + header.source.length : below + written.length,
  };
}

/** The lines of a block without the indentation that is not theirs. */
function withoutMargin(lines: readonly string[], given: number | undefined): readonly string[] {
  const margin = given ?? /^ */.exec(lines.find((line) => /[^ ]/.test(line)) ?? '')?.[0].length ?? 0;
  const own = lines.map((line) => (/^ *$/.test(line) && line.length <= margin ? '' : line.slice(margin)));
  // What follows the last line break is a line only if it holds something.
  return own.at(-1) === '' ? own.slice(0, -1) : own;
}

/** Every comment of a document, in order. */
function allComments(token: CST.Document, page: Page): readonly Comment[] {
  const found: Comment[] = [...commentsIn(token.start, page)];
  visit(token.value);
  found.push(...commentsIn(token.end, page));
  return found.sort((a, b) => a.start - b.start);

  function visit(node: CST.Token | null | undefined): void {
    if (node === null || node === undefined) return;
    if ('props' in node) found.push(...commentsIn(node.props, page));
    if ('items' in node) for (const item of node.items) visitItem(item);
    if ('end' in node) found.push(...commentsIn(node.end, page));
  }

  function visitItem({ start, key, sep, value }: Item): void {
    found.push(...commentsIn(start, page));
    visit(key);
    found.push(...commentsIn(sep, page));
    visit(value);
  }
}

function commentsIn(tokens: readonly CST.Token[] | undefined, page: Page): readonly Comment[] {
  return (tokens ?? []).flatMap((token) => (token.type === 'comment' ? [commentAt(token, page)] : []));
}

function commentAt({ offset: start, source: text }: CST.SourceToken, page: Page): Comment {
  const { source } = page;
  const column = columnOf(start, source);
  const own = /^[ \t\uFEFF]*$/.test(source.slice(start - column, start));
  return { text: text.replace(/[ \t\r]+$/, ''), start, column, own, blank: own && isBelowBlank(start, page) };
}

function columnOf(offset: number, source: string): number {
  return offset - (source.lastIndexOf('\n', offset - 1) + 1);
}

/** Whether the line above is blank. */
function isBelowBlank(offset: number, { source, blocks }: Page): boolean {
  const lineStart = offset - columnOf(offset, source);
  if (lineStart === 0) return false;
  const above = lineStart - 1 - columnOf(lineStart - 1, source);
  if (!/^[ \t\r]*$/.test(source.slice(above, lineStart - 1))) return false;
  return !blocks.some(({ start, end }) => start < above && above <= end);
}
