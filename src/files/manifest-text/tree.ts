/**
 * A manifest with its layout: values with their comments, quotes and order. All three commands that write manifests
 * use it: `import` builds one, `fmt` reads and sorts one, and `accept` changes one.
 *
 * Offsets refer to the text that was read, in UTF-16 code units; new nodes have -1.
 */
export interface Document {
  /** Lines such as `%YAML 1.2`. */
  readonly directives: readonly string[];
  /** Comments above the document's `---`. */
  readonly prelude: readonly Comment[];
  /** Whether the document begins with `---` (`marked`), and the comment after that marker. */
  readonly marked: boolean;
  readonly behindMarker: Comment | undefined;
  /** Comments above the document's first name. They describe the whole document and stay at the top. */
  readonly head: readonly Comment[];
  /** Whether a blank line separates the head from the first name. */
  readonly gap: boolean;
  readonly root: Collection;
}

export interface Comment {
  /** The text of the comment, including its `#`. */
  readonly text: string;
  readonly start: number;
  /** The comment's column, from 0. It is 0 for a comment that follows a value after a single space. */
  readonly column: number;
  /** Whether the comment has its own line (`own`), and whether the line above it is blank (`blank`). */
  readonly own: boolean;
  readonly blank: boolean;
}

export type TextNode = Scalar | Collection;

export interface Scalar {
  readonly kind: 'scalar';
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** The scalar as written, including quotes. Continuation lines are stored without their common indentation. */
  readonly source: string;
  /** The parsed value. */
  readonly value: string;
  readonly start: number;
  /** Offset after the scalar's last character. The line break that ends a block scalar is not included. */
  readonly end: number;
}

export interface Collection {
  readonly kind: 'mapping' | 'sequence';
  /** Whether the collection is written with brackets or braces. */
  readonly flow: boolean;
  readonly entries: readonly Entry[];
  /** Comments below the last entry, with the same indentation as the entries. */
  readonly commentsBelow: Comment[];
  readonly start: number;
  readonly end: number;
  /** The column of the collection's first entry, unless the collection is written in brackets. */
  readonly column: number;
}

/** A name with its value, or an item of a list. Comments are added during reading and never changed afterwards. */
export interface Entry {
  readonly name: Scalar | undefined;
  readonly value: TextNode;
  /** Comments above the entry. */
  readonly before: Comment[];
  /** Whether there is a blank line directly above the entry. */
  readonly blank: boolean;
  /** The comment after the entry, or after its name if the value begins on the next line. */
  behind: Comment | undefined;
  readonly start: number;
  /** The original entry, if this is a changed copy of it. */
  readonly was?: Entry;
}

/** Returns the offset after the last character of a node or entry, including comments. */
export function endOf(part: TextNode | Entry): number {
  if (!('kind' in part)) return Math.max(endOf(part.value), commentEnd(part.behind));
  if (part.kind === 'scalar') return part.end;
  const last = part.entries.at(-1);
  return Math.max(part.end, last === undefined ? -1 : endOf(last), commentEnd(part.commentsBelow.at(-1)));
}

function commentEnd(comment: Comment | undefined): number {
  return comment === undefined ? -1 : comment.start + comment.text.length;
}

/** Returns the entry with that name. */
export function memberOf(mapping: Collection, name: string): Entry | undefined {
  return mapping.entries.find((entry) => entry.name?.value === name);
}
