import { splitKey } from '../core/connection.ts';
import { problem } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import { normalisedBy, type Normalised } from '../core/normalised.ts';
import type { Action } from '../core/plan.ts';
import type { ConnectionsReader } from '../core/ports.ts';
import type { Ledger } from './ledger.ts';
import { listed } from './settle.ts';

export interface ReadBackOptions {
  readonly api: ConnectionsReader;
  readonly cut: AbortSignal;
  readonly report: Report;
}

/**
 * Lists what was written once more. Where the server made something else of a value than was sent, that is told once and
 * noted in the record, so that the next plan knows it for the server's doing and does not send it again for ever.
 */
export async function readBack(ledger: Ledger, { api, cut, report }: ReadBackOptions): Promise<void> {
  const written = ledger.applied.flatMap((action) =>
    action.kind === 'create' || action.kind === 'update' || action.kind === 'replace' ? [action] : [],
  );
  if (cut.aborted) return;
  const entities = [...new Set(written.map(({ key }) => splitKey(key).entity))];
  const lists = await Promise.all(entities.map((entity) => listed(entity, api, cut)));
  const live = new Map(lists.flatMap((list) => [...(list ?? [])]));
  for (const action of written) {
    const there = live.get(action.key);
    if (there === undefined) continue;
    const normalised = normalisedBy(action.to, 'from' in action ? action.from : undefined, there.spec);
    if (normalised === undefined) continue;
    ledger.note(action.key, normalised);
    report({ type: 'problem', problem: told(action, normalised) });
  }
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
