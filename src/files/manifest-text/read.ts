import { Parser, type CST } from 'yaml';
import { attachComments } from './attach.ts';
import { allComments, columnOf, commentAt, commentsIn, isBelowBlank, type CommentSource } from './comments.ts';
import { readScalar } from './read-scalar.ts';
import type { Collection, Comment, Document, Entry, TextNode, Scalar } from './tree.ts';

/**
 * Parses the documents of a text, with their comments. The text must be one that `loadManifest` accepts, because
 * `yaml` aborts the process on deeply nested text. Returns undefined if a document has a shape that no manifest has.
 *
 * Uses `yaml` only for tokens; its own node tree would move comments (a comment after `fields:` to the next line).
 */
export function readDocuments(text: string): readonly Document[] | undefined {
  // `yaml` doesn't treat a lone carriage return as a line break.
  const source = text.replace(/\r(?!\n)/g, '\n');
  const page: CommentSource = { source, blocks: [] };
  const documents: Document[] = [];
  let loose: Comment[] = [];
  let directives: string[] = [];
  for (const token of new Parser().parse(source)) {
    if (token.type === 'error') return undefined;
    if (token.type === 'directive') directives.push(token.source);
    if (token.type === 'comment') loose.push(commentAt(token, page));
    if (token.type === 'doc-end') {
      // A comment above `...` belongs to the previous document, even if a directive follows.
      documents.at(-1)?.root.commentsBelow.push(...loose);
      loose = [...(documents.length === 0 ? loose : []), ...commentsIn(token.end, page)];
    }
    if (token.type !== 'document') continue;
    if (isNone(token)) {
      loose.push(...allComments(token, page));
      continue;
    }
    const document = readDocument(token, page, { loose, directives });
    if (document === undefined) return undefined;
    // If only comments are above a `---`, they belong to the previous document.
    const before = directives.length === 0 ? documents.at(-1) : undefined;
    before?.root.commentsBelow.push(...document.prelude);
    documents.push(before === undefined ? document : { ...document, prelude: [] });
    loose = [];
    directives = [];
  }
  documents.at(-1)?.root.commentsBelow.push(...loose);
  return documents;
}

// Reports whether a document is not in the text: `yaml` adds an empty document between two `...` lines.
function isNone({ start, value }: CST.Document): boolean {
  return value === undefined && !start.some(({ type }) => type === 'doc-start');
}

interface Above {
  /** Comments between the previous document and this one. */
  readonly loose: readonly Comment[];
  readonly directives: readonly string[];
}

function readDocument(token: CST.Document, page: CommentSource, { loose, directives }: Above): Document | undefined {
  const root = readNode(token.value, page);
  if (root?.kind !== 'mapping' || root.entries.length === 0) return undefined;
  const marker = token.start.find(({ type }) => type === 'doc-start');
  const all = [...loose, ...allComments(token, page)];
  const above = marker === undefined ? [] : all.filter(({ start }) => start < marker.offset);
  const behindMarker = all.find(
    ({ own, start }) => marker !== undefined && !own && start > marker.offset && start < root.start,
  );
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

function readNode(token: CST.Token | null | undefined, page: CommentSource): TextNode | undefined {
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
  page: CommentSource,
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
  return { kind, flow, entries, commentsBelow: [], start, end, column: columnOf(start, page.source) };
}

// Reports whether an item is not in the text: if a comment or a comma ends a collection, `yaml` adds an item without a
// value.
function isDangling({ start, key, value }: Item): boolean {
  return key === undefined && value === undefined && !start.some(({ type }) => type === 'seq-item-ind');
}

function readPair({ start, key, sep, value }: Item, page: CommentSource): Entry | undefined {
  const name = readNode(key, page);
  const node = readNode(value, page);
  if (name?.kind !== 'scalar' || node === undefined || hasProperties(start, sep)) return undefined;
  const mark = start.find(({ type }) => type === 'explicit-key-ind');
  // A name must be on one line, unless it follows a `?`. If a comment is not indented enough, `yaml` joins two lines
  // into one name.
  if (mark === undefined && name.source.includes('\n')) return undefined;
  return entryAt(mark?.offset ?? name.start, name, node, page);
}

function readItem({ start, key, value }: Item, flow: boolean, page: CommentSource): Entry | undefined {
  const node = readNode(value, page);
  const dash = start.find(({ type }) => type === 'seq-item-ind');
  if (node === undefined || key !== undefined || hasProperties(start) || (dash === undefined && !flow))
    return undefined;
  return entryAt(dash?.offset ?? node.start, undefined, node, page);
}

function hasProperties(...parts: readonly (readonly CST.SourceToken[] | undefined)[]): boolean {
  return parts.flatMap((part) => part ?? []).some(({ type }) => type === 'anchor' || type === 'tag');
}

function entryAt(start: number, name: Scalar | undefined, value: TextNode, page: CommentSource): Entry {
  return { name, value, before: [], blank: isBelowBlank(start, page), behind: undefined, start };
}
