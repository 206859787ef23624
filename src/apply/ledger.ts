import { compact } from '../core/compact.ts';
import { canonicalSpec } from '../core/canonical.ts';
import type { DesiredConnection, Key, RecordedConnection } from '../core/connection.ts';
import type { Clock } from '../core/clock.ts';
import type { Failure } from '../core/diagnostic.ts';
import type { Counts, Report } from '../core/event.ts';
import type { Normalised } from '../core/server-normalisation.ts';
import type { Action } from '../core/plan.ts';
import { recordOf } from '../core/planner.ts';
import type { Records } from '../core/ports.ts';
import type { Ending, Left } from './protocol.ts';

/** Keeps what an apply has done so far: tells each ending as it happens, counts it, and knows what is to be recorded. */
export interface Ledger {
  /** Set once nothing more is to be started. */
  readonly failure: Failure | undefined;
  /** Actions that were done, in the order in which they ended. */
  readonly applied: readonly Action[];
  start(action: Action): void;
  end(action: Action, ending: Ending): Ending;
  fail(failure: Failure): void;
  /** What is to be recorded once the action is done; undefined where the record goes. */
  recordAfter(action: Action): RecordedConnection | undefined;
  /** What is to be recorded of an action that was done by half; undefined where the record goes. */
  recordLeft(action: Pick<Action, 'key'>, left: Left): RecordedConnection | undefined;
  /** Notes in the record of a connection what the server made of it. */
  note(key: Key, normalised: Normalised): void;
  close(): { readonly records: Records; readonly counts: Counts; readonly failure?: Failure };
}

export interface LedgerOptions {
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: Records;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly report: Report;
}

export function openLedger({ desired, recorded, clock, report }: LedgerOptions): Ledger {
  const records = new Map<Key, RecordedConnection>(recorded);
  const counts = { applied: 0, failed: 0, skipped: 0 };
  const since = new Map<Action, number>();
  const applied: Action[] = [];
  let failure: Failure | undefined;

  const recordAfter = ({ kind, key }: Action): RecordedConnection | undefined => {
    const to = desired.get(key);
    if (kind === 'forget' || kind === 'delete') return undefined;
    return to === undefined ? records.get(key) : recordOf(to, recorded.get(key));
  };

  const set = (key: Key, record: RecordedConnection | undefined): void => {
    if (record === undefined) records.delete(key);
    else records.set(key, record);
  };

  const recordLeft = ({ key }: Pick<Action, 'key'>, left: Left): RecordedConnection | undefined => {
    const to = desired.get(key);
    if (left === 'nothing' || to === undefined) return undefined;
    const fields = (to.spec.fields ?? []).filter(({ id }) => !left.without.includes(id));
    return recordOf({ ...to, spec: canonicalSpec({ ...to.spec, fields }) }, recorded.get(key));
  };

  const tell = (action: Action, ending: Ending): void => {
    const { kind, key } = action;
    const ms = since.has(action) ? Math.round(clock.monotonic() - (since.get(action) ?? 0)) : 0;
    counts[ending.state] += 1;
    if (ending.state === 'applied')
      report({ type: 'applied', kind, key, ms, attempts: ending.attempts, retries: ending.retries });
    else if (ending.state === 'failed')
      report({
        type: 'failed',
        kind,
        key,
        ms,
        attempts: ending.attempts,
        retries: ending.retries,
        error: ending.error,
      });
    else report({ type: 'skipped', kind, key, ms: 0, attempts: 0 });
  };

  return {
    get failure() {
      return failure;
    },
    applied,
    start: (action) => {
      since.set(action, clock.monotonic());
      report({ type: 'started', kind: action.kind, key: action.key });
    },
    end: (action, ending) => {
      if (ending.state === 'applied') {
        applied.push(action);
        set(action.key, recordAfter(action));
      }
      if (ending.state === 'failed' && ending.left !== undefined) set(action.key, recordLeft(action, ending.left));
      tell(action, ending);
      return ending;
    },
    fail: (cause) => {
      failure ??= cause;
    },
    recordAfter,
    recordLeft,
    note: (key, normalised) => {
      const record = records.get(key);
      if (record !== undefined) records.set(key, { ...record, normalised: { ...record.normalised, ...normalised } });
    },
    close: () => ({ records, counts, ...compact({ failure }) }),
  };
}
