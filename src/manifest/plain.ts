import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';
import { cuttingComment, hasLoneSurrogate, isSurelyText, yaml11Type, plainValue } from './scalar.ts';

/** The documents of a file: the index of each DOCUMENT event, and its value. */
export interface PlainDocuments {
  readonly starts: readonly number[];
  readonly values: readonly unknown[];
}

/**
 * Returns the values of an ordinary file: one without tags, anchors, aliases, directives, names that are repeated or
 * not text, and ambiguous, cut or invalid text. Returns undefined for any other file.
 *
 * Almost every file is ordinary, so this builds the values in the same pass that checks the events.
 * `constructFromEvents` supports everything that is excluded here, and takes several times as long. Both return the
 * same values.
 */
export function plainDocuments(text: string, events: readonly Event[]): PlainDocuments | undefined {
  const starts: number[] = [];
  const values: unknown[] = [];
  const open: Frame[] = [];
  let frame: Frame = { list: values };
  for (let at = 0; at < events.length; at++) {
    const event = events[at];
    switch (event?.type) {
      case EVENT_ID.SCALAR: {
        const value = hasProperties(event) ? UNUSUAL : scalarValue(text, event);
        if (value === UNUSUAL || !put(frame, value)) return undefined;
        break;
      }
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        const inner: Frame = event.type === EVENT_ID.MAPPING ? { members: {}, name: undefined } : { list: [] };
        if (hasProperties(event) || !put(frame, inner.list ?? inner.members)) return undefined;
        open.push(frame);
        frame = inner;
        break;
      }
      case EVENT_ID.DOCUMENT:
        if (event.directives.length > 0) return undefined;
        starts.push(at);
        open.push(frame);
        break;
      case EVENT_ID.POP:
        frame = open.pop() ?? frame;
        break;
      default:
        return undefined;
    }
  }
  return { starts, values };
}

/** A collection that is being filled. A mapping also has the last name read, whose value comes next. */
type Frame =
  | { readonly list: unknown[]; readonly members?: never }
  | { readonly list?: never; readonly members: Record<string, unknown>; name: string | undefined };

const UNUSUAL = Symbol('unusual');

function hasProperties({
  tagStart,
  anchorStart,
}: {
  readonly tagStart: number;
  readonly anchorStart: number;
}): boolean {
  return tagStart !== -1 || anchorStart !== -1;
}

// Adds a value or a name to a collection. Returns false for a repeated or invalid name, and for `__proto__`, which
// would not become an own property.
function put(frame: Frame, value: unknown): boolean {
  if (frame.list !== undefined) {
    frame.list.push(value);
    return true;
  }
  const { members, name } = frame;
  if (name === undefined) {
    if (typeof value !== 'string' || value === '__proto__' || Object.hasOwn(members, value)) return false;
    frame.name = value;
    return true;
  }
  members[name] = value;
  frame.name = undefined;
  return true;
}

function scalarValue(text: string, scalar: ScalarEvent): unknown {
  const value = getScalarValue(text, scalar);
  if (scalar.style === SCALAR_STYLE.PLAIN) {
    if (cuttingComment(text, scalar.valueEnd) !== undefined) return UNUSUAL;
    if (isSurelyText(value)) return value;
    return yaml11Type(value) === undefined ? plainValue(value) : UNUSUAL;
  }
  // In valid UTF-8, only an escape can produce a lone surrogate.
  const hasEscapes = scalar.style === SCALAR_STYLE.DOUBLE_QUOTED && !scalar.fast;
  return hasEscapes && hasLoneSurrogate(value) ? UNUSUAL : value;
}
