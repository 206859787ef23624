import { execute } from './apply/execute.ts';
import { splitKey, type Key, type LiveConnection } from './core/connection.ts';
import { Failure, hasErrors, problem, type ExitCode } from './core/diagnostic.ts';
import type { Counts, Report, Target } from './core/event.ts';
import { guard, type GuardOptions } from './core/guard.ts';
import type { Plan, Refusal } from './core/plan.ts';
import { planActions } from './core/planner.ts';
import type { ConnectionsApi, ConnectionsReader, Holder, ManifestFiles, Snapshot, StateStore } from './core/ports.ts';
import { missingFolder } from './manifest/missing-folder.ts';
import { readManifests, type Manifests } from './manifest/read-all.ts';

/**
 * What this run may do at Datadog. `connect` throws a Failure where credentials are missing; it is called only once the
 * manifests and the lockfile are known to be sound.
 */
export type Access =
  | { readonly kind: 'offline' }
  | { readonly kind: 'reads'; readonly connect: () => Promise<ConnectionsReader> }
  | { readonly kind: 'writes'; readonly connect: () => Promise<ConnectionsApi>; readonly apply: ApplyOptions };

export interface ApplyOptions {
  readonly concurrency: number;
  readonly holder: Holder;
  readonly lockWaitMs: number;
  /** Asked once there is something to do and no guard refuses. Throws a Failure `not-confirmed`. */
  readonly confirm: (plan: Plan) => Promise<void>;
  /** Aborted where what is in flight is to be cut off too. */
  readonly cut: AbortSignal;
}

export interface ReconcileOptions {
  readonly target: Target;
  readonly manifests: ManifestFiles;
  /** The manifest folders: as messages show them, and normalised and relative to the lockfile. */
  readonly folders: { readonly shown: readonly string[]; readonly recorded: readonly string[] };
  readonly state: StateStore;
  /** The lockfile as events show it. */
  readonly lockfile: string;
  readonly datadog: Access;
  readonly settings: GuardOptions & { readonly prune: boolean };
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly report: Report;
  /** Aborted: start nothing new, finish what is in flight, record it. */
  readonly signal: AbortSignal;
}

export interface Reconciled {
  readonly exitCode: ExitCode;
  readonly plan?: Plan;
  readonly refusals: readonly Refusal[];
  readonly counts?: Counts;
}

/**
 * One pass: load → plan → guard → apply → record. Without write access it ends before the apply; that is all a dry run is.
 * Everything is told as events; expected failures are thrown as `Failure` after what was done has been recorded.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { datadog, state } = options;
  const started = options.clock();
  const manifests = load(options);
  if (hasErrors(manifests.problems)) return { exitCode: 3, refusals: [] };

  const release =
    datadog.kind === 'writes'
      ? await state.hold(datadog.apply.holder, datadog.apply.lockWaitMs, options.signal)
      : undefined;
  try {
    const snapshot = await state.load();
    const { api, live, target } = await observe(options, manifests, snapshot);
    const plan = planActions({
      desired: manifests.desired,
      recorded: snapshot.records,
      live,
      prune: mayPrune(options, snapshot),
      onDrift: options.settings.onDrift,
    });
    const refusals = guard(
      {
        plan,
        desired: manifests.desired,
        recorded: snapshot.records,
        missing: manifests.missing,
        folders: options.folders.shown,
        manifests: manifests.manifests,
      },
      options.settings,
    );
    tell(plan, refusals, target, options.clock() - started, options.report);
    if (datadog.kind !== 'writes' || api === undefined) return { exitCode: 0, plan, refusals };
    if (refusals.length > 0) return { exitCode: 7, plan, refusals };
    refuseUnwritten(plan);
    if (plan.actions.length > 0) await datadog.apply.confirm(plan);
    return await applyAndRecord({ options, apply: datadog.apply, manifests, snapshot, target, plan, api });
  } finally {
    await release?.();
  }
}

function load({ manifests: source, datadog, clock, report, folders }: ReconcileOptions): Manifests {
  const started = clock();
  const manifests = readManifests(source);
  const entities = new Set([...manifests.desired.values()].map(({ entity }) => entity)).size;
  report({
    type: 'loaded',
    manifests: manifests.manifests,
    connections: manifests.connections,
    entities,
    ms: Math.round(clock() - started),
  });
  // An apply goes on: there it is a guard that refuses, once the lockfile and the target are known to be sound.
  const missing =
    datadog.kind === 'writes' ? [] : manifests.missing.map((folder) => missingFolder(folder, folders.shown));
  const problems = [...missing, ...manifests.problems];
  for (const found of problems) report({ type: 'problem', problem: found });
  return { ...manifests, problems };
}

interface Observed {
  readonly api: ConnectionsApi | undefined;
  readonly live: ReadonlyMap<Key, LiveConnection> | undefined;
  readonly target: Target;
}

/** Checks that the lockfile belongs to this target, and lists what is live there: one list for each entity in use. */
async function observe(
  { target, datadog, signal, lockfile }: ReconcileOptions,
  { desired }: Manifests,
  { header, records }: Snapshot,
): Promise<Observed> {
  if (header !== undefined && header.site !== target.site) {
    throw new Failure('other-site', `${lockfile} belongs to ${header.site}, and this run is for ${target.site}`, {
      hint: `use --site ${header.site}, or another --lockfile`,
    });
  }
  const known = target.org ?? header?.org;
  if (datadog.kind === 'offline')
    return { api: undefined, live: undefined, target: { ...target, ...(known === undefined ? {} : { org: known }) } };
  const api = await datadog.connect();
  const org = await api.organisation(signal);
  if (org !== undefined && header?.org !== undefined && org !== header.org) {
    throw new Failure(
      'other-organisation',
      `${lockfile} belongs to the organisation ${header.org}, and these credentials to ${org}`,
      { hint: 'use the keys of that organisation, or another --lockfile' },
    );
  }
  const entities = new Set([...desired.keys(), ...records.keys()].map((key) => splitKey(key).entity));
  const lists = await Promise.all([...entities].sort().map((entity) => api.list(entity, signal)));
  const live = new Map(lists.flat().map((connection) => [connection.key, connection]));
  const settled = org ?? known;
  return {
    api: datadog.kind === 'writes' ? (api as ConnectionsApi) : undefined,
    live,
    target: { ...target, ...(settled === undefined ? {} : { org: settled }) },
  };
}

/** Over other folders than the lockfile's, what is missing may well stand in the folders that were not read. */
function mayPrune({ settings, folders, report, lockfile }: ReconcileOptions, { header }: Snapshot): boolean {
  if (!settings.prune || header === undefined || sameFolders(header.manifests, folders.recorded)) return settings.prune;
  report({
    type: 'problem',
    problem: problem(
      'prune-off',
      `${lockfile} was made from ${header.manifests.join(', ')}, and this run reads ${folders.recorded.join(', ')}: nothing is pruned`,
      {
        hint: 'run over the same folders to prune',
      },
    ),
  });
  return false;
}

function sameFolders(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((folder) => b.includes(folder));
}

function tell(plan: Plan, refusals: readonly Refusal[], target: Target, ms: number, report: Report): void {
  for (const told of plan.problems) report({ type: 'problem', problem: told });
  for (const action of plan.actions) report({ type: 'action', action });
  report({ type: 'planned', target, summary: plan.summary, checksum: plan.checksum, refusals, ms: Math.round(ms) });
}

/** Updates, replaces and deletes are planned and shown, and not carried out yet. */
function refuseUnwritten({ actions }: Plan): void {
  const later = actions.filter(({ kind }) => kind === 'update' || kind === 'replace' || kind === 'delete');
  if (later.length === 0) return;
  const keys = later.slice(0, 5).map(({ key }) => key);
  throw new Failure('not-yet', `this version creates, adopts and forgets only, and ${keys.join(', ')} needs more`, {
    hint: 'nothing was sent; put the manifests back, or wait for the next version',
  });
}

interface Applying {
  readonly options: ReconcileOptions;
  readonly apply: ApplyOptions;
  readonly manifests: Manifests;
  readonly snapshot: Snapshot;
  readonly target: Target;
  readonly plan: Plan;
  readonly api: ConnectionsApi;
}

async function applyAndRecord({
  options,
  apply,
  manifests,
  snapshot,
  target,
  plan,
  api,
}: Applying): Promise<Reconciled> {
  const { state, signal, clock, report } = options;
  const executed = await execute({
    actions: plan.actions,
    desired: manifests.desired,
    recorded: new Map([...snapshot.records, ...plan.corrections.map((record) => [record.key, record] as const)]),
    api,
    state,
    concurrency: apply.concurrency,
    stop: signal,
    cut: apply.cut,
    clock,
    report,
  });
  const { records, counts } = executed;
  const header = {
    ...snapshot.header,
    site: target.site,
    ...(target.org === undefined ? {} : { org: target.org }),
    manifests: foldersToRecord(options, snapshot, plan),
  };
  const version = await state.commit({ header, records }, snapshot.version);
  if (typeof version !== 'string') {
    throw new Failure('lockfile-changed', version.message, {
      hint: 'run connsync apply again: it lists before it writes',
    });
  }
  if (version !== snapshot.version) report({ type: 'recorded', file: options.lockfile, connections: records.size });
  if (executed.failure !== undefined) throw executed.failure;
  return { exitCode: counts.failed + counts.skipped > 0 ? 4 : 0, plan, refusals: [], counts };
}

/** Other folders become the lockfile's only where nothing of the former ones is left behind. */
function foldersToRecord({ folders }: ReconcileOptions, { header }: Snapshot, { summary }: Plan): readonly string[] {
  return header === undefined || summary.orphaned === 0 ? folders.recorded : header.manifests;
}
