import { pathOf } from '../../core/difference.ts';
import type { Change } from '../../core/plan.ts';
import { clip, code } from './escape.ts';

/** The maximum number of characters of a value in the details. */
const MAX_VALUE = 400;
/** The number of equal characters shown before the first difference of two long texts. */
const CONTEXT = 40;

/** Returns one change as a line: path, old and new value. */
export function changeLine(change: Change, { withCause }: { readonly withCause: boolean }): string {
  const drift = withCause && change.cause === 'drift' ? ' *(drift: changed in Datadog)*' : '';
  return `- ${code(pathOf(change))} ${valuesOf(change)}${drift}\n`;
}

/** Returns the changes in short form for a table cell. */
export function briefChanges(changes: readonly Change[]): string {
  // A table cell is truncated long before this many changes, so the omitted changes would not be visible.
  return changes.slice(0, MAX_VALUE).map(briefChange).join('; ');
}

function briefChange(change: Change): string {
  const path = clip(pathOf(change), MAX_VALUE);
  if (change.leaf === 'field') return `${change.to === undefined ? '-' : '+'} ${path}`;
  return `${path} ${plain(change.from)} → ${plain(change.to)}`;
}

function valuesOf(change: Change): string {
  if (change.leaf === 'field') {
    const { to } = change;
    return to === undefined ? 'removed' : `added, ${code(to.type, MAX_VALUE)} from ${code(to.source_name, MAX_VALUE)}`;
  }
  const { from, to } = change;
  const [before, after] = withoutCommonStart(plain(from), plain(to));
  return `${from === undefined ? 'unset' : code(before, MAX_VALUE)} → ${to === undefined ? 'unset' : code(after, MAX_VALUE)}`;
}

/** Removes the common start of two texts that are too long to show in full, so that their difference is visible. */
function withoutCommonStart(before: string, after: string): readonly [string, string] {
  if (before.length <= MAX_VALUE && after.length <= MAX_VALUE) return [before, after];
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
