import { splitKey, type LiveConnection } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import { differences, pathOf } from '../core/difference.ts';
import type { Action } from '../core/plan.ts';
import type { ConnectionsReader, StateStore } from '../core/ports.ts';
import type { Ending, Ledger } from './ledger.ts';

export interface SettleOptions {
  readonly api: ConnectionsReader;
  readonly state: StateStore;
  readonly cut: AbortSignal;
}

/**
 * Finds out what became of creates whose answer was lost, or whose id was taken: one list for each entity that has such.
 * Adopted only where everything that we manage is equal; a stranger's connection is never claimed and never overwritten.
 * What can't be settled stays an open intent, and the next run lists before it sends anything.
 */
export async function settleUnclear(ledger: Ledger, { api, state, cut }: SettleOptions): Promise<void> {
  const entities = new Set([...ledger.unclear.keys()].map(({ key }) => splitKey(key).entity));
  for (const entity of entities) {
    const live = await listed(entity, api, cut);
    for (const [action, ending] of ledger.unclear) {
      if (splitKey(action.key).entity !== entity) continue;
      const settled = settledBy(live, action, ending);
      await state.settle({
        key: action.key,
        digest: action.digest,
        state: settled.state === 'applied' ? 'done' : live === undefined ? 'unclear' : 'failed',
      });
      ledger.end(action, settled);
    }
  }
}

async function listed(
  entity: string,
  api: ConnectionsReader,
  cut: AbortSignal,
): Promise<ReadonlyMap<string, LiveConnection> | undefined> {
  try {
    return new Map((await api.list(entity, cut)).map((connection) => [connection.key, connection]));
  } catch (cause) {
    if (cause instanceof Failure || cut.aborted) return undefined;
    throw cause;
  }
}

function settledBy(
  live: ReadonlyMap<string, LiveConnection> | undefined,
  action: Action,
  ending: Ending & { readonly state: 'unclear' },
): Ending {
  const { attempts, error } = ending;
  const failed = (why: string): Ending => ({
    state: 'failed',
    attempts,
    error: { ...error, message: `${error.message} (${why})` },
  });
  if (live === undefined) return failed('whether it was done is unknown; run again, and it will be looked up first');
  const there = live.get(action.key);
  if (there === undefined) return failed('it is not there; run again');
  const to = 'to' in action ? action.to : undefined;
  const paths = to === undefined ? [] : differences(to, undefined, there.spec).map(pathOf);
  if (paths.length > 0) return failed(`the id is taken by a connection that differs in ${paths.join(', ')}`);
  return { state: 'applied', attempts };
}
