import { compact } from '../core/compact.ts';
import { splitKey, type Key, type Spec } from '../core/connection.ts';
import { problem } from '../core/diagnostic.ts';
import { compareWithWritten, type Normalised } from '../core/server-normalisation.ts';
import type { Action } from '../core/plan.ts';
import type { Ledger } from './ledger.ts';
import { listed, type ListPollerOptions } from './list-poller.ts';

type Written = Extract<Action, { readonly kind: 'create' | 'update' | 'replace' }>;

/** Between two looks, in milliseconds; doubled each time. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Lists what was written once more. Where the server made something else of a value than was sent, or kept what was taken away,
 * that is told once and noted in the record, so that the next plan knows it for the server's doing and does not send it for ever.
 * What does not show at all, or is still as it was, is waited for as long as a request may be on its way: a list that lags is not
 * taken for a loss. Gives what a run that is being stopped could not wait for.
 */
export async function verifyWrites(ledger: Ledger, options: ListPollerOptions): Promise<readonly Action[]> {
  const { clock, abort } = options;
  const began = clock.monotonic();
  let pending = ledger.applied.filter(isWritten);
  for (
    let wait = FIRST_PAUSE_MS;
    pending.length > 0 && !abort.cut.aborted;
    wait = Math.min(LONGEST_PAUSE_MS, wait * 2)
  ) {
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

interface Judging {
  readonly ledger: Ledger;
  readonly options: ListPollerOptions;
}

/** False where another look may say more. `since` is how long ago the last write ended, in milliseconds. */
function isSettled(action: Written, there: Spec | undefined, since: number, { ledger, options }: Judging): boolean {
  const { report, settleMs } = options;
  if (there === undefined) {
    if (since < settleMs) return false;
    report({ type: 'problem', problem: notYetVisible(action) });
    return true;
  }
  const back = compareWithWritten(action.to, action.kind === 'update' ? action.from : undefined, there);
  if (back === undefined) return true;
  if (back.mayBeLate && since < settleMs) return false;
  if (back.absent.length > 0) report({ type: 'problem', problem: missingAfterWrite(action, back.absent) });
  if (Object.keys(back.normalised).length > 0) {
    ledger.note(action.key, back.normalised);
    report({ type: 'problem', problem: told(action, back.normalised) });
  }
  return true;
}

/** What is live, by entity and key. An entity whose list can't be had is left out: then nothing more is to be learned of it. */
async function liveOf(
  written: readonly Written[],
  options: ListPollerOptions,
): Promise<ReadonlyMap<string, ReadonlyMap<Key, Spec>>> {
  const entities = [...new Set(written.map(({ key }) => splitKey(key).entity))];
  const lists = await Promise.all(entities.map(async (entity) => [entity, await listed(entity, options)] as const));
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
  return problem('not-yet-visible', `Datadog took ${key}, and its list does not show it yet`, {
    hint: 'look again in a while with connsync plan, before the next apply',
    ...compact({ file, line }),
  });
}

/** Noted as the server's doing it would never be missed again; as drift the next apply puts it back. */
function missingAfterWrite({ key, file, line }: Action, absent: readonly string[]): ReturnType<typeof problem> {
  return problem('not-yet-visible', `Datadog took ${key}, and its list does not show ${absent.join(', ')}`, {
    hint: 'look again with connsync plan; the next apply puts back what is still missing',
    ...compact({ file, line }),
  });
}

function told({ key, file, line }: Action, normalised: Normalised): ReturnType<typeof problem> {
  const values = Object.entries(normalised).map(
    ([path, value]) => `${path} is now ${value === null ? 'unset' : JSON.stringify(value)}`,
  );
  return problem('normalised', `Datadog changed what was written to ${key}: ${values.join(', ')}`, {
    hint: 'write it so in the manifest; until then it is left as Datadog has it',
    ...compact({ file, line }),
  });
}
