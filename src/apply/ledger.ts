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
import type { Ending, PartialResult } from './protocol.ts';

/** The result of an apply so far. It reports and counts each ending and maintains the records. */
export interface Ledger {
  /** Set if no further action may start. */
  readonly failure: Failure | undefined;
  /** The applied actions, in the order in which they ended. */
  readonly applied: readonly Action[];
  start(action: Action): void;
  end(action: Action, ending: Ending): Ending;
  fail(failure: Failure): void;
  /** Returns the record after the action is applied; undefined if the record is removed. */
  recordAfter(action: Action): RecordedConnection | undefined;
  /** Returns the record after a partly applied action; undefined if the record is removed. */
  partialRecord(action: Pick<Action, 'key'>, partial: PartialResult): RecordedConnection | undefined;
  /** Records how the server changed the values of a connection. */
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
    const desiredConnection = desired.get(key);
    if (kind === 'forget' || kind === 'delete') return undefined;
    return desiredConnection === undefined ? records.get(key) : recordOf(desiredConnection, recorded.get(key));
  };

  const set = (key: Key, record: RecordedConnection | undefined): void => {
    if (record === undefined) records.delete(key);
    else records.set(key, record);
  };

  const partialRecord = ({ key }: Pick<Action, 'key'>, partial: PartialResult): RecordedConnection | undefined => {
    const desiredConnection = desired.get(key);
    if (partial === 'nothing' || desiredConnection === undefined) return undefined;
    const fields = (desiredConnection.spec.fields ?? []).filter(({ id }) => !partial.without.includes(id));
    return recordOf(
      { ...desiredConnection, spec: canonicalSpec({ ...desiredConnection.spec, fields }) },
      recorded.get(key),
    );
  };

  const reportEnding = (action: Action, ending: Ending): void => {
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
      if (ending.state === 'failed' && ending.partial !== undefined)
        set(action.key, partialRecord(action, ending.partial));
      reportEnding(action, ending);
      return ending;
    },
    fail: (cause) => {
      failure ??= cause;
    },
    recordAfter,
    partialRecord,
    note: (key, normalised) => {
      const record = records.get(key);
      if (record !== undefined) records.set(key, { ...record, normalised: { ...record.normalised, ...normalised } });
    },
    close: () => ({ records, counts, ...compact({ failure }) }),
  };
}
