import { pathOf } from '../../core/difference.ts';
import type { Change } from '../../core/plan.ts';
import { clip, code } from './escape.ts';

/** Characters of a value in the details. */
const VALUE = 400;
/** Characters that two long texts show before the first in which they differ. */
const CONTEXT = 40;

/** One change as a line of the details: path, old and new value. */
export function changeLine(change: Change, { withCause }: { readonly withCause: boolean }): string {
  const drift = withCause && change.cause === 'drift' ? ' *(drift: changed in Datadog)*' : '';
  return `- ${code(pathOf(change))} ${valuesOf(change)}${drift}\n`;
}

/** Changes in short, as far as one cell holds them. */
export function changesInShort(changes: readonly Change[]): string {
  // Every change takes at least one character, so a cell never shows more of them than it has characters.
  return changes.slice(0, VALUE).map(inShort).join('; ');
}

function inShort(change: Change): string {
  const path = clip(pathOf(change), VALUE);
  if (change.leaf === 'field') return `${change.to === undefined ? '-' : '+'} ${path}`;
  return `${path} ${plain(change.from)} → ${plain(change.to)}`;
}

function valuesOf(change: Change): string {
  if (change.leaf === 'field') {
    const { to } = change;
    return to === undefined ? 'removed' : `added, ${code(to.type, VALUE)} from ${code(to.source_name, VALUE)}`;
  }
  const { from, to } = change;
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
