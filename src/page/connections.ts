import {
  byCodeUnit,
  splitKey,
  type DesiredConnection,
  type Key,
  type LiveConnection,
  type RecordedConnection,
} from '../core/connection.ts';
import type { Problem } from '../core/diagnostic.ts';
import { pathOf } from '../core/difference.ts';
import { driftOf, type DriftedConnection } from '../core/drift.ts';
import type { Action, Change, Plan } from '../core/plan.ts';
import type { Records } from '../core/ports.ts';
import { sha256 } from '../core/sha256.ts';
import { STATES, type PageConnection, type PageState } from './document.ts';
import { valuesOf, type Specs } from './values.ts';

/** A plan and the inputs from which it was made. */
export interface Planned {
  readonly plan: Plan;
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: Records;
  /** The live connections. Undefined for an offline plan. */
  readonly live: ReadonlyMap<Key, LiveConnection> | undefined;
  /** Returns whether the plan covers a connection. Undefined means that the plan covers all of them. */
  readonly includes?: (key: Key) => boolean;
}

/** Manifests from which no plan could be made, and the lockfile's records if they were read. */
export interface BrokenPlan {
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly problems: readonly Problem[];
  /** Invalid documents whose entity and id could still be read. */
  readonly broken: readonly { readonly key: Key; readonly file: string }[];
  readonly recorded?: Records;
}

type Sanitize = (text: string) => string;

/**
 * Returns a stable id for a connection, or for a manifest without a key. The id is a hash, so it doesn't show the name.
 */
export function idOf(name: string): string {
  return sha256(name).slice(0, 16);
}

/**
 * Returns every connection that is in Git, the lockfile or Datadog, sorted by state and name. If the current manifests
 * could not be planned, valid connections are shown as in the last plan, or as unplanned if there was no plan.
 *
 * | side            | in the plan                    | state                                                       |
 * | --------------- | ------------------------------ | ----------------------------------------------------------- |
 * | desired         | an action                      | its kind; or drifted, if it only reverts drift              |
 * | desired         | no action                      | in-sync; or drifted, if live differs from the record        |
 * | only recorded   | delete, forget; or no action   | its kind; or orphaned                                       |
 * | only live       |                                | unmanaged                                                   |
 * | any             | filtered out                   | left-out                                                    |
 * | a broken file   |                                | invalid                                                     |
 * | any             | there is no plan               | unplanned                                                   |
 */
export function connectionsOf(
  planned: Planned | undefined,
  read: BrokenPlan | undefined,
  sanitize: Sanitize,
  memory: RowMemory = openRowMemory(),
): readonly PageConnection[] {
  const rows = new Map(planned === undefined ? unplannedRows(read, sanitize) : plannedRows(planned, sanitize, memory));
  if (read !== undefined)
    for (const [name, row] of invalidRows(read, { planned, recorded: planned?.recorded ?? read.recorded }, sanitize))
      rows.set(name, row);
  return [...rows]
    .sort(([a, one], [b, other]) => rankOf(one) - rankOf(other) || byCodeUnit(a, b))
    .map(([, row]) => row);
}

/** Returns the sort rank of a connection. Connections that need attention come first. */
function rankOf({ states }: PageConnection): number {
  return STATES.indexOf(states[0]);
}

type Row = readonly [name: string, row: PageConnection];

/**
 * The rows of the previous document, so that unchanged rows can be reused. It drops the rows of removed connections.
 */
export interface RowMemory {
  known: ReadonlyMap<Key, Known>;
}

interface Known {
  readonly seen: Seen;
  readonly row: PageConnection;
}

type Seen = readonly [
  to: unknown,
  record: unknown,
  there: unknown,
  action: unknown,
  isLive: boolean,
  isIncluded: boolean,
];

export function openRowMemory(): RowMemory {
  return { known: new Map() };
}

function plannedRows(planned: Planned, sanitize: Sanitize, memory: RowMemory): readonly Row[] {
  const { desired, recorded, live, plan } = planned;
  const actions = new Map(plan.actions.map((action) => [action.key, action]));
  const keys = [...new Set([...desired.keys(), ...recorded.keys(), ...(live?.keys() ?? [])])];
  const known = keys.map((key): readonly [Key, Known] => {
    const to = desired.get(key);
    const record = recorded.get(key);
    const there = live?.get(key);
    const action = actions.get(key);
    const isIncluded = planned.includes?.(key) ?? true;
    const seen: Seen = [to, record, there, action, live !== undefined, isIncluded];
    const before = memory.known.get(key);
    if (before?.seen.every((each, index) => each === seen[index]) === true) return [key, before];
    const drift = live === undefined ? undefined : driftFrom(key, { to, record, there });
    const states = statesOf({ to, record, action, drift, isIncluded });
    return [key, { seen, row: rowOf(key, { to, record, there, action, drift, states }, sanitize) }];
  });
  memory.known = new Map(known);
  return known.map(([key, { row }]) => [key, row]);
}

/**
 * Returns the drift of a connection. A record with conflicting contents doesn't say what was last applied, so its
 * connection has no drift.
 */
function driftFrom(key: Key, { to, record, there }: Facts): DriftedConnection | undefined {
  if (record === undefined || record.conflicting !== undefined) return undefined;
  const [drift] = driftOf({
    desired: new Map(to === undefined ? [] : [[key, to]]),
    recorded: new Map([[key, record]]),
    live: new Map(there === undefined ? [] : [[key, there]]),
  });
  return drift;
}

function unplannedRows(read: BrokenPlan | undefined, sanitize: Sanitize): readonly Row[] {
  if (read === undefined) return [];
  const { desired, recorded = new Map<Key, RecordedConnection>() } = read;
  return [...new Set([...desired.keys(), ...recorded.keys()])].map((key): Row => [
    key,
    rowOf(key, { to: desired.get(key), record: recorded.get(key), states: ['unplanned'] }, sanitize),
  ]);
}

/**
 * Returns a row for each connection in the files with errors, if the file or the last plan shows which ones it has. If
 * neither does, the file gets one row with its path.
 */
function invalidRows(
  { desired, problems, broken }: BrokenPlan,
  { planned, recorded }: { readonly planned: Planned | undefined; readonly recorded: Records | undefined },
  sanitize: Sanitize,
): readonly Row[] {
  const files = new Set(problems.flatMap(({ severity, file }) => (severity === 'error' ? (file ?? []) : [])));
  const lost = [...(planned?.desired.values() ?? [])].filter(({ key }) => !desired.has(key));
  return [...files].flatMap((file): readonly Row[] => {
    const keys = new Set([
      ...broken.filter((document) => document.file === file).map(({ key }) => key),
      ...lost.filter(({ place }) => place.file === file).map(({ key }) => key),
    ]);
    if (keys.size === 0) return [[file, nameless(file, sanitize)]];
    return [...keys].map((key): Row => [
      key,
      {
        ...rowOf(key, { record: recorded?.get(key), there: planned?.live?.get(key), states: ['invalid'] }, sanitize),
        file: sanitize(file),
      },
    ]);
  });
}

function nameless(file: string, sanitize: Sanitize): PageConnection {
  return {
    id: idOf(file),
    name: sanitize(file),
    states: ['invalid'],
    gist: '',
    file: sanitize(file),
    sides: [],
    values: [],
  };
}

interface Facts {
  readonly to?: DesiredConnection | undefined;
  readonly record?: RecordedConnection | undefined;
  readonly there?: LiveConnection | undefined;
  readonly action?: Action | undefined;
  readonly drift?: DriftedConnection | undefined;
}

function statesOf({
  to,
  record: recorded,
  action,
  drift,
  isIncluded,
}: Facts & { readonly isIncluded: boolean }): PageConnection['states'] {
  if (!isIncluded) return ['left-out'];
  const moved = drift?.state === 'changed' || drift?.state === 'missing';
  if (to === undefined && recorded === undefined) return ['unmanaged'];
  if (action === undefined && to === undefined) return moved ? ['orphaned', 'drifted'] : ['orphaned'];
  if (action === undefined) return moved ? ['drifted'] : ['in-sync'];
  const { kind, changes } = action;
  const state: PageState = kind === 'update' ? 'change' : kind;
  if (!moved) return [state];
  return kind === 'update' && changes.every(({ cause }) => cause === 'drift') ? ['drifted'] : [state, 'drifted'];
}

function rowOf(key: Key, facts: Facts & Pick<PageConnection, 'states'>, sanitize: Sanitize): PageConnection {
  const { to, record: recorded, there, action, drift, states } = facts;
  const specs: Specs = {
    ...(to === undefined ? {} : { git: to.spec }),
    ...(recorded === undefined ? {} : { lockfile: recorded.spec }),
    ...(there === undefined ? {} : { live: there.spec }),
  };
  const changes = [...(states.includes('drifted') ? (drift?.changes ?? []) : []), ...(action?.changes ?? [])];
  const owner = to?.owner ?? recorded?.owner;
  const place = to?.place;
  return {
    id: idOf(key),
    name: sanitize(key),
    entity: sanitize(splitKey(key).entity),
    states,
    gist: sanitize(gistOf(action, changes)),
    ...(place === undefined ? {} : { file: sanitize(place.file), line: place.line }),
    ...(owner === undefined ? {} : { owner: sanitize(owner) }),
    ...(to?.protect === true || recorded?.protect === true ? { protect: true } : {}),
    ...(states.includes('drifted') && drift !== undefined ? { drift: displayedDrift(drift, action, sanitize) } : {}),
    ...(action === undefined ? {} : aboutAction(action, sanitize)),
    sides: (['git', 'lockfile', 'live'] as const).filter((side) => specs[side] !== undefined),
    values: valuesOf(specs, changes, sanitize),
  };
}

function displayedDrift(
  { state, updatedBy, updatedAt }: DriftedConnection,
  action: Action | undefined,
  sanitize: Sanitize,
): NonNullable<PageConnection['drift']> {
  return {
    missing: state === 'missing',
    setBack: action?.drifted === true,
    ...(updatedBy === undefined ? {} : { by: sanitize(updatedBy) }),
    ...(updatedAt === undefined ? {} : { at: sanitize(updatedAt) }),
  };
}

function aboutAction(
  action: Action,
  sanitize: Sanitize,
): Pick<PageConnection, 'takeover' | 'reasons' | 'vanishing' | 'after'> {
  const vanishing = 'attributes' in action ? action.attributes : undefined;
  return {
    ...('takeover' in action ? { takeover: true } : {}),
    ...(action.kind === 'replace' ? { reasons: action.reasons.map(sanitize) } : {}),
    ...(vanishing === undefined || vanishing.length === 0 ? {} : { vanishing: vanishing.map(sanitize) }),
    ...(action.runsAfter === undefined ? {} : { after: action.runsAfter.map(sanitize) }),
  };
}

function gistOf(action: Action | undefined, changes: readonly Change[]): string {
  if (action?.kind === 'create') {
    const count = action.to.fields?.length ?? 0;
    return `${count} ${count === 1 ? 'field' : 'fields'}`;
  }
  const paths = [...new Set(changes.map(pathOf))];
  const [first] = paths;
  if (first === undefined) return '';
  return paths.length === 1 ? first : `${first} and ${paths.length - 1} more`;
}
