import { compact } from '../core/compact.ts';
import { splitKey, type Key, type Spec } from '../core/connection.ts';
import { problem } from '../core/diagnostic.ts';
import { pathOf, type Difference } from '../core/difference.ts';
import type { Action } from '../core/plan.ts';
import { compareWithWritten, type Normalised } from '../core/server-normalisation.ts';
import { isWrite, type WriteAction } from './goal.ts';
import type { Ledger } from './ledger.ts';
import { tryList, type ListPollerOptions } from './list-poller.ts';

/** Interval between lists in milliseconds. It doubles each time. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 8_000;

/** An action that Datadog accepted but did not apply. */
export interface NotApplied {
  readonly action: WriteAction;
  /** The values that the list still shows differently; empty for a delete. */
  readonly differences: readonly Difference[];
  readonly live: Spec;
}

export interface Verified {
  /** Applied actions that no list had confirmed before the run was stopped. */
  readonly pending: readonly WriteAction[];
  readonly notApplied: readonly NotApplied[];
}

/**
 * Lists the written connections again, because Datadog may accept a write without applying it. Polls until a write
 * shows or the settle window has passed, because lists may lag; a value that still doesn't show counts as not applied.
 * Values that Datadog stores in its own form are reported and added to the record, so that later plans don't send them
 * again.
 */
export async function verifyWrites(ledger: Ledger, options: ListPollerOptions): Promise<Verified> {
  const { clock, abort } = options;
  const began = clock.monotonic();
  const notApplied: NotApplied[] = [];
  let pending: readonly WriteAction[] = ledger.applied.filter(isWrite);
  for (let wait = FIRST_PAUSE_MS; pending.length > 0 && !abort.cut.aborted; wait = Math.min(MAX_PAUSE_MS, wait * 2)) {
    const since = clock.monotonic() - began;
    const lists = await listsOf(pending, options);
    const isLast = since >= options.settleMs;
    pending = pending.filter((action) => {
      const list = lists.get(splitKey(action.key).entity);
      if (list === undefined) return false;
      const found = verdict(action, list.get(action.key), isLast);
      if (found === 'wait') return true;
      if (found !== 'done') settle(action, found, { ledger, options, notApplied });
      return false;
    });
    if (abort.stop.aborted) break;
    if (pending.length > 0) await clock.sleep(Math.min(wait, options.settleMs), abort.stop);
  }
  return { pending, notApplied };
}

/** What one list shows about one write. Both `normalised` and `notApplied` can have entries at once. */
type Verdict =
  | 'done'
  | 'wait'
  | { readonly kind: 'invisible' }
  | {
      readonly kind: 'shown';
      readonly live: Spec;
      readonly normalised: Normalised;
      readonly notApplied: readonly Difference[];
    };

/**
 * Compares a write with a list. `isLast` is true if the settle window has passed, so that the list can't lag any more.
 */
function verdict(action: WriteAction, live: Spec | undefined, isLast: boolean): Verdict {
  if (action.kind === 'delete') {
    if (live === undefined) return 'done';
    return isLast ? { kind: 'shown', live, normalised: {}, notApplied: [] } : 'wait';
  }
  if (live === undefined) return isLast ? { kind: 'invisible' } : 'wait';
  // A list that is older than a replace shows the old connection, so live is compared with the old spec too.
  const before = action.kind === 'create' ? undefined : action.from;
  const readBack = compareWithWritten(action.to, before, live);
  if (readBack === undefined) return 'done';
  if (readBack.notApplied.length > 0 && !isLast) return 'wait';
  return { kind: 'shown', live, ...readBack };
}

interface VerifyContext {
  readonly ledger: Ledger;
  readonly options: ListPollerOptions;
  readonly notApplied: NotApplied[];
}

function settle(
  action: WriteAction,
  found: Exclude<Verdict, string>,
  { ledger, options, notApplied }: VerifyContext,
): void {
  const { report } = options;
  if (found.kind === 'invisible') return report({ type: 'problem', problem: notYetVisible(action) });
  const { live, normalised, notApplied: differences } = found;
  if (Object.keys(normalised).length > 0) {
    ledger.note(action.key, normalised);
    report({ type: 'problem', problem: normalisedProblem(action, normalised) });
  }
  if (differences.length > 0 || action.kind === 'delete') notApplied.push({ action, differences, live });
}

/** Returns a message that says what Datadog accepted but did not apply. */
export function notAppliedMessage({ action, differences }: NotApplied): string {
  if (action.kind === 'delete') return 'Datadog accepted the delete, but its list still shows the connection';
  return `Datadog accepted the ${action.kind}, but did not apply ${differences.map(pathOf).join(', ')}`;
}

/** Returns the live specs by entity and key, without entities whose list failed. */
async function listsOf(
  written: readonly WriteAction[],
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

function notYetVisible({ key, file, line }: Action): ReturnType<typeof problem> {
  return problem('not-yet-visible', `Datadog accepted ${key}, but its list does not show it yet`, {
    hint: 'wait a moment, then run connsync plan before the next apply',
    ...compact({ file, line }),
  });
}

function normalisedProblem({ key, file, line }: Action, normalised: Normalised): ReturnType<typeof problem> {
  const values = Object.entries(normalised).map(([path, value]) => `${path} is now ${JSON.stringify(value)}`);
  return problem('normalised', `Datadog changed the values of ${key}: ${values.join(', ')}`, {
    hint: "use Datadog's value in the manifest; until then connsync leaves it unchanged",
    ...compact({ file, line }),
  });
}
