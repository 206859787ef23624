import { FaultScheduler } from './faults/fault-scheduler.ts';
import { NO_QUIRKS, type Faults, type Quirks } from './faults/faults.ts';
import { LaggingList } from './lagging-list.ts';
import type { Store } from './store.ts';
import type { StoredConnection } from './wire.ts';

/** The current behaviour of the emulator. */
export interface Behaviour {
  readonly quirks: Quirks;
  readonly dice: FaultScheduler;
  /** Returns the connections that a list response shows: the current ones, or older ones if lists lag. */
  readonly list: (entity: string) => readonly StoredConnection[];
}

/**
 * Returns the behaviour that these faults describe, with restarted random generators. A store can have only one
 * behaviour at a time, because it has a single `onChange` callback.
 */
export function behave(faults: Faults, store: Store, clock: () => number): Behaviour {
  const { seed = 1, listLagMs = 0, rules = [], ...quirks } = faults;
  const lagging = listLagMs > 0 ? new LaggingList(store, listLagMs, clock) : undefined;
  store.onChange = lagging === undefined ? undefined : (...change) => lagging.note(...change);
  return {
    quirks: { ...NO_QUIRKS, ...quirks },
    dice: new FaultScheduler(rules, seed, clock),
    list: (entity) => (lagging ?? store).list(entity),
  };
}
