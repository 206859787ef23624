import { commitRecords } from './apply/commit.ts';
import { execute } from './apply/execute.ts';
import { recover } from './apply/recover.ts';
import { withVanishing } from './apply/vanishing.ts';
import { type Key, type LiveConnection } from './core/connection.ts';
import { Failure, hasErrors, problem, type ExitCode } from './core/diagnostic.ts';
import type { Counts, Report, Target } from './core/event.ts';
import { guard, type GuardOptions } from './core/guard.ts';
import type { Plan, Refusal } from './core/plan.ts';
import { planActions } from './core/planner.ts';
import type {
  ConnectionsApi,
  ConnectionsReader,
  Header,
  Holder,
  Intent,
  ManifestFiles,
  Records,
  Snapshot,
  StateStore,
} from './core/ports.ts';
import { inputsOf, staleRefusals, type PlanOptions, type Reviewed } from './core/review.ts';
import { entitiesInUse, identify, listLive, loadManifests, requireSite, tellOpen, withoutCut } from './observe.ts';
import type { Manifests } from './manifest/read-all.ts';

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
  /** What somebody looked at before: nothing else is carried out. */
  readonly reviewed?: Reviewed;
  /** Asked once there is something to do and no guard refuses. Throws a Failure `not-confirmed`. */
  readonly confirm: (plan: Plan) => Promise<void>;
  /** How long a request may be on its way before a list that doesn't show it is the last word, in milliseconds. */
  readonly settleMs: number;
  /** Waits so many milliseconds, or until the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted where what is in flight is to be cut off too. */
  readonly cut: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
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
  /** Which keys this run is about; all of them where it is left out. */
  readonly includes?: (key: Key) => boolean;
  /** Filters and settings, where the plan is kept in a file. */
  readonly planOptions?: PlanOptions;
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
  const { datadog, state, signal } = options;
  const started = options.clock();
  const manifests = loadManifests(options, datadog.kind !== 'writes');
  if (hasErrors(manifests.problems)) return { exitCode: 3, refusals: [] };

  const release =
    datadog.kind === 'writes'
      ? await state.hold(datadog.apply.holder, datadog.apply.lockWaitMs, signal, (ms) =>
          options.report({ type: 'waiting', reason: 'another apply holds the lockfile', ms }),
        )
      : undefined;
  try {
    const loaded = await state.load();
    requireSite(options, loaded);
    requireReviewed(options, options.target);
    const writer = datadog.kind === 'writes' ? await datadog.connect() : undefined;
    const api = datadog.kind === 'reads' ? await datadog.connect() : writer;
    const target = await identify(options, loaded, api, signal);
    requireReviewed(options, target);
    if (datadog.kind !== 'writes') tellOpen(loaded, options);
    const snapshot =
      datadog.kind === 'writes' && writer !== undefined
        ? await recovered({ options, apply: datadog.apply, manifests, snapshot: loaded, target, api: writer })
        : loaded;
    const live = api === undefined ? undefined : await listLive(api, entitiesInUse(manifests, snapshot), signal);

    const plan = await planFrom(options, { manifests, snapshot, live, api });
    const refusals = refusalsOf(options, { plan, manifests, snapshot, live });
    tell(plan, options.report);
    options.report({
      type: 'planned',
      target,
      summary: plan.summary,
      checksum: plan.checksum,
      refusals,
      ...(options.planOptions === undefined
        ? {}
        : { inputs: inputsOf(manifests.desired, snapshot.records, live), options: options.planOptions }),
      ms: Math.round(options.clock() - started),
    });

    if (datadog.kind !== 'writes' || writer === undefined) return { exitCode: 0, plan, refusals };
    if (refusals.length > 0) return { exitCode: 7, plan, refusals };
    if (plan.actions.length > 0) await datadog.apply.confirm(plan);
    return await applyAndRecord({ options, apply: datadog.apply, manifests, snapshot, target, api: writer }, plan);
  } finally {
    await release?.();
  }
}

/** A reviewed plan belongs to one site and organisation, as the lockfile does. */
function requireReviewed({ datadog }: ReconcileOptions, target: Target): void {
  const reviewed = datadog.kind === 'writes' ? datadog.apply.reviewed : undefined;
  if (reviewed?.kind !== 'plan') return;
  if (reviewed.site !== target.site) {
    throw new Failure(
      'other-site',
      `${reviewed.file} was made for ${reviewed.site}, and this run is for ${target.site}`,
      { hint: `use --site ${reviewed.site}, or another plan` },
    );
  }
  if (reviewed.org !== undefined && target.org !== undefined && reviewed.org !== target.org) {
    throw new Failure(
      'other-organisation',
      `${reviewed.file} was made for the organisation ${reviewed.org}, and these credentials belong to ${target.org}`,
      { hint: 'use the keys of that organisation, or another plan' },
    );
  }
}

interface Sides {
  readonly manifests: Manifests;
  readonly snapshot: Snapshot;
  /** Undefined offline. */
  readonly live: ReadonlyMap<Key, LiveConnection> | undefined;
}

async function planFrom(
  options: ReconcileOptions,
  { manifests, snapshot, live, api }: Sides & { readonly api: ConnectionsReader | undefined },
): Promise<Plan> {
  const planned = planActions({
    desired: manifests.desired,
    recorded: withoutCut(snapshot, live),
    live,
    prune: mayPrune(options, snapshot),
    onDrift: options.settings.onDrift,
    ...(options.includes === undefined ? {} : { includes: options.includes }),
  });
  return withVanishing(planned, api, options.signal);
}

function refusalsOf(
  { datadog, folders, settings }: ReconcileOptions,
  { plan, manifests, snapshot, live }: Sides & { readonly plan: Plan },
): readonly Refusal[] {
  const { desired, missing, manifests: count } = manifests;
  const guarded = guard(
    { plan, desired, recorded: snapshot.records, missing, folders: folders.shown, manifests: count },
    settings,
  );
  const reviewed = datadog.kind === 'writes' ? datadog.apply.reviewed : undefined;
  return [...guarded, ...staleRefusals(plan, reviewed, () => inputsOf(desired, snapshot.records, live))];
}

/**
 * What an interrupted run left is made good before anything new is planned: its open intents are looked up, and what it did
 * and did not come to commit is committed.
 */
async function recovered(applying: Applying): Promise<Snapshot> {
  const { options, apply, snapshot, api } = applying;
  if (snapshot.open.length === 0 && snapshot.uncommitted.length === 0) return snapshot;
  const { clock, report, signal, state, includes = () => true } = options;
  const { records, open } = await recover(snapshot, { ...apply, api, state, includes, clock, stop: signal, report });
  tellOpen({ open: open.filter(({ key }) => !includes(key)) }, options);
  const header = headerFor(applying, records);
  const { version } = await commitRecords({
    ...apply,
    state,
    snapshot,
    header,
    records,
    lockfile: options.lockfile,
    report,
  });
  signal.throwIfAborted();
  return { header, records, open, uncommitted: [], version };
}

function tell(plan: Plan, report: Report): void {
  for (const told of plan.problems) report({ type: 'problem', problem: told });
  for (const action of plan.actions) report({ type: 'action', action });
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
  const [one, two] = [new Set(a), new Set(b)];
  return one.size === two.size && [...one].every((folder) => two.has(folder));
}

interface Applying {
  readonly options: ReconcileOptions;
  readonly apply: ApplyOptions;
  readonly manifests: Manifests;
  readonly snapshot: Snapshot;
  readonly target: Target;
  readonly api: ConnectionsApi;
}

async function applyAndRecord(applying: Applying, plan: Plan): Promise<Reconciled> {
  const { options, apply, manifests, snapshot, api } = applying;
  const { state, signal, clock, report, lockfile } = options;
  const executed = await execute({
    ...apply,
    actions: plan.actions,
    desired: manifests.desired,
    target: targetOf(applying),
    held: new Set(snapshot.open.map(({ key }) => key)),
    recorded: new Map([...snapshot.records, ...plan.corrections.map((record) => [record.key, record] as const)]),
    api,
    state,
    stop: signal,
    clock,
    report,
  });
  const { records, counts } = executed;
  await commitRecords({ ...apply, state, snapshot, header: headerFor(applying, records), records, lockfile, report });
  if (executed.failure !== undefined) throw executed.failure;
  return { exitCode: counts.failed + counts.skipped > 0 ? 4 : 0, plan, refusals: [], counts };
}

function targetOf({ target: { site, org } }: Applying): Intent['target'] {
  return { site, ...(org === undefined ? {} : { org }) };
}

function headerFor({ options, snapshot, target, manifests }: Applying, records: Records): Header {
  return {
    ...snapshot.header,
    site: target.site,
    ...(target.org === undefined ? {} : { org: target.org }),
    manifests: foldersToRecord(options, snapshot, records, manifests),
  };
}

/** Other folders become the lockfile's only where nothing of the former ones is left behind, whatever this run was about. */
function foldersToRecord(
  { folders }: ReconcileOptions,
  { header }: Snapshot,
  records: Records,
  { desired }: Manifests,
): readonly string[] {
  if (header === undefined) return folders.recorded;
  const orphaned = [...records.keys()].some((key) => !desired.has(key));
  return orphaned || sameFolders(header.manifests, folders.recorded) ? header.manifests : folders.recorded;
}
