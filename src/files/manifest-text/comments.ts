import type { CST } from 'yaml';
import type { Comment, Scalar } from './tree.ts';

/** The text to read. */
export interface CommentSource {
  readonly source: string;
  /** The block scalars (`|`) found so far. A blank line in one of them is part of its text. */
  readonly blocks: Scalar[];
}

/** Returns every comment of a document, in order. */
export function allComments(token: CST.Document, page: CommentSource): readonly Comment[] {
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

  function visitItem({ start, key, sep, value }: CST.CollectionItem): void {
    found.push(...commentsIn(start, page));
    visit(key);
    found.push(...commentsIn(sep, page));
    visit(value);
  }
}

export function commentsIn(tokens: readonly CST.Token[] | undefined, page: CommentSource): readonly Comment[] {
  return (tokens ?? []).flatMap((token) => (token.type === 'comment' ? [commentAt(token, page)] : []));
}

export function commentAt({ offset: start, source: text }: CST.SourceToken, page: CommentSource): Comment {
  const { source } = page;
  const before = source.slice(start - columnOf(start, source), start);
  const own = /^[ \t\uFEFF]*$/.test(before);
  // A comment is usually one space away; a larger distance means that it is aligned to a column.
  const column = own || /[ \t]{2}$/.test(before) ? before.length : 0;
  return { text: text.replace(/[ \t\r]+$/, ''), start, column, own, blank: own && isBelowBlank(start, page) };
}

/** Returns the column of an offset, counted from 0. */
export function columnOf(offset: number, source: string): number {
  return offset - (source.lastIndexOf('\n', offset - 1) + 1);
}

/** Reports whether the line above the offset is blank and not part of a block scalar. */
export function isBelowBlank(offset: number, { source, blocks }: CommentSource): boolean {
  const lineStart = offset - columnOf(offset, source);
  if (lineStart === 0) return false;
  const above = lineStart - 1 - columnOf(lineStart - 1, source);
  if (!/^[ \t\r]*$/.test(source.slice(above, lineStart - 1))) return false;
  return !blocks.some(({ start, end }) => start < above && above <= end);
}
