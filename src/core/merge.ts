import { canonicalJson } from './canonical.ts';
import type { Key, RecordedConnection } from './connection.ts';
import type { Records } from './ports.ts';

export interface MergedRecords {
  readonly records: Records;
  /** Keys that both sides changed, each to something else: nobody but a person can say which holds. `records` has ours. */
  readonly conflicts: readonly Key[];
}

/**
 * Brings two states of the records together, key by key, from the state that both began with.
 *
 * | changed by    | the result says |
 * | ------------- | --------------- |
 * | nobody        | what it was     |
 * | ours          | ours            |
 * | theirs        | theirs          |
 * | both, alike   | it, once        |
 * | both, unlike  | a conflict      |
 *
 * A removal is a change. Never by lines of text: neighbours in a lockfile have nothing to do with each other.
 */
export function mergeRecords(base: Records, ours: Records, theirs: Records): MergedRecords {
  const records = new Map<Key, RecordedConnection>(theirs);
  const conflicts: Key[] = [];
  for (const key of new Set([...base.keys(), ...ours.keys()])) {
    const [was, mine, other] = [base.get(key), ours.get(key), theirs.get(key)];
    if (same(was, mine)) continue;
    if (!same(was, other) && !same(mine, other)) conflicts.push(key);
    if (mine === undefined) records.delete(key);
    else records.set(key, mine);
  }
  return { records, conflicts };
}

function same(a: RecordedConnection | undefined, b: RecordedConnection | undefined): boolean {
  return a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
