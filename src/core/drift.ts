import { compact } from './compact.ts';
import { canonicalJson } from './canonical.ts';
import { sha256 } from './sha256.ts';
import {
  byCodeUnit,
  type DesiredConnection,
  type Key,
  type LiveConnection,
  type RecordedConnection,
  type Spec,
} from './connection.ts';
import { differences, reverse, type Difference } from './difference.ts';
import { isNormalised, unmanagedFields } from './server-normalisation.ts';
import type { Change } from './plan.ts';

/** `changed`: live differs from the record. `missing`: recorded but not live. `unmanaged`: live but not recorded. */
export type DriftState = 'in-sync' | 'changed' | 'missing' | 'unmanaged';

/** One connection compared across Git, the lockfile and Datadog. */
export interface DriftedConnection {
  readonly key: Key;
  readonly state: DriftState;
  /** The changes made in Datadog since the last apply, from the recorded value to the live one. */
  readonly changes: readonly Change[];
  readonly updatedBy?: string;
  /** When the connection was last updated in Datadog, in ISO 8601. */
  readonly updatedAt?: string;
  readonly file?: string;
  readonly line?: number;
  /**
   * The first four hex digits of the hash of the spec in Git, the lockfile and Datadog, to show which one differs.
   * Absent for a side that doesn't have the connection.
   */
  readonly sides: { readonly git?: string; readonly lock?: string; readonly live?: string };
}

/** The number of connections in each state. */
export type DriftSummary = Readonly<Record<DriftState, number>>;

export interface DriftViews {
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: ReadonlyMap<Key, RecordedConnection>;
  readonly live: ReadonlyMap<Key, LiveConnection>;
}

/**
 * Compares the live connections with the records, key by key.
 *
 * | recorded | live    | state                                                   |
 * | -------- | ------- | ------------------------------------------------------- |
 * | yes      | same    | in-sync                                                 |
 * | yes      | differs | changed, also if only live has a field                  |
 * | yes      | none    | missing: deleted outside Git                            |
 * | no       | present | unmanaged; compared with its manifest if there is one   |
 */
export function driftOf({ desired, recorded, live }: DriftViews): readonly DriftedConnection[] {
  const keys = [...new Set([...recorded.keys(), ...live.keys()])].sort(byCodeUnit);
  return keys.map((key) => driftedConnection(key, desired.get(key), recorded.get(key), live.get(key)));
}

export function driftSummary(connections: readonly DriftedConnection[]): DriftSummary {
  const summary = { 'in-sync': 0, changed: 0, missing: 0, unmanaged: 0 };
  for (const { state } of connections) summary[state] += 1;
  return summary;
}

/** Returns the differences between the last applied spec and live, including fields that only live has. */
export function driftDifferences(
  lastApplied: Spec,
  live: Spec,
  normalised: RecordedConnection['normalised'],
): readonly Difference[] {
  const changed = differences(lastApplied, lastApplied, live).filter(
    (difference) => !isNormalised(normalised, difference),
  );
  const added = unmanagedFields(lastApplied, live, normalised).map((field): Difference => ({
    leaf: 'field',
    id: field.id,
    from: field,
    cause: 'drift',
  }));
  return [...changed, ...added];
}

function driftedConnection(
  key: Key,
  desired: DesiredConnection | undefined,
  record: RecordedConnection | undefined,
  live: LiveConnection | undefined,
): DriftedConnection {
  const lastApplied = lastAppliedSpec(desired, record);
  const base = {
    key,
    ...(desired === undefined ? {} : desired.place),
    ...lastEditor(live),
    sides: sidesOf(desired, record, live),
  };
  if (live === undefined) return { ...base, state: 'missing', changes: [] };
  if (lastApplied === undefined) return { ...base, state: 'unmanaged', changes: [] };
  const list = driftDifferences(lastApplied, live.spec, record?.normalised);
  return { ...base, state: list.length === 0 ? 'in-sync' : 'changed', changes: list.map(changeOf) };
}

/**
 * Returns the spec to compare with live. If there is no record, or conflicting ones, the last applied spec is unknown,
 * and the manifest takes its place.
 */
function lastAppliedSpec(
  desired: DesiredConnection | undefined,
  record: RecordedConnection | undefined,
): Spec | undefined {
  return record === undefined || record.conflicting !== undefined ? (desired?.spec ?? record?.spec) : record.spec;
}

/**
 * Reverses a difference for display: a difference turns live into the record, but drift is shown from record to live.
 */
function changeOf(difference: Difference): Change {
  return { ...reverse(difference), cause: 'drift' };
}

function lastEditor(live: LiveConnection | undefined): { readonly updatedBy?: string; readonly updatedAt?: string } {
  const { updatedBy, updatedAt } = live ?? {};
  return { ...compact({ updatedBy, updatedAt }) };
}

function sidesOf(
  desired: DesiredConnection | undefined,
  record: RecordedConnection | undefined,
  live: LiveConnection | undefined,
): DriftedConnection['sides'] {
  const short = (spec: Spec): string => sha256(canonicalJson(spec)).slice(0, 4);
  return {
    ...(desired === undefined ? {} : { git: short(desired.spec) }),
    ...(record === undefined ? {} : { lock: record.conflicting === undefined ? short(record.spec) : '????' }),
    ...(live === undefined ? {} : { live: short(live.spec) }),
  };
}
