import { splitKey, type Key, type RecordedConnection, type Spec } from '../core/connection.ts';
import { applyDifferences, differences, pathOf } from '../core/difference.ts';
import { problem } from '../core/diagnostic.ts';
import type { ConnectionsApi, OpenIntent, Outcome, Records, Snapshot, StateStore } from '../core/ports.ts';
import { runProtocol } from './run-protocol.ts';
import { remainingOf, type Goal } from './goal.ts';
import { openListPoller, type ListPollerOptions, type ListPoller } from './list-poller.ts';
import { isShown, afterLookup, resume, type Step } from './protocol.ts';

export interface RecoverOptions extends ListPollerOptions {
  readonly api: ConnectionsApi;
  readonly state: StateStore;
  /** Milliseconds since the epoch, by the clock that intents are stamped with. */
  readonly now: () => number;
  readonly includes: (key: Key) => boolean;
}

export interface Recovered {
  readonly records: Records;
  /** Intents that are still open: nobody could say, or they are none of this run's keys. */
  readonly open: readonly OpenIntent[];
}

/** An intent that is older was left by a clock that is off, or long ago: its age says nothing. In milliseconds. */
const A_DAY_MS = 86_400_000;

/**
 * Finds out what became of every intent that an earlier run left open, before anything new is planned: lists until it shows, or
 * until so long after the intent that it must have arrived. What that run knew to be done, and did not come to commit, is waited for
 * in the same way, since a list may lag.
 *
 * | what shows                            | what is done                                                                   |
 * | ------------------------------------- | ------------------------------------------------------------------------------ |
 * | it was done                           | recorded as that run would have: ours, whatever the manifests say by now        |
 * | an update by half                     | recorded as it is live: it was us, and is no drift                              |
 * | it was not done                       | given up: the plan that follows decides anew                                   |
 * | a replace, deleted and not created    | created, from the body in the journal                                          |
 * | something else                        | given up and told: a takeover or drift, which the plan that follows shows      |
 * | nothing: no list can be had           | left open, and nothing is sent for that key                                    |
 */
export async function recover(snapshot: Snapshot, options: RecoverOptions): Promise<Recovered> {
  const { includes, report } = options;
  const records = new Map<Key, RecordedConnection>(snapshot.records);
  const poller = openListPoller(options);
  const waits = snapshot.uncommitted.map((intent) => seen(intent, poller, options));
  const looks = snapshot.open.map(async (intent): Promise<readonly OpenIntent[]> => {
    if (!includes(intent.key)) return [intent];
    const found = await settleOne(intent, snapshot.records.get(intent.key), { poller, options });
    if (found.record === null) records.delete(intent.key);
    else if (found.record !== undefined) records.set(intent.key, found.record);
    report({ type: 'problem', problem: told(intent, found) });
    return found.state === 'unclear' ? [intent] : [];
  });
  // All of them end before this one does, also where one fails: the lock is let go of afterwards.
  const ended = await Promise.allSettled([...looks, ...waits]);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return { records, open: (await Promise.all(looks)).flat() };
}

interface Found {
  readonly state: Outcome['state'];
  /** What the lockfile is to say; null for nothing, undefined where what it says stays. */
  readonly record?: RecordedConnection | null;
  readonly words: string;
}

interface Recovering {
  readonly poller: ListPoller;
  readonly options: RecoverOptions;
}

async function settleOne(
  intent: OpenIntent,
  record: RecordedConnection | undefined,
  recovering: Recovering,
): Promise<Found> {
  const { poller, options } = recovering;
  const goal = goalIn(intent);
  const step = resume(goal, intent.sending);
  const observation = await poller.until(intent.key, waitFor(intent, options), (there) => isShown(step, there));
  if (observation.kind === 'blind') return { state: 'unclear', words: 'can not be found out yet' };
  const { there } = observation;
  const next = afterLookup(step, observation);
  if (next.at === 'end' && next.outcome === 'done')
    return settle(
      intent,
      { state: 'done', record: intent.record ?? null, words: 'was done, and is recorded now' },
      options,
    );
  if (intent.op === 'replace' && there === undefined) return finish(intent, next, recovering);
  const half = intent.op === 'update' ? halfDone(intent, record, there) : undefined;
  if (half !== undefined)
    return settle(intent, { state: 'aborted', record: half, words: 'was done by half, and is planned anew' }, options);
  const isElse = there !== undefined && 'conflict' in remainingOf(goal, there);
  const words = isElse
    ? 'is not there as it was sent: something else is, or it as Datadog changed it; the plan shows what differs'
    : 'was not done, and is planned anew';
  return settle(intent, { state: 'aborted', words }, options);
}

/** Creates what a replace deleted, by the same protocol. */
async function finish(intent: OpenIntent, step: Step, { poller, options }: Recovering): Promise<Found> {
  const { api, cut, stop, state, settleMs } = options;
  let outcome = 'unclear' as Outcome['state'];
  const ending = await runProtocol(step, {
    api,
    poller,
    settleMs,
    cut,
    intend: (sending) => state.intend([{ ...intent, sending }]),
    settle: async (ended) => void (outcome = ended),
    inTurn: (work) => work(),
    start: () => !stop.aborted,
    mayRepeat: () => !stop.aborted,
    learned: { refusesSecond: false },
  });
  const cutShort = 'was cut short between its delete and its create, and';
  if (ending.state === 'applied') {
    const found = { state: 'done', record: intent.record ?? null, words: `${cutShort} is finished now` } as const;
    await settle(intent, found, options);
    // The plan that follows would create it once more, where its list lags.
    await untilShown(goalIn(intent), settleMs, poller);
    return found;
  }
  if (ending.state === 'failed' && ending.ends !== undefined) throw ending.ends;
  const why = ending.state === 'failed' ? `: ${ending.error.message}` : '';
  // Datadog refused it: it is gone, and it was us.
  if (outcome === 'failed')
    return settle(intent, { state: 'failed', record: null, words: `${cutShort} can not be finished${why}` }, options);
  return { state: 'unclear', words: `${cutShort} is not finished yet${why}` };
}

async function settle({ key, digest }: OpenIntent, found: Found, { state }: RecoverOptions): Promise<Found> {
  const leaves = found.state !== 'done' && found.record !== undefined ? { leaves: found.record } : {};
  await state.settle({ key, digest, state: found.state, ...leaves });
  return found;
}

/** Waits until what is known to be done shows, or until it must have. */
async function seen(intent: OpenIntent, poller: ListPoller, options: RecoverOptions): Promise<readonly OpenIntent[]> {
  await untilShown(goalIn(intent), waitFor(intent, options), poller);
  return [];
}

async function untilShown(goal: Goal, waitMs: number, poller: ListPoller): Promise<void> {
  await poller.until(goal.key, waitMs, (there) => {
    const remaining = remainingOf(goal, there);
    return 'conflict' in remaining || remaining.requests.length === 0;
  });
}

function goalIn({ op, key, before, after }: OpenIntent): Goal {
  return { op, key, before, after, renames: new Map() };
}

function waitFor({ at }: OpenIntent, { now, settleMs }: RecoverOptions): number {
  const age = now() - at;
  return age < 0 || age > A_DAY_MS ? settleMs : Math.max(0, settleMs - age);
}

/** An update that shows in part, and nothing that isn't of it: what it made is put into the record. */
function halfDone(
  { before, after }: OpenIntent,
  record: RecordedConnection | undefined,
  there: Spec | undefined,
): RecordedConnection | undefined {
  if (before === undefined || after === undefined || record === undefined || there === undefined) return undefined;
  const planned = new Set(differences(after, before, before).map((difference) => fieldOf(pathOf(difference))));
  const made = differences(there, before, before);
  const isOurs = made.length > 0 && made.every((difference) => planned.has(fieldOf(pathOf(difference))));
  return isOurs ? { ...record, spec: applyDifferences(record.spec, made) } : undefined;
}

/** A field that changes its column is gone in between: what counts is which field it was. */
function fieldOf(path: string): string {
  return path.replace(/\]\..*$/, ']');
}

function told({ key, op }: OpenIntent, { state, words }: Found): ReturnType<typeof problem> {
  const what = { create: 'create', update: 'update', replace: 'replacement', delete: 'delete' }[op];
  return problem('recovered', `an earlier run was interrupted: the ${what} of ${key} ${words}`, {
    hint:
      state === 'unclear'
        ? 'run connsync apply again: it looks first'
        : `connsync plan --target '${splitKey(key).entity}/*' shows what is left to do`,
  });
}
