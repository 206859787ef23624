import { compact } from '../core/compact.ts';
import pLimit from 'p-limit';
import type { DesiredConnection, Key } from '../core/connection.ts';
import type { Abort, Clock } from '../core/clock.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Counts, Report } from '../core/event.ts';
import type { Action } from '../core/plan.ts';
import type { ConnectionsApi, Intent, Outcome, Records, StateStore } from '../core/ports.ts';
import { runProtocol, type Learned } from './run-protocol.ts';
import { goalOf, requestsOf, sends, type Request, type SendingAction } from './goal.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { openListPoller, type ListPoller } from './list-poller.ts';
import { begin, type Ending } from './protocol.ts';
import { verifyWrites } from './verify-writes.ts';

export interface ExecuteOptions {
  readonly actions: readonly Action[];
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: Records;
  readonly api: ConnectionsApi;
  readonly state: StateStore;
  readonly target: Intent['target'];
  /** Keys of which nobody knows what an earlier run did: nothing is sent for them. */
  readonly held: ReadonlySet<Key>;
  /** Requests under way at once, from 1. */
  readonly concurrency: number;
  /** How long a request may be on its way before a list that doesn't show it is the last word, in milliseconds. */
  readonly settleMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly abort: Abort;
  readonly report: Report;
}

export interface Executed {
  /** What the lockfile has to say now: every success is in it, whatever else failed. */
  readonly records: Records;
  readonly counts: Counts;
  /** Why the rest was not attempted: rejected credentials, an outage, or an intent that could not be made durable. */
  readonly failure?: Failure;
}

interface Running extends ExecuteOptions {
  readonly ledger: Ledger;
  readonly poller: ListPoller;
  readonly learned: Learned;
  readonly ends: Map<Key, Promise<Ending>>;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Carries the actions of a plan out by the write-ahead protocol (`protocol.ts`), so many requests at a time. One that is
 * refused stops no other; rejected credentials, an outage, a full disk and the stop signal keep the rest from being started.
 * What was written is read back by one list for each entity at the end.
 */
export async function execute(options: ExecuteOptions): Promise<Executed> {
  const { actions, concurrency, state } = options;
  const ledger = openLedger(options);
  const limit = pLimit(concurrency);
  const running: Running = {
    ...options,
    ledger,
    poller: openListPoller(options),
    learned: { refusesSecond: false },
    ends: new Map(),
    inTurn: (work) => limit(work),
  };
  if (state.intendsAtOnce) await state.intend(actions.filter(sends).map((action) => intentOf(action, running)));
  for (const action of actions) running.ends.set(action.key, attempt(action, running));
  await Promise.all(running.ends.values());
  await keepOpen(await verifyWrites(ledger, options), running);
  return ledger.close();
}

/** What was done and does not show yet is announced again without being sent, so that the next run waits until it does. */
async function keepOpen(actions: readonly Action[], running: Running): Promise<void> {
  if (actions.length === 0) return;
  try {
    const sent = actions.filter(sends);
    await running.state.intend(sent.map((action) => ({ ...intentOf(action, running), sending: lastOf(action) })));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    running.ledger.fail(cause);
  }
}

function lastOf(action: SendingAction): Request['method'] {
  return requestsOf(action).at(-1)?.method ?? 'update';
}

async function attempt(action: Action, running: Running): Promise<Ending> {
  const { ends, ledger } = running;
  const before = await Promise.all((action.runsAfter ?? []).flatMap((key) => ends.get(key) ?? []));
  const isReady = before.every(({ state }) => state === 'applied') && !running.held.has(action.key);
  if (!isReady) return ledger.end(action, { state: 'skipped' });
  try {
    return ledger.end(action, await carriedOut(action, running));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    ledger.fail(cause);
    return ledger.end(action, { state: 'skipped' });
  }
}

async function carriedOut(action: Action, running: Running): Promise<Ending> {
  const { ledger, state, inTurn, abort } = running;
  const isOpen = (): boolean => !abort.stop.aborted && ledger.failure === undefined;
  let started = false;
  const start = (): boolean => {
    if (started || !isOpen()) return started;
    ledger.start(action);
    started = true;
    return true;
  };
  if (!sends(action))
    return inTurn(async () => (start() ? { state: 'applied', attempts: 0, retries: 0 } : { state: 'skipped' }));

  const intent = intentOf(action, running);
  let isDurable = state.intendsAtOnce;
  return runProtocol(begin(goalOf(action), requestsOf(action)), {
    ...running,
    cut: abort.cut,
    start,
    mayRepeat: isOpen,
    intend: async (sending) => {
      if (!isDurable) await state.intend([{ ...intent, sending }]);
      // Each sending is announced anew; only of a store that took the whole plan at once the first one is known already.
      isDurable = false;
    },
    settle: async (outcome, ending) => {
      if (ending.state !== 'applied' && ending.ends !== undefined) ledger.fail(ending.ends);
      const left = ending.state === 'failed' ? ending.left : undefined;
      const leaves = left === undefined ? {} : { leaves: ledger.recordLeft(action, left) ?? null };
      await settleOr(ledger, state, { key: action.key, digest: action.digest, state: outcome, ...leaves });
    },
  });
}

/** Both bodies and the record, so that what an interruption cut can be made good from the intent alone. */
function intentOf(action: SendingAction, { ledger, target }: Pick<Running, 'ledger' | 'target'>): Intent {
  const { kind: op, key, digest } = action;
  const record = ledger.recordAfter(action);
  return {
    op,
    key,
    digest,
    ...('from' in action ? { before: action.from } : {}),
    ...('to' in action ? { after: action.to } : {}),
    ...compact({ record }),
    target,
  };
}

/** A line that can't be written ends the run, but never makes what was done undone. */
async function settleOr(ledger: Pick<Ledger, 'fail'>, state: StateStore, outcome: Outcome): Promise<void> {
  try {
    await state.settle(outcome);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    ledger.fail(cause);
  }
}
