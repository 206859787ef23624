import { compact } from './compact.ts';
import { canonicalJson, canonicalSpec } from './canonical.ts';
import { sha256 } from './sha256.ts';
import {
  byCodeUnit,
  type DesiredConnection,
  type Key,
  type LiveConnection,
  type RecordedConnection,
  type Spec,
} from './connection.ts';
import { problem, type Problem } from './diagnostic.ts';
import { differences, liveOnlyFields, pathOf } from './difference.ts';
import { isDrifted } from './server-normalisation.ts';
import { digestOf } from './digest.ts';
import { sortActions } from './order.ts';
import type { Action, Change, Plan, Summary, Undigested } from './plan.ts';
import { reconcileOne, type OnDrift } from './transition.ts';

/** The manifests, records and live connections by key, and the options of the planner. */
export interface Views {
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: ReadonlyMap<Key, RecordedConnection>;
  /** Undefined if the run is offline. The records then replace the live connections. */
  readonly live: ReadonlyMap<Key, LiveConnection> | undefined;
  readonly prune: boolean;
  /** True if connsync did not read every manifest. It then keeps all records whose manifest it did not find. */
  readonly keepUndesired?: boolean;
  /** Returns whether --target and --exclude include a key; absent if neither flag is used. */
  readonly includes?: (key: Key) => boolean;
  readonly onDrift: OnDrift;
}

/** Decides what to do about one connection with a manifest. */
export type DecideDesired = (
  desired: DesiredConnection,
  record: RecordedConnection | undefined,
  views: Views,
) => Decision;

/** The decision about one connection. */
export interface Decision {
  readonly action?: Action;
  readonly correction?: RecordedConnection;
  readonly problems?: readonly Problem[];
  readonly state?: 'unchanged' | 'orphaned';
  readonly drifted?: boolean;
}

/**
 * Decides what to do about each connection, from its manifest (desired), record (recorded) and live state:
 *
 * | desired | recorded | live    | action                                                    |
 * | ------- | -------- | ------- | --------------------------------------------------------- |
 * | yes     | any      | none    | create                                                    |
 * | yes     | no       | same    | adopt: connsync manages it from now on                    |
 * | yes     | no       | differs | takeover: update or replace, which a guard refuses        |
 * | yes     | yes      | same    | nothing; an outdated record is corrected                  |
 * | yes     | yes      | differs | update, or replace if the API has no update               |
 * | no      | yes      | present | delete, with prune; else an orphan, left unchanged        |
 * | no      | yes      | none    | forget: it no longer exists                               |
 * | no      | no       | present | nothing: connsync doesn't manage it                       |
 *
 * A plan shows what an apply would do; `guard` decides whether the apply may do it. The same views give the same
 * plan.
 */
export function planActions(views: Views, decideDesired: DecideDesired = decideFromViews): Plan {
  const { desired, recorded, live, includes = () => true } = views;
  const all = [...new Set([...desired.keys(), ...recorded.keys()])].sort(byCodeUnit);
  const keys = all.filter(includes);
  const decisions = keys.map((key) => decide(key, views, decideDesired));
  const actions = sortActions(decisions.flatMap(({ action }) => action ?? []));
  const unmanaged = [...(live ?? new Map<Key, LiveConnection>()).keys()].filter(
    (key) => !desired.has(key) && !recorded.has(key),
  );
  const summary = summarise(actions, decisions, unmanaged.filter(includes).length);
  return {
    actions,
    summary: views.includes === undefined ? summary : { ...summary, filtered: all.length - keys.length },
    checksum: checksumOf(actions),
    corrections: decisions.flatMap(({ correction }) => correction ?? []),
    problems: decisions.flatMap(({ problems }) => problems ?? []),
  };
}

/** Returns a checksum of the sorted digests. A Git merge keeps the checksum, because it contains no path or commit. */
export function checksumOf(actions: readonly Pick<Action, 'digest'>[]): string {
  return `sha256:${sha256(
    actions
      .map(({ digest }) => digest)
      .sort(byCodeUnit)
      .join('\n'),
  )}`;
}

function decide(key: Key, views: Views, decideDesired: DecideDesired): Decision {
  const desired = views.desired.get(key);
  const record = views.recorded.get(key);
  if (desired !== undefined) return decideDesired(desired, record, views);
  return record === undefined ? {} : decideUndesired(record, views);
}

/** Decides from the three views what to do about one connection with a manifest. */
export function decideFromViews(
  desired: DesiredConnection,
  record: RecordedConnection | undefined,
  views: Views,
): Decision {
  if (views.live === undefined && record?.conflicting !== undefined) return decideConflictingOffline(record);
  const current = views.live === undefined ? record?.spec : views.live.get(desired.key)?.spec;
  if (current === undefined) return decideCreate(desired, record, views);
  return decideExisting(desired, record, current, views);
}

function decideCreate(
  desired: DesiredConnection,
  record: RecordedConnection | undefined,
  { onDrift }: Views,
): Decision {
  const wasDeleted = record !== undefined;
  if (wasDeleted && onDrift === 'keep') {
    const warning = problem(
      'drift',
      `${desired.key} was deleted outside Git; connsync does not create it again (on_drift: keep)`,
      {
        ...desired.place,
        hint: 'use --on-drift revert to create it again',
      },
    );
    const kept = recordOf({ ...desired, spec: record.spec }, record);
    const corrected = sameRecord(kept, record) ? {} : { correction: kept };
    return { problems: [warning], state: 'unchanged', drifted: true, ...corrected };
  }
  const action = {
    kind: 'create' as const,
    ...manifestMembers(desired),
    changes: [],
    drifted: wasDeleted,
    to: desired.spec,
  };
  return { action: withDigest(action), drifted: wasDeleted };
}

function decideExisting(
  desired: DesiredConnection,
  record: RecordedConnection | undefined,
  current: Spec,
  views: Views,
): Decision {
  // Combines conflicting specs: connsync manages the fields of all of them, but can't tell who changed a value.
  const isConflicting = record?.conflicting !== undefined;
  const lastApplied = record?.conflicting === undefined ? record?.spec : unionOfSpecs(record.conflicting);
  const hasDrifted = views.live !== undefined && isRecordDrifted(record, current);
  const transition = reconcileOne({
    desired,
    recorded: lastApplied,
    normalised: record?.normalised,
    live: current,
    onDrift: isConflicting ? 'revert' : views.onDrift,
  });
  const about = manifestMembers(desired);
  if (transition.kind === 'same') {
    if (record === undefined)
      return { action: withDigest({ kind: 'adopt', ...about, changes: [], drifted: false, to: desired.spec }) };
    const warning = hasDrifted ? [warnDrift(desired, lastApplied, current, transition.kept)] : [];
    return {
      state: 'unchanged',
      drifted: hasDrifted,
      problems: [...transition.problems, ...warning],
      ...correctionOf(desired, record),
    };
  }
  const changes = isConflicting
    ? transition.changes.map((change) => ({ ...change, cause: 'git' as const }))
    : transition.changes;
  const takeover = record === undefined ? { takeover: true as const } : {};
  const common = {
    ...about,
    changes,
    drifted: changes.some(({ cause }) => cause === 'drift'),
    ...lastEditorText(changes, views.live?.get(desired.key)),
    from: current,
    to: transition.to,
    ...takeover,
  };
  const action: Undigested =
    transition.kind === 'replace'
      ? { kind: 'replace', ...common, reasons: transition.reasons }
      : { kind: 'update', ...common, steps: transition.steps };
  // If a value changed both in the manifest and in Datadog, its cause is `git`, but the plan warns that an apply may
  // overwrite the edit in Datadog.
  const overwritten = hasDrifted && !common.drifted && !isConflicting ? [warnOverwritten(desired)] : [];
  return { action: withDigest(action), drifted: hasDrifted, problems: [...transition.problems, ...overwritten] };
}

function warnOverwritten({ key, place }: DesiredConnection): Problem {
  return problem('drift', `${key} was also changed outside Git, and this plan may overwrite that change`, {
    ...place,
    hint: 'run connsync drift to see who changed what',
  });
}

/** Returns who last changed the connection, if any change is drift. */
function lastEditorText(
  changes: readonly Change[],
  live: LiveConnection | undefined,
): { readonly updatedBy?: string; readonly updatedAt?: string } {
  if (live === undefined || !changes.some(({ cause }) => cause === 'drift')) return {};
  const { updatedBy, updatedAt } = live;
  return { ...compact({ updatedBy, updatedAt }) };
}

function decideUndesired(record: RecordedConnection, { live, prune, keepUndesired }: Views): Decision {
  const { key } = record;
  if (keepUndesired === true) return { state: 'orphaned' };
  const current = live === undefined ? record.spec : live.get(key)?.spec;
  if (current === undefined)
    return {
      action: withDigest({ kind: 'forget', key, changes: [], drifted: false, ...ownerOf(record) }),
      drifted: true,
    };
  const hasDrifted = live !== undefined && isRecordDrifted(record, current);
  const state = { state: 'orphaned' as const, drifted: hasDrifted };
  if (live === undefined && record.conflicting !== undefined) return { ...decideConflictingOffline(record), ...state };
  if (!prune) {
    const warning = problem(
      'orphan',
      `${key} is in the lockfile and in Datadog but has no manifest; connsync leaves it unchanged`,
      {
        hint: `delete it with --prune, or stop managing it with connsync state rm ${key}`,
      },
    );
    return { ...state, problems: [warning] };
  }
  if (record.protect === true) {
    const warning = problem('protected', `${key} has no manifest but is protected; connsync leaves it unchanged`, {
      hint: 'restore its manifest without protect, apply, then remove the manifest',
    });
    return { ...state, problems: [warning] };
  }
  return {
    action: withDigest({ kind: 'delete', key, changes: [], drifted: false, from: current, ...ownerOf(record) }),
    drifted: hasDrifted,
  };
}

/**
 * Returns whether live differs from the record. Returns false for conflicting records, because their last applied spec
 * is unknown.
 */
function isRecordDrifted(record: RecordedConnection | undefined, live: Spec): boolean {
  if (record === undefined || record.conflicting !== undefined) return false;
  return isDrifted(record.spec, live, record.normalised);
}

/** Returns a spec with the fields and metadata of all given specs. If several specs share a name, the first wins. */
function unionOfSpecs(specs: readonly Spec[]): Spec | undefined {
  const [first] = specs;
  if (first === undefined) return undefined;
  const fields = new Map(
    specs.flatMap(({ fields: list = [] }) => list.map((field) => [field.id, field] as const)).reverse(),
  );
  const metadata = Object.fromEntries(specs.flatMap(({ metadata: map = {} }) => Object.entries(map)).reverse());
  return canonicalSpec({ ...first, fields: [...fields.values()], metadata });
}

function decideConflictingOffline(record: RecordedConnection): Decision {
  const warning = problem(
    'conflicting-records',
    `the lockfile has two different records for ${record.key}, so its last applied values are unknown; connsync plans nothing for it offline`,
    {
      hint: 'run connsync plan with credentials to compare it with Datadog',
    },
  );
  return { problems: [warning], state: 'unchanged' };
}

/** Returns a corrected record if the current one no longer matches the manifest and live. */
function correctionOf(
  desired: DesiredConnection,
  record: RecordedConnection,
): { readonly correction?: RecordedConnection } {
  const next = recordOf(desired, record);
  return record.conflicting === undefined && sameRecord(next, record) ? {} : { correction: next };
}

function sameRecord(a: RecordedConnection, b: RecordedConnection): boolean {
  const plain = (record: RecordedConnection): string =>
    canonicalJson({ ...record, protect: record.protect === true ? true : undefined });
  return plain(a) === plain(b);
}

/** Returns the record of an applied connection, including members that a newer connsync wrote. */
export function recordOf(
  desired: Pick<DesiredConnection, 'key' | 'spec' | 'owner' | 'protect'>,
  before: RecordedConnection | undefined,
): RecordedConnection {
  return {
    key: desired.key,
    spec: desired.spec,
    ...compact({ owner: desired.owner }),
    ...(desired.protect ? { protect: true } : {}),
    ...keptNormalisations(desired.spec, before),
    ...(before?.unknown === undefined ? {} : { unknown: before.unknown }),
  };
}

/** Returns the server's recorded changes to values that the manifest still has unchanged. */
function keptNormalisations(
  spec: Spec,
  before: RecordedConnection | undefined,
): Pick<RecordedConnection, 'normalised'> {
  if (before?.normalised === undefined) return {};
  const changedPaths = new Set(
    [...differences(spec, before.spec, before.spec), ...differences(before.spec, spec, spec)].map(pathOf),
  );
  const kept = Object.entries(before.normalised).filter(([path]) => !changedPaths.has(path));
  return kept.length === 0 ? {} : { normalised: Object.fromEntries(kept) };
}

function warnDrift(desired: DesiredConnection, recorded: Spec | undefined, live: Spec, kept: number): Problem {
  const extra = liveOnlyFields(desired.spec, recorded, live).map(({ id }) => id);
  const what =
    kept > 0
      ? `it differs from its manifest in ${kept} of its values`
      : extra.length > 0
        ? `it has ${extra.length === 1 ? 'an extra field' : 'extra fields'}: ${extra.join(', ')}`
        : 'it now equals its manifest';
  return problem('drift', `${desired.key} was changed outside Git: ${what}; connsync leaves it unchanged`, {
    ...desired.place,
    hint: `run connsync drift to see the change, or connsync accept ${desired.key} to copy it into the manifest`,
  });
}

function withDigest(action: Undigested): Action {
  return { ...action, digest: digestOf(action) };
}

function manifestMembers(desired: DesiredConnection): {
  readonly key: Key;
  readonly file: string;
  readonly line: number;
  readonly owner?: string;
} {
  return { key: desired.key, ...desired.place, ...compact({ owner: desired.owner }) };
}

function ownerOf(record: RecordedConnection): { readonly owner?: string } {
  return record.owner === undefined ? {} : { owner: record.owner };
}

function summarise(actions: readonly Action[], decisions: readonly Decision[], unmanaged: number): Summary {
  const count = (kind: Action['kind']): number => actions.filter((action) => action.kind === kind).length;
  return {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete'),
    adopt: count('adopt'),
    forget: count('forget'),
    unchanged: decisions.filter(({ state }) => state === 'unchanged').length,
    unmanaged,
    orphaned: decisions.filter(({ state }) => state === 'orphaned').length,
    drifted: decisions.filter(({ drifted }) => drifted === true).length,
  };
}
