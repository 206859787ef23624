import { FaultScheduler } from './faults/fault-scheduler.ts';
import { NO_QUIRKS, type Faults, type Quirks } from './faults/faults.ts';
import { LaggingList } from './lagging-list.ts';
import type { Store } from './store.ts';
import type { StoredConnection } from './wire.ts';

/** How the emulator behaves for now. */
export interface Behaviour {
  readonly quirks: Quirks;
  readonly dice: FaultScheduler;
  /** What a list shows, which is the truth unless it lags. */
  readonly list: (entity: string) => readonly StoredConnection[];
}

/** Behaves as the faults say, with dice that were never thrown. Only one behaviour at a time looks at a store. */
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
