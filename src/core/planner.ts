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
import { drifted } from './server-normalisation.ts';
import { digestOf } from './digest.ts';
import { inOrder } from './order.ts';
import type { Action, Change, Plan, Summary, Undigested } from './plan.ts';
import { reconcileOne, type OnDrift } from './transition.ts';

/** The three sides of every connection by key, and what the planner is to make of them. */
export interface Views {
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: ReadonlyMap<Key, RecordedConnection>;
  /** Undefined offline: recorded then stands in for live. */
  readonly live: ReadonlyMap<Key, LiveConnection> | undefined;
  readonly prune: boolean;
  /** Some manifests were not read, so a missing one proves nothing: keep every record that has none. */
  readonly keepUndesired?: boolean;
  /** Which keys --target and --exclude leave in; all of them where it is left out. */
  readonly includes?: (key: Key) => boolean;
  readonly onDrift: OnDrift;
}

/** Decides about one connection that has a manifest. */
export type DecideDesired = (to: DesiredConnection, record: RecordedConnection | undefined, views: Views) => Decision;

/** One connection from the three sides, with what the decision about it brought. */
export interface Decision {
  readonly action?: Action;
  readonly correction?: RecordedConnection;
  readonly problems?: readonly Problem[];
  readonly state?: 'unchanged' | 'orphaned';
  readonly drifted?: boolean;
}

/**
 * Decides what to do about each connection, from three views of it:
 *
 * | desired | recorded | live    | action                                                    |
 * | ------- | -------- | ------- | --------------------------------------------------------- |
 * | yes     | any      | none    | create                                                    |
 * | yes     | no       | same    | adopt: it is ours from now on                             |
 * | yes     | no       | differs | takeover: update or replace, which a guard refuses        |
 * | yes     | yes      | same    | nothing; the record is corrected where it lags            |
 * | yes     | yes      | differs | update, or replace where the API has no update            |
 * | no      | yes      | present | delete, with prune; else an orphan, left alone            |
 * | no      | yes      | none    | forget: it is gone already                                |
 * | no      | no       | present | nothing: it was never ours                                |
 *
 * Guards are no part of it: a plan says what would be done, `guard` whether an apply may. The same views give the same plan.
 */
export function planActions(views: Views, decideDesired: DecideDesired = decideFromViews): Plan {
  const { desired, recorded, live, includes = () => true } = views;
  const all = [...new Set([...desired.keys(), ...recorded.keys()])].sort(byCodeUnit);
  const keys = all.filter(includes);
  const decisions = keys.map((key) => decide(key, views, decideDesired));
  const actions = inOrder(decisions.flatMap(({ action }) => action ?? []));
  const strangers = [...(live ?? new Map<Key, LiveConnection>()).keys()].filter(
    (key) => !desired.has(key) && !recorded.has(key),
  );
  const summary = summarise(actions, decisions, strangers.filter(includes).length);
  return {
    actions,
    summary: views.includes === undefined ? summary : { ...summary, filtered: all.length - keys.length },
    checksum: checksumOf(actions),
    corrections: decisions.flatMap(({ correction }) => correction ?? []),
    problems: decisions.flatMap(({ problems }) => problems ?? []),
  };
}

/** Over the sorted digests alone, so that it survives a merge: no path, time or commit is in it. */
export function checksumOf(actions: readonly Pick<Action, 'digest'>[]): string {
  return `sha256:${sha256(
    actions
      .map(({ digest }) => digest)
      .sort(byCodeUnit)
      .join('\n'),
  )}`;
}

function decide(key: Key, views: Views, decideDesired: DecideDesired): Decision {
  const to = views.desired.get(key);
  const record = views.recorded.get(key);
  if (to !== undefined) return decideDesired(to, record, views);
  return record === undefined ? {} : decideUndesired(record, views);
}

/** The planner's own decision about one connection that has a manifest. */
export function decideFromViews(to: DesiredConnection, record: RecordedConnection | undefined, views: Views): Decision {
  if (views.live === undefined && record?.conflicting !== undefined) return decideContestedOffline(record);
  const from = views.live === undefined ? record?.spec : views.live.get(to.key)?.spec;
  if (from === undefined) return decideCreate(to, record, views);
  return decideBoth(to, record, from, views);
}

function decideCreate(to: DesiredConnection, record: RecordedConnection | undefined, { onDrift }: Views): Decision {
  const gone = record !== undefined;
  if (gone && onDrift === 'keep') {
    const told = problem('drift', `${to.key} was deleted outside Git, and is left so (on_drift: keep)`, {
      ...to.place,
      hint: 'use --on-drift revert to create it again',
    });
    const about = recordOf({ ...to, spec: record.spec }, record);
    const corrected = sameRecord(about, record) ? {} : { correction: about };
    return { problems: [told], state: 'unchanged', drifted: true, ...corrected };
  }
  const action = { kind: 'create' as const, ...aboutManifest(to), changes: [], drifted: gone, to: to.spec };
  return { action: withDigest(action), drifted: gone };
}

function decideBoth(to: DesiredConnection, record: RecordedConnection | undefined, from: Spec, views: Views): Decision {
  // What a disputed record held is ours in any case; only whose change a difference is, nobody knows.
  const disputed = record?.conflicting !== undefined;
  const last = record?.conflicting === undefined ? record?.spec : unionOf(record.conflicting);
  const moved = views.live !== undefined && hasDrifted(record, from);
  const transition = reconcileOne({
    to,
    recorded: last,
    normalised: record?.normalised,
    live: from,
    onDrift: disputed ? 'revert' : views.onDrift,
  });
  const about = aboutManifest(to);
  if (transition.kind === 'same') {
    if (record === undefined)
      return { action: withDigest({ kind: 'adopt', ...about, changes: [], drifted: false, to: to.spec }) };
    const told = moved ? [warnDrift(to, last, from, transition.kept)] : [];
    return {
      state: 'unchanged',
      drifted: moved,
      problems: [...transition.problems, ...told],
      ...correctionOf(to, record),
    };
  }
  const changes = disputed
    ? transition.changes.map((change) => ({ ...change, cause: 'git' as const }))
    : transition.changes;
  const takeover = record === undefined ? { takeover: true as const } : {};
  const common = {
    ...about,
    changes,
    drifted: changes.some(({ cause }) => cause === 'drift'),
    ...lastEditorText(changes, views.live?.get(to.key)),
    from,
    to: transition.to,
    ...takeover,
  };
  const action: Undigested =
    transition.kind === 'replace'
      ? { kind: 'replace', ...common, reasons: transition.reasons }
      : { kind: 'update', ...common, steps: transition.steps };
  // Both sides changed the same value: of cause git by the contract, but nobody's edit is overwritten without a word.
  const overwritten = moved && !common.drifted && !disputed ? [warnOverwritten(to)] : [];
  return { action: withDigest(action), drifted: moved, problems: [...transition.problems, ...overwritten] };
}

function warnOverwritten({ key, place }: DesiredConnection): Problem {
  return problem('drift', `${key} was changed outside Git too, and this plan may overwrite that`, {
    ...place,
    hint: 'connsync drift shows who changed what',
  });
}

/** Who changed it last, where anything of it is drift. */
function lastEditorText(
  changes: readonly Change[],
  there: LiveConnection | undefined,
): { readonly updatedBy?: string; readonly updatedAt?: string } {
  if (there === undefined || !changes.some(({ cause }) => cause === 'drift')) return {};
  const { updatedBy, updatedAt } = there;
  return { ...compact({ updatedBy, updatedAt }) };
}

function decideUndesired(record: RecordedConnection, { live, prune, keepUndesired }: Views): Decision {
  const { key } = record;
  if (keepUndesired === true) return { state: 'orphaned' };
  const from = live === undefined ? record.spec : live.get(key)?.spec;
  if (from === undefined)
    return {
      action: withDigest({ kind: 'forget', key, changes: [], drifted: false, ...ownerOf(record) }),
      drifted: true,
    };
  const moved = live !== undefined && hasDrifted(record, from);
  const state = { state: 'orphaned' as const, drifted: moved };
  if (live === undefined && record.conflicting !== undefined) return { ...decideContestedOffline(record), ...state };
  if (!prune) {
    const told = problem(
      'orphan',
      `${key} is recorded and live, but no manifest describes it any more; it is left alone`,
      {
        hint: `delete it with --prune, or stop managing it with connsync state rm ${key}`,
      },
    );
    return { ...state, problems: [told] };
  }
  if (record.protect === true) {
    const told = problem('protected', `${key} has no manifest any more, but it is protected; it is left alone`, {
      hint: 'put its manifest back without protect and apply, then remove it',
    });
    return { ...state, problems: [told] };
  }
  return {
    action: withDigest({ kind: 'delete', key, changes: [], drifted: false, from, ...ownerOf(record) }),
    drifted: moved,
  };
}

/** Whether live says something else than was recorded; of a disputed record nobody knows. */
function hasDrifted(record: RecordedConnection | undefined, live: Spec): boolean {
  if (record === undefined || record.conflicting !== undefined) return false;
  return drifted(record.spec, live, record.normalised);
}

/** Everything that any of the specs had: the first that has a field or member says how. */
function unionOf(specs: readonly Spec[]): Spec | undefined {
  const [first] = specs;
  if (first === undefined) return undefined;
  const fields = new Map(
    specs.flatMap(({ fields: list = [] }) => list.map((field) => [field.id, field] as const)).reverse(),
  );
  const metadata = Object.fromEntries(specs.flatMap(({ metadata: map = {} }) => Object.entries(map)).reverse());
  return canonicalSpec({ ...first, fields: [...fields.values()], metadata });
}

function decideContestedOffline(record: RecordedConnection): Decision {
  const told = problem(
    'conflicting-records',
    `${record.key} has two different records in the lockfile, so what was last applied is unknown; nothing is planned for it offline`,
    {
      hint: 'plan with credentials: what is live settles it',
    },
  );
  return { problems: [told], state: 'unchanged' };
}

/** What a record would have to say where it lags behind what is desired and live. */
function correctionOf(to: DesiredConnection, record: RecordedConnection): { readonly correction?: RecordedConnection } {
  const next = recordOf(to, record);
  return record.conflicting === undefined && sameRecord(next, record) ? {} : { correction: next };
}

function sameRecord(a: RecordedConnection, b: RecordedConnection): boolean {
  const plain = (record: RecordedConnection): string =>
    canonicalJson({ ...record, protect: record.protect === true ? true : undefined });
  return plain(a) === plain(b);
}

/** The record of a connection that was applied: what is desired, with what a newer connsync wrote beside it. */
export function recordOf(
  to: Pick<DesiredConnection, 'key' | 'spec' | 'owner' | 'protect'>,
  before: RecordedConnection | undefined,
): RecordedConnection {
  return {
    key: to.key,
    spec: to.spec,
    ...compact({ owner: to.owner }),
    ...(to.protect ? { protect: true } : {}),
    ...notesKept(to.spec, before),
    ...(before?.unknown === undefined ? {} : { unknown: before.unknown }),
  };
}

/** What the server made of a value holds as long as that value is the one that was written. */
function notesKept(spec: Spec, before: RecordedConnection | undefined): Pick<RecordedConnection, 'normalised'> {
  if (before?.normalised === undefined) return {};
  const moved = new Set(
    [...differences(spec, before.spec, before.spec), ...differences(before.spec, spec, spec)].map(pathOf),
  );
  const kept = Object.entries(before.normalised).filter(([path]) => !moved.has(path));
  return kept.length === 0 ? {} : { normalised: Object.fromEntries(kept) };
}

function warnDrift(to: DesiredConnection, recorded: Spec | undefined, live: Spec, kept: number): Problem {
  const extra = liveOnlyFields(to.spec, recorded, live).map(({ id }) => id);
  const what =
    kept > 0
      ? `${kept} of its values differ`
      : extra.length > 0
        ? `it has ${extra.length === 1 ? 'a field' : 'fields'} more: ${extra.join(', ')}`
        : 'it is now what its manifest says';
  return problem('drift', `${to.key} was changed outside Git: ${what}; left alone`, {
    ...to.place,
    hint: `see connsync drift; connsync accept ${to.key} copies it into the manifest`,
  });
}

function withDigest(action: Undigested): Action {
  return { ...action, digest: digestOf(action) };
}

function aboutManifest(to: DesiredConnection): {
  readonly key: Key;
  readonly file: string;
  readonly line: number;
  readonly owner?: string;
} {
  return { key: to.key, ...to.place, ...compact({ owner: to.owner }) };
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
    drifted: decisions.filter(({ drifted: moved }) => moved === true).length,
  };
}
