import { splitKey, type Key, type LiveConnection, type Spec } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import type { ConnectionsReader } from '../core/ports.ts';
import type { Observation } from './protocol.ts';

export interface ListPollerOptions {
  readonly api: Pick<ConnectionsReader, 'list'>;
  /** How long a request may be on its way, in milliseconds. */
  readonly settleMs: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Waits so many milliseconds, or until the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told where somebody is waited for, before each longer pause. */
  readonly report: Report;
  /** Aborted: whoever waits looks no further. */
  readonly stop: AbortSignal;
  /** Aborted: lists under way are cut off. */
  readonly cut: AbortSignal;
}

/** Lists that everybody who waits for an outcome shares: a hundred unclear creates need one for each tick. */
export interface ListPoller {
  /** Looks until `shown` says so, or until a list that was begun `waitMs` from now or later. */
  until(key: Key, waitMs: number, shown: (there: Spec | undefined) => boolean): Promise<Observation>;
}

interface Waiter {
  readonly key: Key;
  readonly shown: (there: Spec | undefined) => boolean;
  /** By the clock: from then on, a list that does not show it is the last word. */
  readonly until: number;
  /** By the clock: when it wants the next list. */
  due: number;
  step: number;
  readonly resolve: (observation: Observation) => void;
  readonly reject: (bug: unknown) => void;
}

/** Between the lists of one waiter, in milliseconds: half a second, doubled each time; nobody lists more often than that. */
const FIRST_STEP_MS = 500;
const LONGEST_STEP_MS = 8_000;
/** Shorter pauses are not worth a word, in milliseconds. */
const TOLD_FROM_MS = 1_000;
/** So many lists in a row that can't be had end the wait. */
const MOST_FAILURES = 3;

export function openListPoller(options: ListPollerOptions): ListPoller {
  const entities = new Map<string, Waiter[]>();
  // Tests and fast servers have shorter windows: the steps shrink with them.
  const firstStep = Math.min(FIRST_STEP_MS, options.settleMs / 8);
  return {
    until: (key, waitMs, shown) =>
      new Promise((resolve, reject) => {
        const { entity } = splitKey(key);
        const now = options.clock();
        const due = now + (waitMs === 0 ? 0 : firstStep);
        const waiter: Waiter = { key, shown, until: now + waitMs, due, step: firstStep, resolve, reject };
        const waiting = entities.get(entity);
        if (waiting !== undefined) {
          waiting.push(waiter);
          return;
        }
        const fresh = [waiter];
        entities.set(entity, fresh);
        const forget = (): void => void entities.delete(entity);
        serve({ entity, waiting: fresh, gap: firstStep, done: forget }, options).then(
          () => undefined,
          (bug: unknown) => {
            forget();
            fresh.forEach((one) => one.reject(bug));
          },
        );
      }),
  };
}

interface Serving {
  readonly entity: string;
  readonly waiting: Waiter[];
  /** The least time between two lists, in milliseconds. */
  readonly gap: number;
  /** Called in the same breath as the last answer: whoever comes later is served anew. */
  readonly done: () => void;
}

/** Lists one entity for as long as somebody waits for it. A list that can't be had is a sight too; it rejects only for bugs. */
async function serve({ entity, waiting, gap, done }: Serving, options: ListPollerOptions): Promise<void> {
  const { clock, pause, stop } = options;
  let free = Number.NEGATIVE_INFINITY;
  let failures = 0;
  while (waiting.length > 0) {
    const next = Math.max(
      free,
      waiting.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY),
    );
    if (!stop.aborted && next > clock()) {
      const ms = next - clock();
      if (ms >= TOLD_FROM_MS) options.report({ type: 'waiting', reason: reasonFor(waiting), ms: Math.round(ms) });
      await pause(ms, stop);
    }
    const begun = clock();
    const asked = [...waiting];
    const live = await listed(entity, options);
    free = clock() + gap;
    failures = live === undefined ? failures + 1 : 0;
    // A run that is being stopped takes the last look that it can get, and leaves the rest to the next one.
    const giveUp = failures >= MOST_FAILURES || options.cut.aborted || (stop.aborted && live === undefined);
    for (const waiter of asked) {
      const observation = giveUp ? BLIND : live === undefined ? undefined : sightOf(waiter, live, begun, stop.aborted);
      if (observation === undefined) postpone(waiter, begun);
      else {
        waiting.splice(waiting.indexOf(waiter), 1);
        waiter.resolve(observation);
      }
    }
  }
  done();
}

function reasonFor({ length }: readonly Waiter[]): string {
  return `looking for what became of ${length === 1 ? 'a request' : `${length} requests`}`;
}

const BLIND: Observation = { kind: 'blind' };

type Live = ReadonlyMap<Key, LiveConnection>;

function sightOf({ key, shown, until }: Waiter, live: Live, begun: number, stopping: boolean): Observation | undefined {
  const there = live.get(key)?.spec;
  const late = begun >= until;
  if (shown(there) || late) return { kind: 'seen', there, late };
  return stopping ? BLIND : undefined;
}

function postpone(waiter: Waiter, begun: number): void {
  if (waiter.due > begun) return;
  waiter.step = Math.min(LONGEST_STEP_MS, waiter.step * 2);
  // Never past the end of the wait: what has not shown by then is known as soon as it can be.
  waiter.due = Math.min(begun + waiter.step, Math.max(waiter.until, begun));
}

/** Undefined where the list can't be had: then nothing is known. */
export async function listed(
  entity: string,
  { api, cut }: Pick<ListPollerOptions, 'api' | 'cut'>,
): Promise<Live | undefined> {
  try {
    return new Map((await api.list(entity, cut)).map((connection) => [connection.key, connection]));
  } catch (cause) {
    if (cause instanceof Failure || cut.aborted) return undefined;
    throw cause;
  }
}
