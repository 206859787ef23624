import type { Field } from '../../core/connection.ts';
import type { Change } from '../../core/plan.ts';
import { clip, code } from './escape.ts';

/** Characters of a value in the details. */
const VALUE = 400;
/** Characters that two long texts show before the first in which they differ. */
const CONTEXT = 40;

/** One change as a line of the details: path, old and new value. */
export function changeLine({ path, from, to, cause }: Change, { withCause }: { readonly withCause: boolean }): string {
  const drift = withCause && cause === 'drift' ? ' *(drift: changed in Datadog)*' : '';
  return `- ${code(path)} ${valuesOf(path, from, to)}${drift}\n`;
}

/** Changes in short, as far as one cell holds them. */
export function changesInShort(changes: readonly Change[]): string {
  // Every change has at least one character in it: more of them than that are never shown.
  return changes.slice(0, VALUE).map(inShort).join('; ');
}

function inShort({ path, from, to }: Change): string {
  const shown = clip(path, VALUE);
  if (isWholeField(path, to)) return `+ ${shown}`;
  if (isWholeField(path, from)) return `- ${shown}`;
  return `${shown} ${plain(from)} → ${plain(to)}`;
}

function valuesOf(path: string, from: unknown, to: unknown): string {
  if (isWholeField(path, to)) return `added, ${code(to.type, VALUE)} from ${code(to.source_name, VALUE)}`;
  if (isWholeField(path, from)) return 'removed';
  const [before, after] = fromTheDifferenceOn(plain(from), plain(to));
  return `${from === undefined ? 'unset' : code(before, VALUE)} → ${to === undefined ? 'unset' : code(after, VALUE)}`;
}

/** Of two texts that are both too long to be shown, what they have in common at the start would hide in what they differ. */
function fromTheDifferenceOn(before: string, after: string): readonly [string, string] {
  if (before.length <= VALUE && after.length <= VALUE) return [before, after];
  let same = 0;
  while (same < before.length && before.charCodeAt(same) === after.charCodeAt(same)) same += 1;
  const start = same - CONTEXT;
  if (start <= 0) return [before, after];
  return [`…${before.slice(start)}`, `…${after.slice(start)}`];
}

function plain(value: unknown): string {
  if (value === undefined) return 'unset';
  if (typeof value === 'string') return `"${value}"`;
  if (Array.isArray(value))
    return `[${value.map((item) => (typeof item === 'string' ? item : json(item))).join(', ')}]`;
  return json(value);
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

function isWholeField(path: string, value: unknown): value is Field {
  return path.endsWith(']') && typeof value === 'object' && value !== null && 'source_name' in value;
}
