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

/** `changed`: live differs from what was recorded. `missing`: recorded, and not live any more. `unmanaged`: live, and not ours. */
export type DriftState = 'in-sync' | 'changed' | 'missing' | 'unmanaged';

/** One connection as Git, the lockfile and Datadog have it. */
export interface DriftedConnection {
  readonly key: Key;
  readonly state: DriftState;
  /** From what was recorded to what is live. */
  readonly changes: readonly Change[];
  readonly updatedBy?: string;
  /** As Datadog tells it, in ISO 8601. */
  readonly updatedAt?: string;
  readonly file?: string;
  readonly line?: number;
  /** Four hex digits of what each side says, to tell at a glance who differs; absent where that side has none. */
  readonly sides: { readonly git?: string; readonly lock?: string; readonly live?: string };
}

/** How many connections are in each state. */
export type DriftSummary = Readonly<Record<DriftState, number>>;

export interface DriftViews {
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: ReadonlyMap<Key, RecordedConnection>;
  readonly live: ReadonlyMap<Key, LiveConnection>;
}

/**
 * Holds what is live against what was recorded, key by key.
 *
 * | recorded | live    | state                                                       |
 * | -------- | ------- | ----------------------------------------------------------- |
 * | yes      | same    | in-sync                                                     |
 * | yes      | differs | changed: also by a field that only live has                 |
 * | yes      | none    | missing: deleted outside Git                                |
 * | no       | present | unmanaged; with a manifest, that stands in for the record   |
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

/** The leaves in which live left the recorded connection: what drift shows, and what accept takes over. */
export function driftDifferences(
  last: Spec,
  live: Spec,
  normalised: RecordedConnection['normalised'],
): readonly Difference[] {
  const changed = differences(last, last, live).filter((difference) => !isNormalised(normalised, difference));
  const added = unmanagedFields(last, live, normalised).map((field): Difference => ({
    leaf: 'field',
    id: field.id,
    from: field,
    cause: 'drift',
  }));
  return [...changed, ...added];
}

function driftedConnection(
  key: Key,
  to: DesiredConnection | undefined,
  record: RecordedConnection | undefined,
  there: LiveConnection | undefined,
): DriftedConnection {
  const last = lastApplied(to, record);
  const base = { key, ...(to === undefined ? {} : to.place), ...lastEditor(there), sides: sidesOf(to, record, there) };
  if (there === undefined) return { ...base, state: 'missing', changes: [] };
  if (last === undefined) return { ...base, state: 'unmanaged', changes: [] };
  const list = driftDifferences(last, there.spec, record?.normalised);
  return { ...base, state: list.length === 0 ? 'in-sync' : 'changed', changes: list.map(changeOf) };
}

/** Of a disputed record nobody knows what was last applied, and without one the manifest is all there is to hold live against. */
function lastApplied(to: DesiredConnection | undefined, record: RecordedConnection | undefined): Spec | undefined {
  return record === undefined || record.conflicting !== undefined ? (to?.spec ?? record?.spec) : record.spec;
}

/** A difference leads back to what was recorded; drift shows the way from there. */
function changeOf(difference: Difference): Change {
  return { ...reverse(difference), cause: 'drift' };
}

function lastEditor(there: LiveConnection | undefined): { readonly updatedBy?: string; readonly updatedAt?: string } {
  const { updatedBy, updatedAt } = there ?? {};
  return { ...compact({ updatedBy, updatedAt }) };
}

function sidesOf(
  to: DesiredConnection | undefined,
  record: RecordedConnection | undefined,
  there: LiveConnection | undefined,
): DriftedConnection['sides'] {
  const short = (spec: Spec): string => sha256(canonicalJson(spec)).slice(0, 4);
  return {
    ...(to === undefined ? {} : { git: short(to.spec) }),
    ...(record === undefined ? {} : { lock: record.conflicting === undefined ? short(record.spec) : '????' }),
    ...(there === undefined ? {} : { live: short(there.spec) }),
  };
}
