import { describe, expect, test } from 'vitest';
import { openListPoller, type ListPoller } from '../../src/apply/list-poller.ts';
import type { Observation } from '../../src/apply/protocol.ts';
import type { LiveConnection } from '../../src/core/connection.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import { live } from '../core/samples.ts';

/** A clock that advances only while every task waits, and a Datadog that counts its lists. */
class Runtime {
  time = 0;
  readonly lists: number[] = [];
  readonly entities: string[] = [];
  readonly events: SyncEvent[] = [];
  readonly live = new Set<string>();
  /** The duration of a list. */
  takes = 0;
  /** The errors that the next lists fail with. */
  readonly fails: (Error | undefined)[] = [];
  /** Actions that run at a given time, during a pause or a list. */
  readonly at = new Map<number, () => void>();
  readonly stop = new AbortController();
  readonly cut = new AbortController();
  readonly poller: ListPoller;

  constructor(settleMs: number) {
    this.poller = openListPoller({
      api: { list: async (entity) => this.#list(entity) },
      settleMs,
      clock: {
        monotonic: () => this.time,
        sleep: async (ms) => {
          await Promise.resolve();
          this.#pass(ms);
        },
      },
      report: (event) => void this.events.push(event),
      abort: { stop: this.stop.signal, cut: this.cut.signal },
    });
  }

  #pass(ms: number): void {
    const end = this.time + ms;
    for (const [when, happens] of this.at) {
      if (when < this.time || when > end) continue;
      this.time = when;
      this.at.delete(when);
      happens();
    }
    this.time = end;
  }

  async #list(entity: string): Promise<readonly LiveConnection[]> {
    this.lists.push(this.time);
    this.entities.push(entity);
    if (this.lists.length > 500) throw new Error('it lists for ever');
    const fails = this.fails.shift();
    const shown = [...this.live];
    this.#pass(this.takes);
    if (fails !== undefined) throw fails;
    return shown.filter((key) => key.startsWith(entity)).map((key) => live(key));
  }
}

const UNREACHABLE = new Failure('unreachable', 'no');
const shows = (live: unknown): boolean => live !== undefined;

describe('shared lists', () => {
  test('serve a hundred waiting tasks with one list per tick, after half a second and then doubling each time', async () => {
    const runtime = new Runtime(30_000);
    const keys = Array.from({ length: 100 }, (_, index) => `users/${index}`);
    const sights = await Promise.all(keys.map((key) => runtime.poller.until(key, 30_000, shows)));
    expect(sights).toEqual(keys.map((): Observation => ({ kind: 'seen', live: undefined, late: true })));
    expect(runtime.lists).toEqual([500, 1_500, 3_500, 7_500, 15_500, 23_500, 30_000]);
    expect(runtime.events).toEqual(
      [1_000, 2_000, 4_000, 8_000, 8_000, 6_500].map((ms) => ({
        type: 'waiting',
        reason: 'checking the outcome of 100 requests',
        ms,
      })),
    );
  });

  test('end the wait of one key as soon as it is visible, and keep waiting for the others', async () => {
    const runtime = new Runtime(8_000);
    runtime.live.add('users/a');
    const [a, b] = await Promise.all([
      runtime.poller.until('users/a', 8_000, shows).then((observation) => [observation, runtime.lists.length] as const),
      runtime.poller.until('users/b', 8_000, shows).then((observation) => [observation, runtime.lists.length] as const),
    ]);
    expect(a).toMatchObject([{ kind: 'seen', late: false }, 1]);
    expect(b).toMatchObject([{ kind: 'seen', live: undefined, late: true }, 5]);
  });

  test('look once and immediately for a key that does not need to wait', async () => {
    const runtime = new Runtime(30_000);
    expect(await runtime.poller.until('users/a', 0, shows)).toEqual({ kind: 'seen', live: undefined, late: true });
    expect(runtime.lists).toEqual([0]);
  });

  test('ignore a single failed list and give up after three in a row', async () => {
    const runtime = new Runtime(30_000);
    runtime.fails.push(UNREACHABLE, UNREACHABLE);
    runtime.live.add('users/a');
    expect(await runtime.poller.until('users/a', 30_000, shows)).toMatchObject({ kind: 'seen', late: false });
    expect(runtime.lists).toHaveLength(3);
    runtime.fails.push(UNREACHABLE, UNREACHABLE, UNREACHABLE);
    expect(await runtime.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(runtime.lists).toHaveLength(6);
  });

  test('look once more if the run is being stopped, and stop waiting', async () => {
    const runtime = new Runtime(30_000);
    runtime.stop.abort();
    runtime.live.add('users/a');
    expect(await runtime.poller.until('users/a', 30_000, shows)).toMatchObject({ kind: 'seen' });
    expect(await runtime.poller.until('users/b', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(runtime.lists).toEqual([0, 0]);
  });

  test('reset the failure count after a success', async () => {
    const runtime = new Runtime(30_000);
    runtime.fails.push(UNREACHABLE, UNREACHABLE, undefined, UNREACHABLE, UNREACHABLE, undefined);
    expect(await runtime.poller.until('users/a', 30_000, shows)).toEqual({
      kind: 'seen',
      live: undefined,
      late: true,
    });
  });

  test('follow each other faster if the wait is short', async () => {
    const runtime = new Runtime(800);
    await runtime.poller.until('users/a', 800, shows);
    expect(runtime.lists).toEqual([100, 300, 700, 800]);
    expect(runtime.events, 'short pauses are not reported').toEqual([]);
  });

  test('report times in whole milliseconds', async () => {
    const runtime = new Runtime(4_000);
    runtime.takes = 0.25;
    await runtime.poller.until('users/a', 4_000, shows);
    expect(runtime.events).toEqual([{ type: 'waiting', reason: 'checking the outcome of a request', ms: 2_000 }]);
  });

  test('cover one entity each, and do not make keys of another entity wait', async () => {
    const runtime = new Runtime(1_000);
    runtime.live.add('users/a');
    const [a, b] = await Promise.all([
      runtime.poller.until('users/a', 1_000, shows),
      runtime.poller.until('accounts/a', 0, shows),
    ]);
    expect(a).toMatchObject({ kind: 'seen', live: live('users/a').spec, late: false });
    expect(b).toEqual({ kind: 'seen', live: undefined, late: true });
    expect([...runtime.entities].sort()).toEqual(['accounts', 'users']);
  });

  test('that began before a key joined do not answer it, and the next list keeps its distance', async () => {
    const runtime = new Runtime(30_000);
    runtime.takes = 100;
    let late: Promise<Observation> | undefined;
    runtime.at.set(550, () => {
      runtime.live.add('users/a');
      runtime.live.add('users/b');
      late = runtime.poller.until('users/b', 0, shows);
    });
    await runtime.poller.until('users/a', 30_000, shows);
    expect(await late).toMatchObject({ kind: 'seen', live: live('users/b').spec });
    expect(runtime.lists).toEqual([500, 1_100]);
  });

  test('serve keys that join during a pause, each at its own pace', async () => {
    const runtime = new Runtime(6_000);
    let second: Promise<unknown> | undefined;
    runtime.at.set(600, () => {
      second = runtime.poller.until('users/b', 2_000, shows).then((observation) => [observation, runtime.time]);
    });
    await runtime.poller.until('users/a', 6_000, shows);
    expect(await second).toEqual([{ kind: 'seen', live: undefined, late: true }, 3_000]);
    expect(runtime.lists).toEqual([500, 1_500, 2_500, 3_000, 3_500, 6_000]);
  });

  test('continue if another waiting key was answered', async () => {
    const runtime = new Runtime(30_000);
    const keys = ['users/a', 'users/b', 'users/c'];
    runtime.live.add('users/b');
    runtime.at.set(1_200, () => void runtime.live.add('users/a'));
    runtime.at.set(3_000, () => void runtime.live.add('users/c'));
    const order: string[] = [];
    await Promise.all(
      keys.map(async (key) => {
        const observation = await runtime.poller.until(key, 30_000, shows);
        order.push(`${key} at ${runtime.time}`);
        expect(observation).toMatchObject({ kind: 'seen', late: false });
      }),
    );
    expect(order).toEqual(['users/b at 500', 'users/a at 1500', 'users/c at 3500']);
  });

  test('that fail while the run is being stopped leave the rest to the next run, immediately', async () => {
    const runtime = new Runtime(30_000);
    runtime.stop.abort();
    runtime.fails.push(UNREACHABLE);
    runtime.live.add('users/a');
    expect(await runtime.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(runtime.lists).toEqual([0]);
  });

  test('are the last ones if the run is stopped during a pause', async () => {
    const runtime = new Runtime(30_000);
    runtime.at.set(1_000, () => runtime.stop.abort());
    expect(await runtime.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(runtime.lists).toEqual([500, 1_500]);
  });

  test('answer a key that has waited long enough, even if the run is being stopped', async () => {
    const runtime = new Runtime(30_000);
    runtime.stop.abort();
    expect(await runtime.poller.until('users/a', 0, shows)).toEqual({ kind: 'seen', live: undefined, late: true });
  });

  test.each([
    ['succeeded', undefined],
    ['failed', UNREACHABLE],
    ['broke off', new TypeError('aborted')],
  ])('that were cut off are not an answer, even if they %s', async (_, fails) => {
    const runtime = new Runtime(30_000);
    runtime.live.add('users/a');
    runtime.takes = 10;
    runtime.fails.push(fails);
    runtime.at.set(505, () => runtime.cut.abort());
    expect(await runtime.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(runtime.lists).toEqual([500]);
  });

  test('that fail because of a bug in connsync end every wait with that error', async () => {
    const runtime = new Runtime(30_000);
    const bug = new TypeError('a bug');
    runtime.fails.push(bug);
    const waits = ['users/a', 'users/b'].map((key) => runtime.poller.until(key, 30_000, shows));
    expect(await Promise.allSettled(waits)).toEqual([
      { status: 'rejected', reason: bug },
      { status: 'rejected', reason: bug },
    ]);
  });
});
