import { commitRecords } from '../apply/commit.ts';
import { execute } from '../apply/execute.ts';
import { recover } from '../apply/recover.ts';
import type { DesiredConnection, Key } from '../core/connection.ts';
import type { Counts, Report, Target } from '../core/event.ts';
import { sameFolders } from '../core/folders.ts';
import type { Plan } from '../core/plan.ts';
import type { ConnectionsApi, LockfileHeader, Records, Snapshot, StateStore } from '../core/ports.ts';
import { warnInterrupted } from './gather.ts';

/** How fast, and for how long. */
export interface ExecutionLimits {
  /** Requests under way at once, from 1. */
  readonly concurrency: number;
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

export interface ApplyContext extends ExecutionLimits {
  readonly target: Target;
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly folders: { readonly recorded: readonly string[] };
  readonly state: StateStore;
  readonly api: ConnectionsApi;
  /** The lockfile as events show it. */
  readonly lockfile: string;
  readonly includes?: (key: Key) => boolean;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly report: Report;
  /** Aborted: start nothing new, finish what is in flight, record it. */
  readonly signal: AbortSignal;
}

/**
 * What an interrupted run left is made good before anything new is planned: its open intents are looked up, and what it did
 * and did not come to commit is committed.
 */
export async function recoverInterrupted(snapshot: Snapshot, carrying: ApplyContext): Promise<Snapshot> {
  if (snapshot.open.length === 0 && snapshot.uncommitted.length === 0) return snapshot;
  const { includes = () => true, signal } = carrying;
  const { records, open } = await recover(snapshot, { ...carrying, includes, stop: signal });
  warnInterrupted({ open: open.filter(({ key }) => !includes(key)) }, carrying);
  const header = headerFor(snapshot, records, carrying);
  const { version } = await commitRecords({ ...carrying, snapshot, header, records });
  signal.throwIfAborted();
  return { header, records, open, uncommitted: [], version };
}

/** Carries a plan out and records what was done, whatever else failed; what ends a run early is thrown after that. */
export async function carryOut(plan: Plan, snapshot: Snapshot, carrying: ApplyContext): Promise<Counts> {
  const { site, org } = carrying.target;
  const executed = await execute({
    ...carrying,
    actions: plan.actions,
    target: { site, ...(org === undefined ? {} : { org }) },
    held: new Set(snapshot.open.map(({ key }) => key)),
    recorded: new Map([...snapshot.records, ...plan.corrections.map((record) => [record.key, record] as const)]),
    stop: carrying.signal,
  });
  const { records, counts, failure } = executed;
  await commitRecords({ ...carrying, snapshot, header: headerFor(snapshot, records, carrying), records });
  if (failure !== undefined) throw failure;
  return counts;
}

function headerFor({ header }: Snapshot, records: Records, { target, desired, folders }: ApplyContext): LockfileHeader {
  const { site, org } = target;
  const orphaned = [...records.keys()].some((key) => !desired.has(key));
  // Other folders become the lockfile's only where nothing of the former ones is left behind, whatever this run was about.
  const keeps = header !== undefined && (orphaned || sameFolders(header.manifests, folders.recorded));
  return {
    ...header,
    site,
    ...(org === undefined ? {} : { org }),
    manifests: keeps ? header.manifests : folders.recorded,
  };
}
