import { behave } from './behaviour.ts';
import type { Data } from './data.ts';
import type { Faults } from './faults/faults.ts';
import { Later } from './faults/inject-fault.ts';
import type { ChangeRecord } from './oracle.ts';
import { uuidFrom } from './organisation.ts';
import type { Stages } from './pipeline.ts';
import { rateLimiter, type RateLimit } from './rate-limit.ts';
import { Scripts, type Script } from './scripted.ts';
import { uiEdits, type UiEdits } from './ui-edits.ts';
import type { Stamp, StoredConnection } from './wire.ts';

export interface BackendOptions {
  /** Returns the current time in milliseconds since the epoch. */
  readonly clock: () => number;
  readonly newId: () => string;
  /** The author recorded for changes that requests make. */
  readonly actor: string;
  readonly rateLimit?: RateLimit;
  readonly faults?: Faults;
  /** Called with each change as it happens. */
  readonly note: (change: ChangeRecord) => void;
}

/** The emulator without HTTP: the stages that a request runs through, and the controls of a test. */
export interface Backend {
  readonly stages: Stages;
  readonly controls: Controls;
  /** The operations that faults delayed and that still have to run. */
  readonly later: Later;
}

interface Controls extends UiEdits {
  connections(entity: string): readonly StoredConnection[];
  answerNext(script: Script): void;
  setFaults(faults: Faults | undefined): void;
}

export function openBackend(data: Data, { clock, newId, actor, rateLimit, faults, note }: BackendOptions): Backend {
  const { store, organisation, save } = data;
  const stamp = (by: string): Stamp => ({ at: new Date(clock()).toISOString(), by });
  const scripts = new Scripts();
  const later = new Later();
  let behaviour = behave(faults ?? {}, store, clock);
  const stages: Stages = {
    limitRate: rateLimit === undefined ? undefined : rateLimiter(rateLimit, clock),
    scripts,
    behaviour: () => behaviour,
    later,
    contextOf: ({ id: request }) => ({
      store,
      organisation,
      apiKeyId: uuidFrom(`key of ${organisation}`),
      stamp: () => stamp(actor),
      newId,
      quirks: behaviour.quirks,
      list: behaviour.list,
      changed: (op, entity, id) => note({ at: clock(), request, op, entity, id, author: actor }),
    }),
    save,
  };
  const controls: Controls = {
    ...uiEdits(store, stamp, (op, entity, id, author) => {
      note({ at: clock(), op, entity, id, author });
      save().catch(() => {}); // `close` reports a disk error
    }),
    connections: (entity) => store.list(entity),
    answerNext: (script) => scripts.add(script),
    setFaults: (newFaults) => {
      behaviour = behave(newFaults ?? {}, store, clock);
    },
  };
  return { stages, controls, later };
}
