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

/** The inputs and options of a pass, which makes one plan and may apply it. */
export interface PassOptions {
  readonly target: Target;
  readonly manifests: ManifestFiles;
  /** Reads the manifests. If absent, connsync calls `readManifests`. */
  readonly read?: (source: ManifestFiles) => Manifests;
  /** Decides what to do about one connection with a manifest. If absent, the planner decides. */
  readonly decide?: DecideDesired;
  /** The manifest folders: `shown` as messages show them, `recorded` normalised and relative to the lockfile. */
  readonly folders: { readonly shown: readonly string[]; readonly recorded: readonly string[] };
  readonly state: StateStore;
  /** Path of the lockfile as events show it. */
  readonly lockfile: string;
  readonly settings: GuardOptions & { readonly prune: boolean };
  /** Returns whether this run includes a key. If absent, the run includes all keys. */
  readonly includes?: (key: Key) => boolean;
  /** Returns warnings about the filter, given the keys of all three views. */
  readonly filterWarnings?: (keys: Iterable<Key>) => readonly Problem[];
  /** The filters and settings to save with the plan; absent if the plan is not written to a file. */
  readonly planOptions?: PlanOptions;
  readonly clock: Clock;
  readonly report: Report;
  readonly abort: Abort;
}

/** The inputs of a plan. */
export interface Gathered {
  readonly manifests: Manifests;
  readonly snapshot: Snapshot;
  /** The live connections; undefined if the run is offline. */
  readonly live: ReadonlyMap<Key, LiveConnection> | undefined;
}

/** The result of a pass. `plan` is absent if a manifest has an error, `counts` if nothing was applied. */
export interface PassResult {
  readonly exitCode: ExitCode;
  readonly plan?: Plan;
  readonly refusals: readonly Refusal[];
  readonly counts?: Counts;
  readonly gathered?: Gathered;
}

export const INVALID_MANIFESTS: PassResult = { exitCode: 3, refusals: [] };

/** The inputs of planning that are not options of the pass. */
export interface PlanningContext {
  /** The target with its organisation. */
  readonly target: Target;
  /** The Datadog client; undefined if the run is offline. */
  readonly api: ConnectionsReader | undefined;
  readonly reviewed?: Reviewed | undefined;
  /** The start of the pass, in milliseconds of the monotonic clock. */
  readonly started: number;
}

/** Makes the plan, checks the guards, and reports the plan action by action. */
export async function makePlan(
  gathered: Gathered,
  { target, api, reviewed, started }: PlanningContext,
  options: PassOptions,
): Promise<{ readonly plan: Plan; readonly refusals: readonly Refusal[] }> {
  const { report, planOptions, clock } = options;
  const { manifests, snapshot, live } = gathered;
  reportFilterWarnings(gathered, options);
  const plan = await withLostAttributes(planFrom(gathered, options), api, options.abort.stop);
  const inputs = (): ReturnType<typeof hashInputs> => hashInputs(manifests.desired, snapshot.records, live);
  const refusals = [...guardRefusals(plan, gathered, options), ...staleRefusals(plan, reviewed, inputs)];
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

function guardRefusals(
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

function reportFilterWarnings({ manifests, snapshot, live }: Gathered, { filterWarnings, report }: PassOptions): void {
  if (filterWarnings === undefined) return;
  const keys = new Set([...manifests.desired.keys(), ...snapshot.records.keys(), ...(live?.keys() ?? [])]);
  for (const warning of filterWarnings(keys)) report({ type: 'problem', problem: warning });
}

/**
 * Returns whether the run may prune. It may not if it reads other folders than the lockfile records, because a record
 * without a manifest may have one in a folder that wasn't read.
 */
function mayPrune({ settings, folders, report, lockfile }: PassOptions, { header }: Snapshot): boolean {
  if (!settings.prune || header === undefined || sameFolders(header.manifests, folders.recorded)) return settings.prune;
  report({
    type: 'problem',
    problem: problem(
      'prune-off',
      `${lockfile} records the folders ${header.manifests.join(', ')}, but this run reads ${folders.recorded.join(', ')}; connsync does not prune`,
      { hint: 'pass the recorded folders with --dir to prune' },
    ),
  });
  return false;
}

/** Returns whether records without a manifest must be kept, because connsync did not read every manifest. */
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

/** The maximum number of paths that one message lists. */
const MAX_PATHS = 5;
