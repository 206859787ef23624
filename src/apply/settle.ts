import { splitKey, type Key, type LiveConnection } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import { differences, pathOf } from '../core/difference.ts';
import type { Action } from '../core/plan.ts';
import type { ConnectionsReader, Outcome, StateStore } from '../core/ports.ts';
import type { Ending, Ledger } from './ledger.ts';

export interface SettleOptions {
  readonly api: ConnectionsReader;
  readonly state: StateStore;
  readonly cut: AbortSignal;
}

type Unclear = Ending & { readonly state: 'unclear' };
type Live = ReadonlyMap<Key, LiveConnection>;

/**
 * Finds out what became of actions whose answer was lost, and of creates whose id was taken: one list for each entity that has
 * such. A create counts as done only where everything that we manage is equal; a stranger's connection is never claimed and
 * never overwritten. What can't be settled stays an open intent, and the next run lists before it sends anything.
 */
export async function settleUnclear(ledger: Ledger, { api, state, cut }: SettleOptions): Promise<void> {
  const entities = new Set([...ledger.unclear.keys()].map(({ key }) => splitKey(key).entity));
  for (const entity of entities) {
    const live = await listed(entity, api, cut);
    for (const [action, unclear] of ledger.unclear) {
      if (splitKey(action.key).entity !== entity) continue;
      const ending =
        live === undefined
          ? failed(unclear, 'whether it was done is unknown; the next apply looks first')
          : settledBy(live, action, unclear);
      const settled = live === undefined ? 'unclear' : ending.state === 'applied' ? 'done' : 'failed';
      await settleOr(ledger, state, { key: action.key, digest: action.digest, state: settled });
      ledger.end(action, ending);
    }
  }
}

/** A line that can't be written ends the run, but never makes what was done undone. */
export async function settleOr(ledger: Pick<Ledger, 'fail'>, state: StateStore, outcome: Outcome): Promise<void> {
  try {
    await state.settle(outcome);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    ledger.fail(cause);
  }
}

/** Undefined where the list can't be had: then nothing is known. */
export async function listed(entity: string, api: ConnectionsReader, cut: AbortSignal): Promise<Live | undefined> {
  try {
    return new Map((await api.list(entity, cut)).map((connection) => [connection.key, connection]));
  } catch (cause) {
    if (cause instanceof Failure || cut.aborted) return undefined;
    throw cause;
  }
}

function settledBy(live: Live, action: Action, unclear: Unclear): Ending {
  const there = live.get(action.key);
  const applied: Ending = { state: 'applied', attempts: unclear.attempts };
  if (action.kind === 'delete') return there === undefined ? applied : failed(unclear, 'it is still there; run again');
  if (!('to' in action)) return applied;
  if (there === undefined)
    return failed(
      unclear,
      action.kind === 'replace' ? 'it was deleted, and is not created again; run again' : 'it is not there; run again',
    );
  const paths = differences(action.to, 'from' in action ? action.from : undefined, there.spec).map(pathOf);
  if (paths.length === 0) return applied;
  return failed(
    unclear,
    action.kind === 'create'
      ? `the id is taken by a connection that differs in ${paths.join(', ')}`
      : `it was not done, or in part: ${paths.join(', ')}; run again`,
  );
}

function failed({ attempts, error, left }: Unclear, why: string): Ending {
  return {
    state: 'failed',
    attempts,
    ...(left === undefined ? {} : { left }),
    error: { ...error, message: `${error.message} (${why})` },
  };
}
