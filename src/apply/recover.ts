import { splitKey, type Key, type RecordedConnection, type Spec } from '../core/connection.ts';
import { compact } from '../core/compact.ts';
import type { Clock } from '../core/clock.ts';
import { applyDifferences, differences, pathOf } from '../core/difference.ts';
import { problem } from '../core/diagnostic.ts';
import type { ConnectionsApi, OpenIntent, Outcome, Records, Snapshot, StateStore } from '../core/ports.ts';
import { runProtocol } from './run-protocol.ts';
import { remainingOf, type Goal } from './goal.ts';
import { openListPoller, type ListPollerOptions, type ListPoller } from './list-poller.ts';
import { isShown, afterLookup, resume, type ProtocolStep } from './protocol.ts';

export interface RecoverOptions extends ListPollerOptions {
  readonly api: ConnectionsApi;
  readonly state: StateStore;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>;
  readonly includes: (key: Key) => boolean;
}

export interface Recovered {
  readonly records: Records;
  /** Intents that are still open: their outcome is unknown, or the filters exclude their keys. */
  readonly open: readonly OpenIntent[];
}

/**
 * A day in milliseconds. The age of an older intent is not trusted, because its machine's clock may have been wrong.
 */
const A_DAY_MS = 86_400_000;

/**
 * Finds out the outcome of every intent that an earlier run left open, before anything new is planned. It polls until a
 * list shows the request's effect, or until the settle window, counted from the intent, has passed. It also polls for
 * writes that are known to be done but were not committed, because lists may lag.
 *
 * | what lists show                    | what connsync does                                                        |
 * | ---------------------------------- | ------------------------------------------------------------------------- |
 * | the request was done               | records it as the earlier run would have, whatever the manifests say now   |
 * | an update was partly done          | records the live part, so that it doesn't count as drift                   |
 * | the request was not done           | gives up; the next plan decides                                            |
 * | a replace deleted but not created  | creates the connection from the body in the journal                        |
 * | something else                     | gives up and reports it; the next plan shows a takeover or drift           |
 * | no list available                  | leaves the intent open and sends nothing for its key                       |
 */
export async function recover(snapshot: Snapshot, options: RecoverOptions): Promise<Recovered> {
  const { includes, report } = options;
  const records = new Map<Key, RecordedConnection>(snapshot.records);
  const poller = openListPoller(options);
  const waits = snapshot.uncommitted.map((intent) => waitUntilVisible(intent, poller, options));
  const lookups = snapshot.open.map(async (intent): Promise<readonly OpenIntent[]> => {
    if (!includes(intent.key)) return [intent];
    const found = await recoverIntent(intent, snapshot.records.get(intent.key), { poller, options });
    if (found.record === null) records.delete(intent.key);
    else if (found.record !== undefined) records.set(intent.key, found.record);
    report({ type: 'problem', problem: recoveredProblem(intent, found) });
    return found.state === 'unclear' ? [intent] : [];
  });
  // Waits for all lookups even if one fails, because the caller releases the lock next.
  const ended = await Promise.allSettled([...lookups, ...waits]);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return { records, open: (await Promise.all(lookups)).flat() };
}

interface Recovery {
  readonly state: Outcome['state'];
  /** The new record; null to remove it, undefined to keep the current one. */
  readonly record?: RecordedConnection | null;
  readonly summary: string;
}

interface RecoverContext {
  readonly poller: ListPoller;
  readonly options: RecoverOptions;
}

async function recoverIntent(
  intent: OpenIntent,
  record: RecordedConnection | undefined,
  context: RecoverContext,
): Promise<Recovery> {
  const { poller, options } = context;
  const goal = goalOfIntent(intent);
  const step = resume(goal, intent.sending);
  const observation = await poller.until(intent.key, remainingWaitMs(intent, options), (live) => isShown(step, live));
  if (observation.kind === 'blind') return { state: 'unclear', summary: 'has an unknown outcome' };
  const { live } = observation;
  const next = afterLookup(step, observation);
  if (next.at === 'end' && next.outcome === 'done')
    return settle(
      intent,
      { state: 'done', record: intent.record ?? null, summary: 'succeeded and is now recorded' },
      options,
    );
  if (intent.op === 'replace' && live === undefined) return finishReplace(intent, next, context);
  const partial = intent.op === 'update' ? partialUpdateRecord(intent, record, live) : undefined;
  if (partial !== undefined)
    return settle(
      intent,
      { state: 'aborted', record: partial, summary: 'was partly done; the rest is planned again' },
      options,
    );
  const isConflict = live !== undefined && 'conflict' in remainingOf(goal, live);
  const summary = isConflict
    ? 'differs from what connsync sent; Datadog or someone else changed it, and the plan shows the difference'
    : 'was not done and is planned again';
  return settle(intent, { state: 'aborted', summary }, options);
}

/** Completes a replace that was interrupted after its delete: creates the connection, with the write-ahead protocol. */
async function finishReplace(
  intent: OpenIntent,
  step: ProtocolStep,
  { poller, options }: RecoverContext,
): Promise<Recovery> {
  const { api, abort, state, settleMs } = options;
  let outcome = 'unclear' as Outcome['state'];
  const ending = await runProtocol(step, {
    api,
    poller,
    settleMs,
    cut: abort.cut,
    intend: (sending) => state.intend([{ ...intent, sending }]),
    settle: async (ended) => void (outcome = ended),
    inTurn: (work) => work(),
    start: () => !abort.stop.aborted,
    mayRepeat: () => !abort.stop.aborted,
    learned: { rejectsDuplicates: false },
  });
  const prefix = 'stopped between its delete and its create and';
  if (ending.state === 'applied') {
    const found = { state: 'done', record: intent.record ?? null, summary: `${prefix} is now complete` } as const;
    await settle(intent, found, options);
    // Waits until a list shows the connection, because a plan from an older list would create it again.
    await waitForGoal(goalOfIntent(intent), settleMs, poller);
    return found;
  }
  if (ending.state === 'failed' && ending.runFailure !== undefined) throw ending.runFailure;
  const why = ending.state === 'failed' ? `: ${ending.error.message}` : '';
  // Datadog refused the create, so the connection stays deleted, and its record is removed.
  if (outcome === 'failed')
    return settle(intent, { state: 'failed', record: null, summary: `${prefix} cannot be completed${why}` }, options);
  return { state: 'unclear', summary: `${prefix} is not complete yet${why}` };
}

async function settle({ key, digest }: OpenIntent, found: Recovery, { state }: RecoverOptions): Promise<Recovery> {
  const record = found.state === 'done' ? undefined : found.record;
  await state.settle({ key, digest, state: found.state, ...compact({ record }) });
  return found;
}

/** Waits until a list shows a write that is known to be done, or until the settle window has passed. */
async function waitUntilVisible(
  intent: OpenIntent,
  poller: ListPoller,
  options: RecoverOptions,
): Promise<readonly OpenIntent[]> {
  await waitForGoal(goalOfIntent(intent), remainingWaitMs(intent, options), poller);
  return [];
}

async function waitForGoal(goal: Goal, waitMs: number, poller: ListPoller): Promise<void> {
  await poller.until(goal.key, waitMs, (live) => {
    const remaining = remainingOf(goal, live);
    return 'conflict' in remaining || remaining.requests.length === 0;
  });
}

function goalOfIntent({ op, key, before, after }: OpenIntent): Goal {
  return { op, key, before, after, renames: new Map() };
}

function remainingWaitMs({ at }: OpenIntent, { clock, settleMs }: RecoverOptions): number {
  const age = clock.now() - at;
  return age < 0 || age > A_DAY_MS ? settleMs : Math.max(0, settleMs - age);
}

/** Returns the record of a partly applied update, or undefined if live contains any other change. */
function partialUpdateRecord(
  { before, after }: OpenIntent,
  record: RecordedConnection | undefined,
  live: Spec | undefined,
): RecordedConnection | undefined {
  if (before === undefined || after === undefined || record === undefined || live === undefined) return undefined;
  const planned = new Set(differences(after, before, before).map((difference) => fieldOf(pathOf(difference))));
  const made = differences(live, before, before);
  const isOurs = made.length > 0 && made.every((difference) => planned.has(fieldOf(pathOf(difference))));
  return isOurs ? { ...record, spec: applyDifferences(record.spec, made) } : undefined;
}

/**
 * Returns a path without the field's member. Between the two requests that change a field's column, the field is
 * absent, so only its id is compared.
 */
function fieldOf(path: string): string {
  return path.replace(/\]\..*$/, ']');
}

function recoveredProblem({ key, op }: OpenIntent, { state, summary }: Recovery): ReturnType<typeof problem> {
  const what = { create: 'create', update: 'update', replace: 'replacement', delete: 'delete' }[op];
  return problem('recovered', `connsync was interrupted earlier: the ${what} of ${key} ${summary}`, {
    hint:
      state === 'unclear'
        ? 'run connsync apply again; it checks what happened'
        : `run connsync plan --target '${splitKey(key).entity}/*' to see what remains`,
  });
}
