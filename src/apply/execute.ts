import pLimit from 'p-limit';
import type { DesiredConnection, Key } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Counts, Report } from '../core/event.ts';
import type { Action } from '../core/plan.ts';
import type { ConnectionsApi, Intent, Outcome, Records, StateStore } from '../core/ports.ts';
import { openLedger, type Ending, type Ledger } from './ledger.ts';
import { perform, sends, type SendingAction } from './perform.ts';
import { settleOr, settleUnclear } from './settle.ts';
import { readBack } from './read-back.ts';

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
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
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
 * requests is settled by one list at the end, and what was written is read back by one more.
 */
export async function execute(options: ExecuteOptions): Promise<Executed> {
  const { actions, concurrency, state } = options;
  const ledger = openLedger(options);
  const limit = pLimit({ concurrency, rejectOnClear: true });
  const ends = new Map<Key, Promise<Ending>>();
  if (state.intendsAtOnce) await state.intend(actions.filter(sends).map(intentOf));
  // Each action stands behind those that it waits for, so that whoever holds a place while waiting, waits for somebody who holds one too.
  for (const action of actions) {
    const ended = limit(() => attempt(action, ends, ledger, options));
    ends.set(action.key, ended);
  }
  await Promise.all(ends.values());
  await settleUnclear(ledger, options);
  await readBack(ledger, options);
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
    return ledger.end(
      action,
      sends(action) ? await journalled(action, ledger, options) : { state: 'applied', attempts: 0 },
    );
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    ledger.fail(cause);
    return ledger.skip(action);
  }
}

async function journalled(action: SendingAction, ledger: Ledger, { api, state, cut }: ExecuteOptions): Promise<Ending> {
  if (!state.intendsAtOnce) await state.intend([intentOf(action)]);
  const ending = await perform(action, api, cut);
  if (ending.state !== 'unclear')
    await settleOr(ledger, state, { key: action.key, digest: action.digest, state: outcomeOf(ending) });
  return ending;
}

/** Both bodies, so that what an interruption cut can be made good from the intent alone. */
function intentOf(action: SendingAction): Intent {
  const { kind: op, key, digest } = action;
  return {
    op,
    key,
    digest,
    ...('from' in action ? { before: action.from } : {}),
    ...('to' in action ? { after: action.to } : {}),
  };
}

function outcomeOf(ending: Exclude<Ending, { readonly state: 'unclear' }>): Outcome['state'] {
  return ending.state === 'applied' ? 'done' : ending.state === 'skipped' ? 'aborted' : 'failed';
}
