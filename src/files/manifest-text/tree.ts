/**
 * A manifest as a person laid it out: values with their comments, quotes and order. What the three commands that write
 * manifests have in common: `import` builds one, `fmt` reads and sorts one, `accept` changes one.
 *
 * Offsets are into the text that was read, in UTF-16 code units; what was made new has -1.
 */
export interface Document {
  /** Lines such as `%YAML 1.2`. */
  readonly directives: readonly string[];
  /** Comments above its `---`. */
  readonly prelude: readonly Comment[];
  /** Whether it begins with `---`, and the comment behind that. */
  readonly marked: boolean;
  readonly behindMarker: Comment | undefined;
  /** Comments above its first name. They speak of the whole document and stay on top of it. */
  readonly head: readonly Comment[];
  /** Whether a blank line parts them from that name. */
  readonly gap: boolean;
  readonly root: Collection;
}

export interface Comment {
  /** With its `#`. */
  readonly text: string;
  readonly start: number;
  /** Where it begins, from 0; 0 behind something at the usual distance. */
  readonly column: number;
  /** Whether it has a line of its own, and a blank line above that. */
  readonly own: boolean;
  readonly blank: boolean;
}

export type Node = Scalar | Collection;

export interface Scalar {
  readonly kind: 'scalar';
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** As it is written, quotes included. Lines after the first have lost the indentation that is not theirs. */
  readonly source: string;
  /** What it says. */
  readonly value: string;
  readonly start: number;
  /** Behind its last character; the line break that ends a block scalar is outside. */
  readonly end: number;
}

export interface Collection {
  readonly kind: 'mapping' | 'sequence';
  /** Written with brackets or braces. */
  readonly flow: boolean;
  readonly entries: readonly Entry[];
  /** Comments below the last entry that are indented as the entries are. */
  readonly feet: Comment[];
  readonly start: number;
  readonly end: number;
  /** Of its first entry, where it is not flow. */
  readonly column: number;
}

/** A name with its value, or an item of a list. Comments are filled in while a text is read, and left alone afterwards. */
export interface Entry {
  readonly name: Scalar | undefined;
  readonly value: Node;
  /** Comments above it. */
  readonly before: Comment[];
  /** Whether a blank line stands right above it. */
  readonly blank: boolean;
  /** The comment behind it, or behind its name where the value begins on the next line. */
  behind: Comment | undefined;
  readonly start: number;
  /** The entry that this one is a changed version of. */
  readonly was?: Entry;
}

/** Behind the last character that belongs to a node or entry, comments included. */
export function endOf(part: Node | Entry): number {
  if (!('kind' in part)) return Math.max(endOf(part.value), commentEnd(part.behind));
  if (part.kind === 'scalar') return part.end;
  const last = part.entries.at(-1);
  return Math.max(part.end, last === undefined ? -1 : endOf(last), commentEnd(part.feet.at(-1)));
}

function commentEnd(comment: Comment | undefined): number {
  return comment === undefined ? -1 : comment.start + comment.text.length;
}

/** The entry of that name. */
export function memberOf(mapping: Collection, name: string): Entry | undefined {
  return mapping.entries.find((entry) => entry.name?.value === name);
}
