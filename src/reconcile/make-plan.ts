import { withLostAttributes } from '../apply/lost-attributes.ts';
import type { Abort, Clock } from '../core/clock.ts';
import { compact } from '../core/compact.ts';
import type { Key, LiveConnection } from '../core/connection.ts';
import { problem, type ExitCode, type Problem } from '../core/diagnostic.ts';
import type { Counts, Report, Target } from '../core/event.ts';
import { guard, type GuardOptions } from '../core/guard.ts';
import { sameFolders } from '../core/lockfile-header.ts';
import type { Plan, Refusal } from '../core/plan.ts';
import { planActions, type DecideDesired } from '../core/planner.ts';
import type { ConnectionsReader, ManifestFiles, Snapshot, StateStore } from '../core/ports.ts';
import { hashInputs, staleRefusals, type PlanOptions, type Reviewed } from '../core/review.ts';
import type { Manifests } from '../manifest/read-all.ts';
import { withoutHalfReplaced } from './gather.ts';

/** What every pass needs: where its inputs are, how to plan, and where events go. */
export interface PassOptions {
  readonly target: Target;
  readonly manifests: ManifestFiles;
  /** Reads the manifests; by default reads each file once. */
  readonly read?: (source: ManifestFiles) => Manifests;
  /** Decides about one desired connection; by default the planner does. */
  readonly decide?: DecideDesired;
  /** The manifest folders: as messages display them, and normalised and relative to the lockfile. */
  readonly folders: { readonly shown: readonly string[]; readonly recorded: readonly string[] };
  readonly state: StateStore;
  /** The lockfile as events display it. */
  readonly lockfile: string;
  readonly settings: GuardOptions & { readonly prune: boolean };
  /** The keys that this run is about; by default all of them. */
  readonly includes?: (key: Key) => boolean;
  /** Warnings about that filter, once the keys of all three views are known. */
  readonly doubts?: (keys: Iterable<Key>) => readonly Problem[];
  /** Filters and settings, if the plan is saved to a file. */
  readonly planOptions?: PlanOptions;
  readonly clock: Clock;
  readonly report: Report;
  readonly abort: Abort;
}

/** What a plan is made from. */
export interface Gathered {
  readonly manifests: Manifests;
  readonly snapshot: Snapshot;
  /** Undefined offline. */
  readonly live: ReadonlyMap<Key, LiveConnection> | undefined;
}

/** How a pass ended. `plan` is missing if a manifest has an error, `counts` if nothing was applied. */
export interface PassResult {
  readonly exitCode: ExitCode;
  readonly plan?: Plan;
  readonly refusals: readonly Refusal[];
  readonly counts?: Counts;
  readonly gathered?: Gathered;
}

export const INVALID_MANIFESTS: PassResult = { exitCode: 3, refusals: [] };

/** What planning needs beside the options of the pass. */
export interface PlanningContext {
  /** The target with its organisation. */
  readonly target: Target;
  /** Undefined offline. */
  readonly api: ConnectionsReader | undefined;
  readonly reviewed?: Reviewed | undefined;
  /** Monotonic milliseconds at which the pass began. */
  readonly started: number;
}

/** Plans, asks the guards, and reports the plan action by action. */
export async function makePlan(
  gathered: Gathered,
  { target, api, reviewed, started }: PlanningContext,
  options: PassOptions,
): Promise<{ readonly plan: Plan; readonly refusals: readonly Refusal[] }> {
  const { report, planOptions, clock } = options;
  const { manifests, snapshot, live } = gathered;
  reportDoubtfulFilters(gathered, options);
  const plan = await withLostAttributes(planFrom(gathered, options), api, options.abort.stop);
  const inputs = (): ReturnType<typeof hashInputs> => hashInputs(manifests.desired, snapshot.records, live);
  const refusals = [...guardedBy(plan, gathered, options), ...staleRefusals(plan, reviewed, inputs)];
  for (const found of plan.problems) report({ type: 'problem', problem: found });
  for (const action of plan.actions) report({ type: 'action', action });
  report({
    type: 'planned',
    target,
    summary: plan.summary,
    checksum: plan.checksum,
    refusals,
    ...(planOptions === undefined ? {} : { inputs: inputs(), options: planOptions }),
    ms: Math.round(clock.monotonic() - started),
  });
  return { plan, refusals };
}

function planFrom(gathered: Gathered, options: PassOptions): Plan {
  const { manifests, snapshot, live } = gathered;
  const keepUndesired = mustKeepUndesired(gathered, options);
  return planActions(
    {
      desired: manifests.desired,
      recorded: withoutHalfReplaced(snapshot, live),
      live,
      prune: !keepUndesired && mayPrune(options, snapshot),
      keepUndesired,
      onDrift: options.settings.onDrift,
      ...compact({ includes: options.includes }),
    },
    options.decide,
  );
}

function guardedBy(
  plan: Plan,
  { manifests, snapshot }: Gathered,
  { folders, settings }: PassOptions,
): readonly Refusal[] {
  const { desired, missing, manifests: count } = manifests;
  return guard(
    { plan, desired, recorded: snapshot.records, missing, folders: folders.shown, manifests: count },
    settings,
  );
}

function reportDoubtfulFilters({ manifests, snapshot, live }: Gathered, { doubts, report }: PassOptions): void {
  if (doubts === undefined) return;
  const keys = new Set([...manifests.desired.keys(), ...snapshot.records.keys(), ...(live?.keys() ?? [])]);
  for (const doubt of doubts(keys)) report({ type: 'problem', problem: doubt });
}

/** In a run over other folders than the lockfile's, a record without a manifest may have one in a folder that wasn't read. */
function mayPrune({ settings, folders, report, lockfile }: PassOptions, { header }: Snapshot): boolean {
  if (!settings.prune || header === undefined || sameFolders(header.manifests, folders.recorded)) return settings.prune;
  const message = `${lockfile} was made from ${header.manifests.join(', ')}, and this run reads ${folders.recorded.join(', ')}: nothing is pruned`;
  report({ type: 'problem', problem: problem('prune-off', message, { hint: 'run over the same folders to prune' }) });
  return false;
}

/** Returns whether a record without a manifest must be kept, because its manifest may be one that wasn't read. */
function mustKeepUndesired({ manifests, snapshot }: Gathered, { manifests: source, report }: PassOptions): boolean {
  const isMissing = [...snapshot.records.keys()].some((key) => !manifests.desired.has(key));
  if (!isMissing) return false;
  const unread = [...manifests.unread, ...(source.sparse?.() ?? [])];
  if (unread.length === 0) return false;
  const more = unread.length > MAX_PATHS ? ` and ${unread.length - MAX_PATHS} more` : '';
  const message = `connsync did not read ${unread.slice(0, MAX_PATHS).join(', ')}${more}, so this run prunes and forgets nothing`;
  const hint =
    'replace links with the manifests themselves, and check out every manifest (git sparse-checkout disable)';
  report({ type: 'problem', problem: problem('prune-off', message, { hint }) });
  return true;
}

/** Paths that one message lists. */
const MAX_PATHS = 5;
