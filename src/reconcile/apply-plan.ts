import { commitRecords } from '../apply/commit.ts';
import { execute } from '../apply/execute.ts';
import { recover } from '../apply/recover.ts';
import type { Abort, Clock } from '../core/clock.ts';
import { compact } from '../core/compact.ts';
import type { DesiredConnection, Key } from '../core/connection.ts';
import type { Counts, Report, Target } from '../core/event.ts';
import { headerAfterApply } from '../core/lockfile-header.ts';
import type { Plan } from '../core/plan.ts';
import type { ConnectionsApi, LockfileHeader, Records, Snapshot, StateStore } from '../core/ports.ts';
import { warnInterrupted } from './gather.ts';

/** The concurrency of an apply, and how long it waits for unclear outcomes. */
export interface ExecutionLimits {
  /** Maximum number of requests in flight, at least 1. */
  readonly concurrency: number;
  /**
   * The settle window in milliseconds: how long a request may be in flight before a list that doesn't show its effect
   * proves that the request was lost.
   */
  readonly settleMs: number;
}

export interface ApplyContext extends ExecutionLimits {
  readonly target: Target;
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly folders: { readonly recorded: readonly string[] };
  readonly state: StateStore;
  readonly api: ConnectionsApi;
  /** Path of the lockfile as events show it. */
  readonly lockfile: string;
  readonly includes?: (key: Key) => boolean;
  readonly clock: Clock;
  readonly report: Report;
  readonly abort: Abort;
}

/**
 * Finds out the outcome of an interrupted run's open intents, and commits the changes that the interrupted run made but
 * didn't record. Returns the snapshot to plan from.
 */
export async function recoverInterrupted(snapshot: Snapshot, context: ApplyContext): Promise<Snapshot> {
  if (snapshot.open.length === 0 && snapshot.uncommitted.length === 0) return snapshot;
  const { includes = () => true, abort } = context;
  const { records, open } = await recover(snapshot, { ...context, includes });
  warnInterrupted({ open: open.filter(({ key }) => !includes(key)) }, context);
  const header = headerFor(snapshot, records, context);
  const { version } = await commitRecords({ ...context, snapshot, header, records });
  abort.stop.throwIfAborted();
  return { header, records, open, uncommitted: [], version };
}

/**
 * Executes a plan and records all changes, even if an action failed. If a failure ended the run early, throws that
 * failure after recording.
 */
export async function applyPlan(plan: Plan, snapshot: Snapshot, context: ApplyContext): Promise<Counts> {
  const { site, org } = context.target;
  const { records, counts, failure } = await execute({
    ...context,
    actions: plan.actions,
    target: compact({ site, org }),
    blocked: new Set(snapshot.open.map(({ key }) => key)),
    recorded: new Map([...snapshot.records, ...plan.corrections.map((record) => [record.key, record] as const)]),
  });
  await commitRecords({ ...context, snapshot, header: headerFor(snapshot, records, context), records });
  if (failure !== undefined) throw failure;
  return counts;
}

function headerFor({ header }: Snapshot, records: Records, context: ApplyContext): LockfileHeader {
  const { target, desired, folders } = context;
  const orphans = [...records.keys()].some((key) => !desired.has(key));
  return headerAfterApply(header, { site: target.site, org: target.org, folders: folders.recorded }, orphans);
}
