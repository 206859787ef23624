import { compact } from '../core/compact.ts';
import { splitKey, type Key, type Spec } from '../core/connection.ts';
import { problem } from '../core/diagnostic.ts';
import { compareWithWritten, type Normalised } from '../core/server-normalisation.ts';
import type { Action } from '../core/plan.ts';
import type { Ledger } from './ledger.ts';
import { tryList, type ListPollerOptions } from './list-poller.ts';

type Written = Extract<Action, { readonly kind: 'create' | 'update' | 'replace' }>;

/** Interval between lists in milliseconds. It doubles each time. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 8_000;

/**
 * Lists everything that was written once more. If the server changed a value or kept something that was removed, it
 * reports that once and notes it in the record, so that later plans don't send the value again and again. If a write
 * doesn't show at all, it polls until the settle window has passed, because lists may lag. Returns the actions that a
 * stopping run could not wait for.
 */
export async function verifyWrites(ledger: Ledger, options: ListPollerOptions): Promise<readonly Action[]> {
  const { clock, abort } = options;
  const began = clock.monotonic();
  let pending = ledger.applied.filter(isWritten);
  for (let wait = FIRST_PAUSE_MS; pending.length > 0 && !abort.cut.aborted; wait = Math.min(MAX_PAUSE_MS, wait * 2)) {
    const since = clock.monotonic() - began;
    const live = await liveOf(pending, options);
    pending = pending.filter((action) => {
      const entity = live.get(splitKey(action.key).entity);
      return entity !== undefined && !isSettled(action, entity.get(action.key), since, { ledger, options });
    });
    if (abort.stop.aborted) return pending;
    if (pending.length > 0) await clock.sleep(Math.min(wait, options.settleMs), abort.stop);
  }
  return pending;
}

interface VerifyContext {
  readonly ledger: Ledger;
  readonly options: ListPollerOptions;
}

/** Returns false if another list may show more. `since` is the number of milliseconds since the last write ended. */
function isSettled(
  action: Written,
  live: Spec | undefined,
  since: number,
  { ledger, options }: VerifyContext,
): boolean {
  const { report, settleMs } = options;
  if (live === undefined) {
    if (since < settleMs) return false;
    report({ type: 'problem', problem: notYetVisible(action) });
    return true;
  }
  const readBack = compareWithWritten(action.to, action.kind === 'update' ? action.from : undefined, live);
  if (readBack === undefined) return true;
  if (readBack.mayBeLate && since < settleMs) return false;
  if (readBack.absent.length > 0) report({ type: 'problem', problem: missingAfterWrite(action, readBack.absent) });
  if (Object.keys(readBack.normalised).length > 0) {
    ledger.note(action.key, readBack.normalised);
    report({ type: 'problem', problem: normalisedProblem(action, readBack.normalised) });
  }
  return true;
}

/** Returns the live specs by entity and key, without entities whose list failed. */
async function liveOf(
  written: readonly Written[],
  options: ListPollerOptions,
): Promise<ReadonlyMap<string, ReadonlyMap<Key, Spec>>> {
  const entities = [...new Set(written.map(({ key }) => splitKey(key).entity))];
  const lists = await Promise.all(entities.map(async (entity) => [entity, await tryList(entity, options)] as const));
  return new Map(
    lists.flatMap(([entity, list]) =>
      list === undefined ? [] : [[entity, new Map([...list].map(([key, { spec }]) => [key, spec]))]],
    ),
  );
}

function isWritten(action: Action): action is Written {
  return action.kind === 'create' || action.kind === 'update' || action.kind === 'replace';
}

function notYetVisible({ key, file, line }: Action): ReturnType<typeof problem> {
  return problem('not-yet-visible', `Datadog accepted ${key}, but its list does not show it yet`, {
    hint: 'wait a moment, then run connsync plan before the next apply',
    ...compact({ file, line }),
  });
}

/** An absent field is not noted as the server's change, so the next apply adds it again. */
function missingAfterWrite({ key, file, line }: Action, absent: readonly string[]): ReturnType<typeof problem> {
  return problem('not-yet-visible', `Datadog accepted ${key}, but its list does not show ${absent.join(', ')}`, {
    hint: 'run connsync plan again; the next apply adds what is still missing',
    ...compact({ file, line }),
  });
}

function normalisedProblem({ key, file, line }: Action, normalised: Normalised): ReturnType<typeof problem> {
  const values = Object.entries(normalised).map(
    ([path, value]) => `${path} is now ${value === null ? 'unset' : JSON.stringify(value)}`,
  );
  return problem('normalised', `Datadog changed the values of ${key}: ${values.join(', ')}`, {
    hint: "use Datadog's value in the manifest; until then connsync leaves it unchanged",
    ...compact({ file, line }),
  });
}
