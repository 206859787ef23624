/**
 * A manifest with its layout: values with their comments, quotes and order. All three commands that write manifests
 * use it: `import` builds one, `fmt` reads and sorts one, and `accept` changes one.
 *
 * Offsets refer to the text that was read, in UTF-16 code units; new nodes have -1.
 */
export interface Document {
  /** Lines such as `%YAML 1.2`. */
  readonly directives: readonly string[];
  /** Comments above its `---`. */
  readonly prelude: readonly Comment[];
  /** Whether it begins with `---`, and the comment after that. */
  readonly marked: boolean;
  readonly behindMarker: Comment | undefined;
  /** Comments above its first name. They describe the whole document and stay at the top. */
  readonly head: readonly Comment[];
  /** Whether a blank line separates them from that name. */
  readonly gap: boolean;
  readonly root: Collection;
}

export interface Comment {
  /** Including its `#`. */
  readonly text: string;
  readonly start: number;
  /** Its column, from 0; 0 for a comment after something at the usual distance. */
  readonly column: number;
  /** Whether it has its own line, and a blank line above. */
  readonly own: boolean;
  readonly blank: boolean;
}

export type TextNode = Scalar | Collection;

export interface Scalar {
  readonly kind: 'scalar';
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** As written, including quotes. Continuation lines are stored without their common indentation. */
  readonly source: string;
  /** The parsed value. */
  readonly value: string;
  readonly start: number;
  /** Offset after its last character; the line break that ends a block scalar is not included. */
  readonly end: number;
}

export interface Collection {
  readonly kind: 'mapping' | 'sequence';
  /** Written with brackets or braces. */
  readonly flow: boolean;
  readonly entries: readonly Entry[];
  /** Comments below the last entry, with the same indentation as the entries. */
  readonly commentsBelow: Comment[];
  readonly start: number;
  readonly end: number;
  /** Column of its first entry, unless it is in flow style. */
  readonly column: number;
}

/** A name with its value, or an item of a list. Comments are added during reading and never changed afterwards. */
export interface Entry {
  readonly name: Scalar | undefined;
  readonly value: TextNode;
  /** Comments above it. */
  readonly before: Comment[];
  /** Whether there is a blank line directly above it. */
  readonly blank: boolean;
  /** The comment after it, or after its name if the value begins on the next line. */
  behind: Comment | undefined;
  readonly start: number;
  /** The original of this changed entry. */
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
