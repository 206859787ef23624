import { withLostAttributes } from '../apply/lost-attributes.ts';
import { carryOut, recoverInterrupted, type ExecutionLimits } from './apply-plan.ts';
import { type Key, type LiveConnection } from '../core/connection.ts';
import { Failure, hasErrors, problem, type ExitCode, type Problem } from '../core/diagnostic.ts';
import type { Counts, Report, Target } from '../core/event.ts';
import { guard, type GuardOptions } from '../core/guard.ts';
import type { Plan, Refusal } from '../core/plan.ts';
import { planActions, type DecisionMemory } from '../core/planner.ts';
import type { ConnectionsApi, ConnectionsReader, Holder, ManifestFiles, Snapshot, StateStore } from '../core/ports.ts';
import { sameFolders } from '../core/folders.ts';
import { inputsOf, staleRefusals, type PlanOptions, type Reviewed } from '../core/review.ts';
import {
  entitiesInUse,
  identify,
  listLive,
  loadManifests,
  requireSite,
  warnInterrupted,
  withoutHalfReplaced,
} from './gather.ts';
import type { Manifests } from '../manifest/read-all.ts';

/**
 * What this run may do at Datadog. `connect` throws a Failure where credentials are missing; it is called only once the
 * manifests and the lockfile are known to be sound.
 */
export type Access =
  | { readonly kind: 'offline' }
  | { readonly kind: 'reads'; readonly connect: () => Promise<ConnectionsReader> }
  | { readonly kind: 'writes'; readonly connect: () => Promise<ConnectionsApi>; readonly apply: ApplyOptions };

/** How an apply is carried out, once the plan stands. */
export interface ApplyOptions extends ExecutionLimits {
  readonly holder: Holder;
  readonly lockWaitMs: number;
  /** What somebody looked at before: nothing else is carried out. */
  readonly reviewed?: Reviewed;
  /** Asked once there is something to do and no guard refuses. Throws a Failure `not-confirmed`. */
  readonly confirm: (plan: Plan) => Promise<void>;
}

/** Everything that one pass needs of the world. */
export interface ReconcileOptions {
  readonly target: Target;
  readonly manifests: ManifestFiles;
  /** How they are read, where somebody has read them before; each file anew where it is left out. */
  readonly read?: (source: ManifestFiles) => Manifests;
  /** What was decided in the pass before. */
  readonly memory?: DecisionMemory;
  /** The manifest folders: as messages show them, and normalised and relative to the lockfile. */
  readonly folders: { readonly shown: readonly string[]; readonly recorded: readonly string[] };
  readonly state: StateStore;
  /** The lockfile as events show it. */
  readonly lockfile: string;
  readonly datadog: Access;
  readonly settings: GuardOptions & { readonly prune: boolean };
  /** Which keys this run is about; all of them where it is left out. */
  readonly includes?: (key: Key) => boolean;
  /** What is doubtful about that, now that all keys of the three sides are known. */
  readonly doubts?: (keys: Iterable<Key>) => readonly Problem[];
  /** Filters and settings, where the plan is kept in a file. */
  readonly planOptions?: PlanOptions;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly report: Report;
  /** Aborted: start nothing new, finish what is in flight, record it. */
  readonly signal: AbortSignal;
}

/** How a pass ended. `plan` is missing where the manifests have an error, `counts` where nothing was to be applied. */
export interface Reconciled {
  readonly exitCode: ExitCode;
  readonly plan?: Plan;
  readonly refusals: readonly Refusal[];
  readonly counts?: Counts;
  /** What the plan was made from. */
  readonly sides?: Sides;
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
    if (datadog.kind !== 'writes') warnInterrupted(loaded, options);
    const carrying =
      datadog.kind === 'writes' && writer !== undefined
        ? { ...options, ...datadog.apply, desired: manifests.desired, target, api: writer }
        : undefined;
    const snapshot = carrying === undefined ? loaded : await recoverInterrupted(loaded, carrying);
    const live = api === undefined ? undefined : await listLive(api, entitiesInUse(manifests, snapshot), signal);

    reportDoubtfulFilters(options, { manifests, snapshot, live });
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

    const sides = { manifests, snapshot, live };
    if (datadog.kind !== 'writes' || carrying === undefined) return { exitCode: 0, plan, refusals, sides };
    if (refusals.length > 0) return { exitCode: 7, plan, refusals, sides };
    if (plan.actions.length > 0) await datadog.apply.confirm(plan);
    const counts = await carryOut(plan, snapshot, carrying);
    return { exitCode: counts.failed + counts.skipped > 0 ? 4 : 0, plan, refusals: [], counts, sides };
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
      'site-mismatch',
      `${reviewed.file} was made for ${reviewed.site}, and this run is for ${target.site}`,
      { hint: `use --site ${reviewed.site}, or another plan` },
    );
  }
  if (reviewed.org !== undefined && target.org !== undefined && reviewed.org !== target.org) {
    throw new Failure(
      'organisation-mismatch',
      `${reviewed.file} was made for the organisation ${reviewed.org}, and these credentials belong to ${target.org}`,
      { hint: 'use the keys of that organisation, or another plan' },
    );
  }
}

/** What a plan was made from. */
export interface Sides {
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
    recorded: withoutHalfReplaced(snapshot, live),
    live,
    prune: mayPrune(options, snapshot),
    onDrift: options.settings.onDrift,
    ...(options.includes === undefined ? {} : { includes: options.includes }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
  });
  return withLostAttributes(planned, api, options.signal);
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

function reportDoubtfulFilters({ doubts, report }: ReconcileOptions, { manifests, snapshot, live }: Sides): void {
  if (doubts === undefined) return;
  const keys = new Set([...manifests.desired.keys(), ...snapshot.records.keys(), ...(live?.keys() ?? [])]);
  for (const doubt of doubts(keys)) report({ type: 'problem', problem: doubt });
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
