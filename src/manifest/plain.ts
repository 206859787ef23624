import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';
import { hasLoneSurrogate, isSurelyText, olderReading, plainValue } from './scalar.ts';

/** The documents of a file: the index of each one's DOCUMENT event, and its value. */
export interface PlainDocuments {
  readonly starts: readonly number[];
  readonly values: readonly unknown[];
}

/**
 * The values of a file in which nothing deserves a second look: no tag, anchor, alias, directive, name that is no text or
 * stands twice, ambiguous or broken text. Undefined where anything does.
 *
 * Every file goes this way and hardly one the other, so the values are built in the same walk that looks at the events:
 * `constructFromEvents`, which can do all that is not allowed here, takes several times as long. Where there are values,
 * they are those that it would give.
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

/** A collection that is being filled; a mapping with the name whose value comes next, once it was read. */
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

// The one name that would not become a member of its own (`__proto__`) must not get here.
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
    if (isSurelyText(value)) return value;
    return olderReading(value) === undefined ? plainValue(value) : UNUSUAL;
  }
  // Only an escape can bring half a character into a text that has none.
  const hasEscapes = scalar.style === SCALAR_STYLE.DOUBLE_QUOTED && !scalar.fast;
  return hasEscapes && hasLoneSurrogate(value) ? UNUSUAL : value;
}
