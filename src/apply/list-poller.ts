import { splitKey, type Key, type LiveConnection, type Spec } from '../core/connection.ts';
import type { Abort, Clock } from '../core/clock.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import type { ConnectionsReader } from '../core/ports.ts';
import type { Observation } from './protocol.ts';

export interface ListPollerOptions {
  readonly api: Pick<ConnectionsReader, 'list'>;
  /** The settle window in milliseconds: a request in flight for longer counts as lost. */
  readonly settleMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Receives an event before each pause of at least a second. */
  readonly report: Report;
  readonly abort: Abort;
}

/**
 * Lists connections for all actions that wait for an outcome, so a hundred unclear creates share one list per interval.
 */
export interface ListPoller {
  /** Polls until `shown` returns true, or until a list that starts at least `waitMs` from now is complete. */
  until(key: Key, waitMs: number, shown: (live: Spec | undefined) => boolean): Promise<Observation>;
}

interface Waiter {
  readonly key: Key;
  readonly shown: (live: Spec | undefined) => boolean;
  /** Monotonic time from which a list that doesn't show the change proves that it was not made. */
  readonly until: number;
  /** Monotonic time of the next list that this waiter needs. */
  due: number;
  step: number;
  readonly resolve: (observation: Observation) => void;
  readonly reject: (bug: unknown) => void;
}

/** Interval between the lists of one waiter in milliseconds. It starts at half a second and doubles each time. */
const FIRST_STEP_MS = 500;
const MAX_STEP_MS = 8_000;
/** The shortest pause that is reported, in milliseconds. */
const MIN_REPORTED_MS = 1_000;
/** The number of consecutive failed lists after which the wait ends. */
const MAX_FAILURES = 3;

export function openListPoller(options: ListPollerOptions): ListPoller {
  const entities = new Map<string, Waiter[]>();
  // Tests and fast servers have shorter settle windows, so the interval scales with the window.
  const firstStep = Math.min(FIRST_STEP_MS, options.settleMs / 8);
  return {
    until: (key, waitMs, shown) =>
      new Promise((resolve, reject) => {
        const { entity } = splitKey(key);
        const now = options.clock.monotonic();
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
        serve({ entity, waiting: fresh, minGapMs: firstStep, done: forget }, options).then(
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
  /** Minimum time between two lists, in milliseconds. */
  readonly minGapMs: number;
  /** Called synchronously after the last waiter is resolved, so that a waiter added later starts a new loop. */
  readonly done: () => void;
}

/**
 * Lists one entity while actions wait for it. Repeated failures end the wait as `blind`; only a bug rejects the
 * promise.
 */
async function serve({ entity, waiting, minGapMs, done }: Serving, options: ListPollerOptions): Promise<void> {
  const { clock, abort } = options;
  let free = Number.NEGATIVE_INFINITY;
  let failures = 0;
  while (waiting.length > 0) {
    const next = Math.max(
      free,
      waiting.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY),
    );
    if (!abort.stop.aborted && next > clock.monotonic()) {
      const ms = next - clock.monotonic();
      if (ms >= MIN_REPORTED_MS) options.report({ type: 'waiting', reason: reasonFor(waiting), ms: Math.round(ms) });
      await clock.sleep(ms, abort.stop);
    }
    const startedAt = clock.monotonic();
    const served = [...waiting];
    const live = await tryList(entity, options);
    free = clock.monotonic() + minGapMs;
    failures = live === undefined ? failures + 1 : 0;
    // A stopping run makes one last list, and leaves outcomes that it doesn't show to the next run.
    const giveUp = failures >= MAX_FAILURES || abort.cut.aborted || (abort.stop.aborted && live === undefined);
    for (const waiter of served) {
      const observation = giveUp
        ? BLIND
        : live === undefined
          ? undefined
          : observe(waiter, live, startedAt, abort.stop.aborted);
      if (observation === undefined) postpone(waiter, startedAt);
      else {
        waiting.splice(waiting.indexOf(waiter), 1);
        waiter.resolve(observation);
      }
    }
  }
  done();
}

function reasonFor({ length }: readonly Waiter[]): string {
  return `checking the outcome of ${length === 1 ? 'a request' : `${length} requests`}`;
}

const BLIND: Observation = { kind: 'blind' };

type Live = ReadonlyMap<Key, LiveConnection>;

function observe(
  { key, shown, until }: Waiter,
  live: Live,
  startedAt: number,
  stopping: boolean,
): Observation | undefined {
  const spec = live.get(key)?.spec;
  const late = startedAt >= until;
  if (shown(spec) || late) return { kind: 'seen', live: spec, late };
  return stopping ? BLIND : undefined;
}

function postpone(waiter: Waiter, startedAt: number): void {
  if (waiter.due > startedAt) return;
  waiter.step = Math.min(MAX_STEP_MS, waiter.step * 2);
  // The next list is due at the end of the wait at the latest, so that the final observation is not delayed.
  waiter.due = Math.min(startedAt + waiter.step, Math.max(waiter.until, startedAt));
}

/** Returns the live connections of an entity, or undefined if the list fails. */
export async function tryList(
  entity: string,
  { api, abort }: Pick<ListPollerOptions, 'api' | 'abort'>,
): Promise<Live | undefined> {
  try {
    return new Map((await api.list(entity, abort.cut)).map((connection) => [connection.key, connection]));
  } catch (cause) {
    if (cause instanceof Failure || abort.cut.aborted) return undefined;
    throw cause;
  }
}
