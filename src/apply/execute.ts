import { compact } from '../core/compact.ts';
import pLimit from 'p-limit';
import type { DesiredConnection, Key } from '../core/connection.ts';
import type { Abort, Clock } from '../core/clock.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Counts, Report } from '../core/event.ts';
import type { Action } from '../core/plan.ts';
import type { ConnectionsApi, Intent, Outcome, Records, StateStore } from '../core/ports.ts';
import { splitKey } from '../core/connection.ts';
import { displayEndpoint } from '../core/wire/endpoints.ts';
import { runProtocol, type Learned } from './run-protocol.ts';
import { goalOf, requestsOf, isWrite, type Request, type WriteAction } from './goal.ts';
import { Ledger } from './ledger.ts';
import { openListPoller, type ListPoller } from './list-poller.ts';
import { begin, type Ending } from './protocol.ts';
import { notAppliedMessage, verifyWrites, type NotApplied } from './verify-writes.ts';

export interface ExecuteOptions {
  readonly actions: readonly Action[];
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: Records;
  readonly api: ConnectionsApi;
  readonly state: StateStore;
  readonly target: Intent['target'];
  /** Keys with an unknown outcome from an earlier run. connsync sends no request for these keys. */
  readonly blocked: ReadonlySet<Key>;
  /** Maximum number of requests in flight, at least 1. */
  readonly concurrency: number;
  /**
   * The settle window in milliseconds: how long a request may be in flight before a list that doesn't show its effect
   * proves that the request was lost.
   */
  readonly settleMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly abort: Abort;
  readonly report: Report;
}

export interface Executed {
  /** The records to commit. They include every success, even if other actions failed. */
  readonly records: Records;
  readonly counts: Counts;
  /**
   * The reason why the remaining actions were skipped: rejected credentials, an outage, or an intent that could not be
   * made durable.
   */
  readonly failure?: Failure;
}

interface ExecuteContext extends ExecuteOptions {
  readonly ledger: Ledger;
  readonly poller: ListPoller;
  readonly learned: Learned;
  readonly endings: Map<Key, Promise<Ending>>;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Executes the actions of a plan with the write-ahead protocol (`protocol.ts`), up to `concurrency` requests at a
 * time. A refused action doesn't stop the others. Rejected credentials, an outage, a full disk or a stop signal
 * prevent further actions from starting. At the end, one list per entity verifies the writes.
 */
export async function execute(options: ExecuteOptions): Promise<Executed> {
  const { actions, concurrency, state } = options;
  const ledger = new Ledger(options);
  const limit = pLimit(concurrency);
  const context: ExecuteContext = {
    ...options,
    ledger,
    poller: openListPoller(options),
    learned: { rejectsDuplicates: false },
    endings: new Map(),
    inTurn: (work) => limit(work),
  };
  if (state.intendsAtOnce) await state.intend(actions.filter(isWrite).map((action) => intentOf(action, context)));
  for (const action of actions) context.endings.set(action.key, attempt(action, context));
  await Promise.all(context.endings.values());
  const { pending, notApplied } = await verifyWrites(ledger, options);
  for (const each of notApplied) await failAccepted(each, context);
  await keepIntentsOpen(pending, context);
  return ledger.close();
}

/**
 * Adds a new intent to the journal for each write that no list shows yet, without sending a request. The next run then
 * waits for that write to show.
 */
async function keepIntentsOpen(actions: readonly Action[], context: ExecuteContext): Promise<void> {
  if (actions.length === 0) return;
  try {
    const sent = actions.filter(isWrite);
    await context.state.intend(sent.map((action) => ({ ...intentOf(action, context), sending: lastMethodOf(action) })));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    context.ledger.fail(cause);
  }
}

function lastMethodOf(action: WriteAction): Request['method'] {
  return requestsOf(action).at(-1)?.method ?? 'update';
}

async function attempt(action: Action, context: ExecuteContext): Promise<Ending> {
  const { endings, ledger } = context;
  const dependencies = await Promise.all((action.runsAfter ?? []).flatMap((key) => endings.get(key) ?? []));
  const isReady = dependencies.every(({ state }) => state === 'applied') && !context.blocked.has(action.key);
  if (!isReady) return ledger.end(action, { state: 'skipped' });
  try {
    return ledger.end(action, await executeAction(action, context));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    ledger.fail(cause);
    return ledger.end(action, { state: 'skipped' });
  }
}

async function executeAction(action: Action, context: ExecuteContext): Promise<Ending> {
  const { ledger, state, inTurn, abort } = context;
  const isOpen = (): boolean => !abort.stop.aborted && ledger.failure === undefined;
  let started = false;
  const start = (): boolean => {
    if (started || !isOpen()) return started;
    ledger.start(action);
    started = true;
    return true;
  };
  if (!isWrite(action))
    return inTurn(async () => (start() ? { state: 'applied', attempts: 0, retries: 0 } : { state: 'skipped' }));

  const intent = intentOf(action, context);
  let isDurable = state.intendsAtOnce;
  return runProtocol(begin(goalOf(action), requestsOf(action)), {
    ...context,
    cut: abort.cut,
    start,
    mayRepeat: isOpen,
    intend: async (sending) => {
      if (!isDurable) await state.intend([{ ...intent, sending }]);
      // Every send needs its own intent. If the store takes all intents in advance, the first send already has one.
      isDurable = false;
    },
    settle: async (outcome, ending) => {
      if (ending.state !== 'applied' && ending.runFailure !== undefined) ledger.fail(ending.runFailure);
      const partial = ending.state === 'failed' ? ending.partial : undefined;
      const record = partial === undefined ? undefined : (ledger.partialRecord(action, partial) ?? null);
      await settleSafely(ledger, state, {
        key: action.key,
        digest: action.digest,
        state: outcome,
        ...compact({ record }),
      });
    },
  });
}

/** Marks an action as failed in the ledger and the journal, because Datadog accepted it but did not apply it. */
async function failAccepted(found: NotApplied, { ledger, state }: ExecuteContext): Promise<void> {
  const { action, differences, live } = found;
  const { key, digest } = action;
  const write = action.kind === 'replace' ? 'create' : action.kind === 'delete' ? 'remove' : action.kind;
  const record = ledger.failAccepted(
    action,
    { differences, live },
    {
      ...displayEndpoint(write, splitKey(key)),
      message: notAppliedMessage(found),
      hint: 'run connsync plan: it offers the change again',
    },
  );
  await settleSafely(ledger, state, { key, digest, state: 'failed', record: record ?? null });
}

/**
 * Returns an intent with the specs before and after and the record, so that a later run can recover from the intent
 * alone.
 */
function intentOf(action: WriteAction, { ledger, target }: Pick<ExecuteContext, 'ledger' | 'target'>): Intent {
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

/** Writes an outcome to the journal. If the write fails, the run fails, but the action keeps its outcome. */
async function settleSafely(ledger: Pick<Ledger, 'fail'>, state: StateStore, outcome: Outcome): Promise<void> {
  try {
    await state.settle(outcome);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    ledger.fail(cause);
  }
}
