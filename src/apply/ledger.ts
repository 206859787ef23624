import { compact } from '../core/compact.ts';
import { canonicalSpec } from '../core/canonical.ts';
import type { DesiredConnection, Key, RecordedConnection, Spec } from '../core/connection.ts';
import type { Clock } from '../core/clock.ts';
import type { Failure } from '../core/diagnostic.ts';
import { applyDifferences, differences, pathOf, reverse, type Difference } from '../core/difference.ts';
import type { Counts, Report } from '../core/event.ts';
import type { Normalised } from '../core/server-normalisation.ts';
import type { Action } from '../core/plan.ts';
import { recordOf } from '../core/planner.ts';
import type { Records, RequestError } from '../core/ports.ts';
import type { WriteAction } from './goal.ts';
import type { Ending, PartialResult } from './protocol.ts';

export interface LedgerOptions {
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  readonly recorded: Records;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly report: Report;
}

/** The differences that a list still shows after Datadog accepted a write, and the live spec in that list. */
export interface Unapplied {
  readonly differences: readonly Difference[];
  readonly live: Spec;
}

type Applied = Ending & { readonly state: 'applied' };

/** Keeps the results of an apply: reports and counts how each action ends, and maintains the records. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #records: Map<Key, RecordedConnection>;
  readonly #counts = { applied: 0, failed: 0, skipped: 0 };
  readonly #startedAt = new Map<Action, number>();
  readonly #applied = new Map<Action, Applied & { readonly ms: number }>();
  #failure: Failure | undefined;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#records = new Map(options.recorded);
  }

  /** The failure that stops the run; undefined if further actions may start. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The applied actions, in the order in which they ended. */
  get applied(): readonly Action[] {
    return [...this.#applied.keys()];
  }

  start(action: Action): void {
    this.#startedAt.set(action, this.#options.clock.monotonic());
    this.#options.report({ type: 'started', kind: action.kind, key: action.key });
  }

  end(action: Action, ending: Ending): Ending {
    const ms = this.#msOf(action);
    if (ending.state === 'applied') {
      this.#applied.set(action, { ...ending, ms });
      this.#set(action.key, this.recordAfter(action));
    }
    if (ending.state === 'failed' && ending.partial !== undefined)
      this.#set(action.key, this.partialRecord(action, ending.partial));
    this.#counts[ending.state] += 1;
    this.#reportEnding(action, ending, ms);
    return ending;
  }

  /**
   * Marks an applied action as failed, because Datadog accepted it but did not apply it. Returns the connection's
   * record with the former values; undefined if it has no record.
   */
  failAccepted(action: WriteAction, unapplied: Unapplied, error: RequestError): RecordedConnection | undefined {
    const { attempts = 0, retries = 0, ms = 0 } = this.#applied.get(action) ?? {};
    this.#applied.delete(action);
    this.#counts.applied -= 1;
    this.#counts.failed += 1;
    const record = this.#recordWithout(action, unapplied);
    this.#set(action.key, record);
    const { kind, key } = action;
    this.#options.report({ type: 'failed', kind, key, ms, attempts, retries, accepted: true, error });
    return record;
  }

  fail(cause: Failure): void {
    this.#failure ??= cause;
  }

  /** Returns the record after the action is applied; undefined if the record is removed. */
  recordAfter({ kind, key }: Action): RecordedConnection | undefined {
    const { desired, recorded } = this.#options;
    const connection = desired.get(key);
    if (kind === 'forget' || kind === 'delete') return undefined;
    return connection === undefined ? this.#records.get(key) : recordOf(connection, recorded.get(key));
  }

  /** Returns the record after a partly applied action; undefined if the record is removed. */
  partialRecord({ key }: Pick<Action, 'key'>, partial: PartialResult): RecordedConnection | undefined {
    const { desired, recorded } = this.#options;
    const connection = desired.get(key);
    if (partial === 'nothing' || connection === undefined) return undefined;
    const fields = (connection.spec.fields ?? []).filter(({ id }) => !partial.without.includes(id));
    const spec = canonicalSpec({ ...connection.spec, fields });
    return recordOf({ ...connection, spec }, recorded.get(key));
  }

  /** Adds the values that the server changed to the record of a connection. */
  note(key: Key, normalised: Normalised): void {
    const record = this.#records.get(key);
    if (record !== undefined)
      this.#records.set(key, { ...record, normalised: { ...record.normalised, ...normalised } });
  }

  close(): { readonly records: Records; readonly counts: Counts; readonly failure?: Failure } {
    return { records: this.#records, counts: this.#counts, ...compact({ failure: this.#failure }) };
  }

  /**
   * Returns the record with the former values wherever the write had no effect; after a create, with the listed values.
   */
  #recordWithout(action: WriteAction, { differences: unapplied, live }: Unapplied): RecordedConnection | undefined {
    if (action.kind === 'delete') return this.#options.recorded.get(action.key);
    const record = this.#records.get(action.key);
    if (record === undefined) return undefined;
    const former = action.kind === 'create' ? live : action.from;
    const paths = new Set(unapplied.map(pathOf));
    const back = differences(record.spec, former, former).filter((difference) => paths.has(pathOf(difference)));
    return { ...record, spec: applyDifferences(record.spec, back.map(reverse)) };
  }

  #msOf(action: Action): number {
    const startedAt = this.#startedAt.get(action);
    return startedAt === undefined ? 0 : Math.round(this.#options.clock.monotonic() - startedAt);
  }

  #set(key: Key, record: RecordedConnection | undefined): void {
    if (record === undefined) this.#records.delete(key);
    else this.#records.set(key, record);
  }

  #reportEnding({ kind, key }: Action, ending: Ending, ms: number): void {
    const { report } = this.#options;
    switch (ending.state) {
      case 'applied': {
        const { attempts, retries, alreadyGone } = ending;
        return report({ type: 'applied', kind, key, ms, attempts, retries, ...compact({ alreadyGone }) });
      }
      case 'failed': {
        const { attempts, retries, error } = ending;
        return report({ type: 'failed', kind, key, ms, attempts, retries, error });
      }
      case 'skipped':
        return report({ type: 'skipped', kind, key, ms: 0, attempts: 0 });
      default:
        return ending satisfies never;
    }
  }
}
