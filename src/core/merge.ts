import { canonicalJson } from './canonical.ts';
import type { Key, RecordedConnection } from './connection.ts';
import type { Records } from './ports.ts';

export interface MergedRecords {
  readonly records: Records;
  /** Keys that both sides changed to different values, so the user has to decide. `records` contains our version. */
  readonly conflicts: readonly Key[];
}

/**
 * Merges two versions of the records key by key, given their common base.
 *
 * | changed by           | result   |
 * | -------------------- | -------- |
 * | neither              | the base |
 * | ours                 | ours     |
 * | theirs               | theirs   |
 * | both, identically    | ours     |
 * | both, differently    | conflict |
 *
 * A removal counts as a change. Records are never merged as lines of text, because neighbouring lines of a lockfile
 * are unrelated.
 */
export function mergeRecords(base: Records, ours: Records, theirs: Records): MergedRecords {
  const records = new Map<Key, RecordedConnection>(theirs);
  const conflicts: Key[] = [];
  for (const key of new Set([...base.keys(), ...ours.keys()])) {
    const [before, ourRecord, theirRecord] = [base.get(key), ours.get(key), theirs.get(key)];
    if (same(before, ourRecord)) continue;
    if (!same(before, theirRecord) && !same(ourRecord, theirRecord)) conflicts.push(key);
    if (ourRecord === undefined) records.delete(key);
    else records.set(key, ourRecord);
  }
  return { records, conflicts };
}

function same(a: RecordedConnection | undefined, b: RecordedConnection | undefined): boolean {
  return a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
