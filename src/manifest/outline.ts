import { compact } from '../core/compact.ts';
import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';
import { plainValue } from './scalar.ts';
import type { Span } from './finding.ts';

/** A value of a document, with its position and its name. */
export interface OutlineNode {
  /** A JSON pointer, such as `/fields/0/id`; empty for the whole document. */
  readonly pointer: string;
  readonly kind: 'scalar' | 'mapping' | 'sequence' | 'alias';
  /** An omitted value (`id:`) has the position of its name or dash. */
  readonly value: Span;
  /** The text of a scalar, and whether it is unquoted. */
  readonly text: string;
  readonly plain: boolean;
  readonly name?: Name;
  /** Position of a mapping's first name. */
  readonly firstName?: Span;
}

export interface Name {
  readonly span: Span;
  readonly text: string;
  readonly plain: boolean;
  readonly alias: boolean;
}

export interface Outline {
  /**
   * The nodes by JSON pointer, in the order of the text. For a repeated name, the last one counts, as in the parsed
   * value.
   */
  readonly nodes: ReadonlyMap<string, OutlineNode>;
  /** Repeated names of a mapping. */
  readonly repeated: readonly Name[];
  /** Positions of names that are lists or mappings, which a parsed value can't contain. */
  readonly unusable: readonly Span[];
}

/** Returns a name as one step of a JSON pointer. */
export function pointerStep(name: string): string {
  return `/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;
}

/**
 * A collection whose end has not been reached. `pointer` is undefined inside a mapping key that is itself a collection,
 * and inside the value of such a key.
 */
interface Frame {
  readonly kind: 'document' | 'mapping' | 'sequence';
  readonly pointer: string | undefined;
  readonly node: { -readonly [member in keyof OutlineNode]: OutlineNode[member] } | undefined;
  readonly names: Set<string>;
  name: Name | 'unusable' | undefined;
  items: number;
}

/**
 * Finds the position of every value of a document from its events, starting at its DOCUMENT event. It is used only
 * for documents with a problem. `from` is an offset before the document and after the previous one.
 */
export function outline(text: string, events: readonly Event[], from: number): Outline {
  const builder = new OutlineBuilder(text, from);
  for (const event of events) builder.take(event);
  return builder;
}

class OutlineBuilder implements Outline {
  readonly nodes = new Map<string, OutlineNode>();
  readonly repeated: Name[] = [];
  readonly unusable: Span[] = [];
  readonly #text: string;
  readonly #open: Frame[] = [frame('document', '', undefined)];
  /** The end of the last event, where the search for values without an offset begins. */
  #last: number;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#last = from;
  }

  take(event: Event): void {
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const span = this.#scalarSpan(event);
        this.#add('scalar', span, getScalarValue(this.#text, event), event.style === SCALAR_STYLE.PLAIN);
        this.#last = Math.max(this.#last, span.end);
        break;
      }
      case EVENT_ID.ALIAS:
        this.#last = event.anchorEnd;
        this.#add('alias', { start: event.anchorStart - 1, end: event.anchorEnd }, '', false);
        break;
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        const kind = event.type === EVENT_ID.MAPPING ? 'mapping' : 'sequence';
        this.#last = Math.max(this.#last, event.start);
        const node = this.#add(kind, { start: event.start, end: event.start + 1 }, '', false);
        this.#open.push(frame(kind, node?.pointer, node));
        break;
      }
      case EVENT_ID.POP: {
        const closed = this.#open.pop()?.node;
        if (closed !== undefined)
          closed.value = { start: closed.value.start, end: Math.max(this.#last, closed.value.end) };
        break;
      }
      case EVENT_ID.DOCUMENT:
        break;
    }
  }

  /** Adds the next value, or the next name of a mapping. Returns the node if the value has a pointer. */
  #add(kind: OutlineNode['kind'], span: Span, text: string, plain: boolean): Frame['node'] {
    const parent = this.#open.at(-1);
    if (parent?.pointer === undefined) return undefined;
    if (parent.kind === 'mapping' && parent.name === undefined) {
      const isUsable = kind === 'scalar' || kind === 'alias';
      parent.name = isUsable
        ? this.#takeName(parent, { span, text, plain: plain || kind === 'alias', alias: kind === 'alias' })
        : 'unusable';
      if (parent.name === 'unusable') this.unusable.push(span);
      return undefined;
    }
    const name = parent.name;
    parent.name = undefined;
    if (name === 'unusable') return undefined;
    const step = name === undefined ? '' : pointerStep(nameOf(name));
    const pointer = parent.pointer + (parent.kind === 'sequence' ? `/${parent.items++}` : step);
    const node = { pointer, kind, value: span, text, plain, ...compact({ name }) };
    this.nodes.set(pointer, node);
    return node;
  }

  #takeName(parent: Frame, name: Name): Name {
    if (parent.names.has(nameOf(name))) this.repeated.push(name);
    parent.names.add(nameOf(name));
    if (parent.node !== undefined) parent.node.firstName ??= name.span;
    return name;
  }

  #scalarSpan(event: ScalarEvent): Span {
    const { valueStart: start, valueEnd: end, style } = event;
    if (start === -1) return this.#missingSpan(event);
    switch (style) {
      case SCALAR_STYLE.SINGLE_QUOTED:
      case SCALAR_STYLE.DOUBLE_QUOTED:
        return { start: start - 1, end: end + 1 };
      case SCALAR_STYLE.LITERAL_BLOCK:
      case SCALAR_STYLE.FOLDED_BLOCK:
        return { start: seek(this.#text, this.#last, style === SCALAR_STYLE.LITERAL_BLOCK ? '|' : '>'), end };
      default:
        return { start, end };
    }
  }

  // Returns the position of an omitted value. The parser gives it none, so this uses its tag, anchor, name or dash.
  #missingSpan({ tagStart, tagEnd, anchorStart, anchorEnd }: ScalarEvent): Span {
    if (tagStart !== -1) return { start: tagStart, end: tagEnd };
    if (anchorStart !== -1) return { start: anchorStart - 1, end: anchorEnd };
    const parent = this.#open.at(-1);
    if (typeof parent?.name === 'object') return parent.name.span;
    const start = seek(this.#text, this.#last, parent?.kind === 'sequence' ? '-' : '?:');
    return { start, end: start + 1 };
  }
}

function frame(kind: Frame['kind'], pointer: string | undefined, node: Frame['node']): Frame {
  return { kind, pointer, node, names: new Set(), name: undefined, items: 0 };
}

/**
 * Returns a name as the parsed value has it. An unquoted number or null becomes a string, perhaps with another
 * spelling.
 */
function nameOf({ text, plain }: Name): string {
  return plain ? String(plainValue(text)) : text;
}

// Returns the offset of the next indicator outside a comment. Nothing but spaces, comments and indicators is between
// two values.
function seek(text: string, from: number, signs: string): number {
  let at = from;
  for (; at < text.length && !signs.includes(text.charAt(at)); at++) {
    if (text.charAt(at) === '#') while (at < text.length && !/[\r\n]/.test(text.charAt(at + 1))) at++;
  }
  return Math.min(at, text.length);
}
