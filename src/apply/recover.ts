import type { Key, RecordedConnection, Spec } from '../core/connection.ts';
import { applyDifferences, differences, pathOf } from '../core/difference.ts';
import { problem } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import type { ConnectionsApi, OpenIntent, Outcome, Records, Snapshot, StateStore } from '../core/ports.ts';
import { drive } from './drive.ts';
import type { Goal } from './goal.ts';
import { openPolls, type PollOptions, type Polls } from './polls.ts';
import { isShown, looked, resume, type Sight } from './protocol.ts';

export interface RecoverOptions extends PollOptions {
  readonly api: ConnectionsApi;
  readonly state: StateStore;
  /** Milliseconds since the epoch, by the clock that intents are stamped with. */
  readonly now: () => number;
  readonly includes: (key: Key) => boolean;
  readonly report: Report;
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
 * until so long after the intent that it must have arrived.
 *
 * | what shows                            | what is done                                                                   |
 * | ------------------------------------- | ------------------------------------------------------------------------------ |
 * | it was done                           | recorded as that run would have: ours, whatever the manifests say by now        |
 * | an update by half                     | recorded as it is live: it was us, and is no drift                              |
 * | it was not done                       | given up: the plan that follows decides anew                                   |
 * | a replace, deleted and not created    | created, from the body in the journal                                          |
 * | something else                        | given up and told: a takeover or drift, which the plan that follows shows      |
 */
export async function recover(snapshot: Snapshot, options: RecoverOptions): Promise<Recovered> {
  const { includes, report } = options;
  const records = new Map<Key, RecordedConnection>(snapshot.records);
  const polls = openPolls(options);
  const open = await Promise.all(
    snapshot.open.map(async (intent): Promise<readonly OpenIntent[]> => {
      if (!includes(intent.key)) return [intent];
      const found = await settleOne(intent, snapshot.records.get(intent.key), { polls, options });
      if (found.record !== undefined) records.set(intent.key, found.record);
      else if (found.state === 'done') records.delete(intent.key);
      report({ type: 'problem', problem: told(intent, found) });
      return found.state === 'unclear' ? [intent] : [];
    }),
  );
  return { records, open: open.flat() };
}

interface Found {
  readonly state: Outcome['state'];
  /** What the lockfile is to say; undefined where what it says stays, or, where it was done, nothing. */
  readonly record?: RecordedConnection;
  /** It was finished just now. */
  readonly finished?: true;
}

interface Recovering {
  readonly polls: Polls;
  readonly options: RecoverOptions;
}

async function settleOne(
  intent: OpenIntent,
  record: RecordedConnection | undefined,
  { polls, options }: Recovering,
): Promise<Found> {
  const { state, settleMs, now } = options;
  const settle = async (found: Found): Promise<Found> => {
    await state.settle({ key: intent.key, digest: intent.digest, state: found.state });
    return found;
  };
  const goal: Goal = { ...intent, before: intent.before, after: intent.after, renames: new Map() };
  const step = resume(goal);
  const age = now() - intent.at;
  const waitMs = age < 0 || age > A_DAY_MS ? settleMs : Math.max(0, settleMs - age);
  const sight = await polls.until(intent.key, waitMs, (there) => isShown(step, there));
  if (sight.kind === 'blind') return { state: 'unclear' };
  const next = looked(step, sight);
  if (next.at === 'end' && next.outcome === 'done') return settle({ state: 'done', ...recordOf(intent) });
  if (intent.op === 'replace' && sight.there === undefined)
    return finish(intent, sight, { step, settle, polls, options });
  const half = intent.op === 'update' ? halfDone(intent, record, sight.there) : undefined;
  return settle({ state: 'aborted', ...(half === undefined ? {} : { record: half }) });
}

interface Finishing extends Recovering {
  readonly step: ReturnType<typeof resume>;
  readonly settle: (found: Found) => Promise<Found>;
}

/** Creates what a replace deleted, by the same protocol. */
async function finish(intent: OpenIntent, sight: Sight, { step, settle, polls, options }: Finishing): Promise<Found> {
  const { api, cut, stop, state, settleMs } = options;
  let outcome: Outcome['state'] = 'unclear';
  const ending = await drive(looked(step, sight), {
    api,
    polls,
    settleMs,
    cut,
    intend: () => state.intend([intent]),
    settle: async (ended) => void (outcome = ended),
    inTurn: (work) => work(),
    start: () => !stop.aborted,
    mayRepeat: () => !stop.aborted,
    learned: { refusesSecond: false },
  });
  if (ending.state === 'skipped') return { state: 'unclear' };
  if (ending.state === 'failed' && ending.ends !== undefined) throw ending.ends;
  return settle(
    ending.state === 'applied' ? { state: 'done', finished: true, ...recordOf(intent) } : { state: outcome },
  );
}

function recordOf({ record }: OpenIntent): Pick<Found, 'record'> {
  return record === undefined ? {} : { record };
}

/** An update that shows in part, and nothing that isn't of it: what it made is put into the record. */
function halfDone(
  { before, after }: OpenIntent,
  record: RecordedConnection | undefined,
  there: Spec | undefined,
): RecordedConnection | undefined {
  if (before === undefined || after === undefined || record === undefined || there === undefined) return undefined;
  const planned = new Set(differences(after, before, before).map(pathOf));
  const made = differences(there, before, before);
  const isOurs = made.length > 0 && made.every((difference) => planned.has(pathOf(difference)));
  return isOurs ? { ...record, spec: applyDifferences(record.spec, made) } : undefined;
}

function told({ key, op }: OpenIntent, { state, finished }: Found): ReturnType<typeof problem> {
  const what = { create: 'create', update: 'update', replace: 'replacement', delete: 'delete' }[op];
  const found =
    finished === true
      ? `the ${what} of ${key} was cut short between its delete and its create, and is finished now`
      : state === 'done'
        ? `the ${what} of ${key} was done, and is recorded now`
        : state === 'unclear'
          ? `whether the ${what} of ${key} was done can not be found out yet`
          : `the ${what} of ${key} was not done, and is planned anew`;
  return problem('recovered', `an earlier run was interrupted: ${found}`, {
    hint: state === 'unclear' ? 'run connsync apply again: it looks first' : 'nothing is left to do about it',
  });
}
