import { splitKey } from '../core/connection.ts';
import { problem } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import { readBackOf, type Normalised, type ReadBack } from '../core/normalised.ts';
import type { Action } from '../core/plan.ts';
import type { ConnectionsReader } from '../core/ports.ts';
import type { Ledger } from './ledger.ts';
import { listed } from './settle.ts';

export interface ReadBackOptions {
  readonly api: ConnectionsReader;
  readonly cut: AbortSignal;
  readonly report: Report;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

type Written = Extract<Action, { readonly kind: 'create' | 'update' | 'replace' }>;

/** Before a value that still is what it was counts as the server's will: a write may take a moment to show. In milliseconds. */
const LOOK_AGAIN_MS = [500, 1_000];

/**
 * Lists what was written once more. Where the server made something else of a value than was sent, or kept what was taken away,
 * that is told once and noted in the record, so that the next plan knows it for the server's doing and does not send it for ever.
 */
export async function readBack(ledger: Ledger, { api, cut, report, pause }: ReadBackOptions): Promise<void> {
  let written = ledger.applied.filter(isWritten);
  for (const wait of [...LOOK_AGAIN_MS, undefined]) {
    if (cut.aborted || written.length === 0) return;
    const differing = await differingFrom(written, api, cut);
    const early = wait === undefined ? [] : differing.filter(({ back }) => back.unmoved);
    for (const { action, back } of differing) {
      if (early.some((item) => item.action === action)) continue;
      ledger.note(action.key, back.normalised);
      report({ type: 'problem', problem: told(action, back.normalised) });
    }
    written = early.map(({ action }) => action);
    if (wait !== undefined && written.length > 0) await pause(wait);
  }
}

async function differingFrom(
  written: readonly Written[],
  api: ConnectionsReader,
  cut: AbortSignal,
): Promise<readonly { readonly action: Written; readonly back: ReadBack }[]> {
  const entities = [...new Set(written.map(({ key }) => splitKey(key).entity))];
  const lists = await Promise.all(entities.map((entity) => listed(entity, api, cut)));
  const live = new Map(lists.flatMap((list) => [...(list ?? [])]));
  return written.flatMap((action) => {
    const there = live.get(action.key);
    const before = action.kind === 'update' ? action.from : undefined;
    const back = there === undefined ? undefined : readBackOf(action.to, before, there.spec);
    return back === undefined ? [] : [{ action, back }];
  });
}

function isWritten(action: Action): action is Written {
  return action.kind === 'create' || action.kind === 'update' || action.kind === 'replace';
}

function told({ key, file, line }: Action, normalised: Normalised): ReturnType<typeof problem> {
  const values = Object.entries(normalised).map(
    ([path, value]) => `${path} is now ${value === null ? 'unset' : JSON.stringify(value)}`,
  );
  return problem('normalised', `Datadog changed what was written to ${key}: ${values.join(', ')}`, {
    hint: 'write it so in the manifest; until then it is left as Datadog has it',
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  });
}
