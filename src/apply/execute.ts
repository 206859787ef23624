import pLimit from 'p-limit';
import { splitKey, type DesiredConnection, type Key } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Counts, Report } from '../core/event.ts';
import type { Action } from '../core/plan.ts';
import type { Answer, ConnectionsApi, Intent, Outcome, Records, RequestError, StateStore } from '../core/ports.ts';
import { openLedger, type Ending, type Ledger } from './ledger.ts';
import { settleUnclear } from './settle.ts';

export interface ExecuteOptions {
  readonly actions: readonly Action[];
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: Records;
  readonly api: ConnectionsApi;
  readonly state: StateStore;
  /** Actions under way at once, from 1. */
  readonly concurrency: number;
  /** Aborted: nothing new is started, what is in flight is finished. */
  readonly stop: AbortSignal;
  /** Aborted: what is in flight is cut off. */
  readonly cut: AbortSignal;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly report: Report;
}

export interface Executed {
  /** What the lockfile has to say now: every success is in it, whatever else failed. */
  readonly records: Records;
  readonly counts: Counts;
  /** Why the rest was not attempted: rejected credentials, or an intent that could not be made durable. */
  readonly failure?: Failure;
}

/**
 * Carries the actions of a plan out, so many at a time, each as *intend → send → settle*. One that is refused stops no other;
 * rejected credentials, a full disk and the stop signal keep the rest from being started. What stays unclear after its
 * request is settled by one list at the end.
 */
export async function execute(options: ExecuteOptions): Promise<Executed> {
  const { actions, concurrency, state } = options;
  const ledger = openLedger(options);
  const limit = pLimit({ concurrency, rejectOnClear: true });
  const ends = new Map<Key, Promise<Ending>>();
  if (state.intendsAtOnce) await state.intend(actions.filter(sends).map(intentOf));
  // Actions come in an order in which each stands behind those that it waits for, so that no free place is ever held by one that waits in vain.
  for (const action of actions)
    ends.set(
      action.key,
      limit(() => attempt(action, ends, ledger, options)),
    );
  await Promise.all(ends.values());
  await settleUnclear(ledger, options);
  return ledger.close();
}

async function attempt(
  action: Action,
  ends: ReadonlyMap<Key, Promise<Ending>>,
  ledger: Ledger,
  options: ExecuteOptions,
): Promise<Ending> {
  const before = await Promise.all((action.after ?? []).flatMap((key) => ends.get(key) ?? []));
  const ready = before.every(({ state }) => state === 'applied');
  if (!ready || options.stop.aborted || ledger.failure !== undefined) return ledger.skip(action);
  ledger.start(action);
  try {
    return ledger.end(action, await perform(action, options));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    ledger.fail(cause);
    return ledger.skip(action);
  }
}

async function perform(action: Action, options: ExecuteOptions): Promise<Ending> {
  if (!sends(action)) return { state: 'applied', attempts: 0 };
  const { state, cut } = options;
  if (!state.intendsAtOnce) await state.intend([intentOf(action)]);
  const answer = await options.api.create({ ...splitKey(action.key), spec: action.to }, cut);
  const ending = endingOf(answer);
  if (ending.state !== 'unclear')
    await state.settle({ key: action.key, digest: action.digest, state: outcomeOf(ending) });
  return ending;
}

/** Whether an action needs a request; adopt and forget only move a record. */
function sends(action: Action): action is Action & { readonly kind: 'create' } {
  return action.kind === 'create';
}

function intentOf(action: Action & { readonly kind: 'create' }): Intent {
  return { op: action.kind, key: action.key, digest: action.digest, after: action.to };
}

function endingOf(answer: Answer): Ending {
  switch (answer.kind) {
    case 'done':
      return { state: 'applied', attempts: answer.attempts };
    case 'exists':
    case 'unclear':
      return { state: 'unclear', attempts: answer.attempts, error: answer.error };
    case 'denied':
      return { state: 'failed', attempts: answer.attempts, error: answer.error, ends: rejected(answer.error) };
    case 'missing':
    case 'refused':
    case 'unsent':
      return { state: 'failed', attempts: answer.attempts, error: answer.error };
    default:
      return answer satisfies never;
  }
}

function outcomeOf(ending: Ending): Outcome['state'] {
  return ending.state === 'applied' ? 'done' : ending.state === 'skipped' ? 'aborted' : ending.state;
}

function rejected({ status, method, path, message }: RequestError): Failure {
  return new Failure(
    'credentials-rejected',
    `Datadog said ${message} to ${method} ${path}${status === undefined ? '' : ` (${status})`}, and nothing more was attempted`,
    {
      hint: 'the application key needs audience_management_read and audience_management_write: connsync doctor',
    },
  );
}
