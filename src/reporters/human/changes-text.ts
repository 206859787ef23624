import { diffWordsWithSpace } from 'diff';
import type { Field } from '../../core/connection.ts';
import { pathOf } from '../../core/difference.ts';
import type { Change } from '../../core/plan.ts';
import { escapeControl } from '../../core/escape-control.ts';
import type { Style } from './style.ts';

/** Texts of at least this many characters are shown as a word diff. */
const LONG = 40;

/** Returns one line per change: path, old and new value. `reasons` are the members that force a replace. */
export function changeLines(
  changes: readonly Change[],
  style: Style,
  reasons: readonly string[] = [],
): readonly string[] {
  const room = widthOf(changes);
  return changes.map((change) => {
    const forces = reasons.includes(memberOf(change));
    return `${pathText(change).padEnd(room)}  ${changeText(change, style)}${forces ? `   ${style.red('forces replacement')}` : ''}`;
  });
}

/** Returns one line per change made outside Git: path, recorded and live value. */
export function driftChangeLines(changes: readonly Change[], style: Style): readonly string[] {
  const room = widthOf(changes);
  return changes.map(
    (change) =>
      `${pathText(change).padEnd(room)}  recorded ${displayedValue(change.to)}  live ${displayedValue(change.from)}   ${style.dim('an apply would revert it')}`,
  );
}

function widthOf(changes: readonly Change[]): number {
  return Math.max(0, ...changes.map((change) => Math.min(pathOf(change).length, 32)));
}

/** Returns the member of the connection that a change belongs to. */
function memberOf(change: Change): string {
  if (change.leaf === 'member') return change.name;
  return change.leaf === 'metadata' ? 'metadata' : 'fields';
}

function pathText(change: Change): string {
  return escapeControl(pathOf(change));
}

function changeText(change: Change, style: Style): string {
  if (change.leaf === 'field') {
    const { to } = change;
    if (to === undefined) return `${style.red('-')} removed`;
    return `${style.green('+')} added  ${escapeControl(to.type)}, from ${escapeControl(to.source_name)}`;
  }
  const { from, to } = change;
  if (typeof from === 'string' && typeof to === 'string' && from.length >= LONG && to.length >= LONG)
    return wordDiff(from, to, style);
  return `${valueText(from)} ${style.becomes} ${valueText(to)}`;
}

/** Returns a word diff with the marks of `wdiff`, so that it is readable without color. */
function wordDiff(from: string, to: string, style: Style): string {
  const parts = diffWordsWithSpace(from, to).map(({ value, added, removed }) => {
    const text = escapeControl(value);
    if (added) return style.green(`{+${text}+}`);
    return removed ? style.red(`[-${text}-]`) : text;
  });
  return `"${parts.join('')}"`;
}

function valueText(value: unknown): string {
  if (value === undefined) return 'unset';
  if (Array.isArray(value)) return `[${value.map(plainText).join(', ')}]`;
  return `"${plainText(value)}"`;
}

/** Returns a value for display on one line. A field is displayed as its type and column. */
function displayedValue(value: unknown): string {
  if (value === undefined) return 'none';
  return isField(value) ? `${escapeControl(value.type)} from ${escapeControl(value.source_name)}` : valueText(value);
}

function plainText(value: unknown): string {
  return escapeControl(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

function isField(value: unknown): value is Field {
  return typeof value === 'object' && value !== null && 'source_name' in value;
}
