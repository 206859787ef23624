import { describe, expect, test } from 'vitest';
import { openListPoller, type ListPoller } from '../../src/apply/list-poller.ts';
import type { Observation } from '../../src/apply/protocol.ts';
import type { LiveConnection } from '../../src/core/connection.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import { live } from '../core/samples.ts';

/** A clock that moves only when everybody waits, and a Datadog whose lists are counted. */
class Runtime {
  time = 0;
  readonly lists: number[] = [];
  readonly entities: string[] = [];
  readonly told: SyncEvent[] = [];
  readonly there = new Set<string>();
  /** How long a list takes. */
  takes = 0;
  /** Which of the next lists fail, and how. */
  readonly fails: (Error | undefined)[] = [];
  /** What happens at a time, while somebody pauses or a list is under way. */
  readonly at = new Map<number, () => void>();
  readonly stop = new AbortController();
  readonly cut = new AbortController();
  readonly poller: ListPoller;

  constructor(settleMs: number) {
    this.poller = openListPoller({
      api: { list: async (entity) => this.#list(entity) },
      settleMs,
      clock: () => this.time,
      pause: async (ms) => {
        await Promise.resolve();
        this.#pass(ms);
      },
      report: (event) => void this.told.push(event),
      stop: this.stop.signal,
      cut: this.cut.signal,
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
    const shown = [...this.there];
    this.#pass(this.takes);
    if (fails !== undefined) throw fails;
    return shown.filter((key) => key.startsWith(entity)).map((key) => live(key));
  }
}

const UNREACHABLE = new Failure('unreachable', 'no');
const shows = (there: unknown): boolean => there !== undefined;

describe('shared lists', () => {
  test('serve a hundred that wait with one list a tick, half a second and then twice as long each time', async () => {
    const world = new Runtime(30_000);
    const keys = Array.from({ length: 100 }, (_, index) => `users/${index}`);
    const sights = await Promise.all(keys.map((key) => world.poller.until(key, 30_000, shows)));
    expect(sights).toEqual(keys.map((): Observation => ({ kind: 'seen', there: undefined, late: true })));
    expect(world.lists).toEqual([500, 1_500, 3_500, 7_500, 15_500, 23_500, 30_000]);
    expect(world.told).toEqual(
      [1_000, 2_000, 4_000, 8_000, 8_000, 6_500].map((ms) => ({
        type: 'waiting',
        reason: 'looking for what became of 100 requests',
        ms,
      })),
    );
  });

  test('end the wait of one as soon as it shows, and let the others wait on', async () => {
    const world = new Runtime(8_000);
    world.there.add('users/a');
    const [a, b] = await Promise.all([
      world.poller.until('users/a', 8_000, shows).then((observation) => [observation, world.lists.length] as const),
      world.poller.until('users/b', 8_000, shows).then((observation) => [observation, world.lists.length] as const),
    ]);
    expect(a).toMatchObject([{ kind: 'seen', late: false }, 1]);
    expect(b).toMatchObject([{ kind: 'seen', there: undefined, late: true }, 5]);
  });

  test('look once, and at once, for whoever need not wait', async () => {
    const world = new Runtime(30_000);
    expect(await world.poller.until('users/a', 0, shows)).toEqual({ kind: 'seen', there: undefined, late: true });
    expect(world.lists).toEqual([0]);
  });

  test('take a list that fails for no answer, and three in a row for the end', async () => {
    const world = new Runtime(30_000);
    world.fails.push(UNREACHABLE, UNREACHABLE);
    world.there.add('users/a');
    expect(await world.poller.until('users/a', 30_000, shows)).toMatchObject({ kind: 'seen', late: false });
    expect(world.lists).toHaveLength(3);
    world.fails.push(UNREACHABLE, UNREACHABLE, UNREACHABLE);
    expect(await world.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(world.lists).toHaveLength(6);
  });

  test('look once more where the run is being stopped, and wait no longer', async () => {
    const world = new Runtime(30_000);
    world.stop.abort();
    world.there.add('users/a');
    expect(await world.poller.until('users/a', 30_000, shows)).toMatchObject({ kind: 'seen' });
    expect(await world.poller.until('users/b', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(world.lists).toEqual([0, 0]);
  });

  test('that fail are forgotten once one succeeds', async () => {
    const world = new Runtime(30_000);
    world.fails.push(UNREACHABLE, UNREACHABLE, undefined, UNREACHABLE, UNREACHABLE, undefined);
    expect(await world.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'seen', there: undefined, late: true });
  });

  test('come closer together where the wait is short', async () => {
    const world = new Runtime(800);
    await world.poller.until('users/a', 800, shows);
    expect(world.lists).toEqual([100, 300, 700, 800]);
    expect(world.told, 'short pauses are not worth a word').toEqual([]);
  });

  test('are told in whole milliseconds', async () => {
    const world = new Runtime(4_000);
    world.takes = 0.25;
    await world.poller.until('users/a', 4_000, shows);
    expect(world.told).toEqual([{ type: 'waiting', reason: 'looking for what became of a request', ms: 2_000 }]);
  });

  test('are of one entity each, and nobody waits for those of another', async () => {
    const world = new Runtime(1_000);
    world.there.add('users/a');
    const [a, b] = await Promise.all([
      world.poller.until('users/a', 1_000, shows),
      world.poller.until('accounts/a', 0, shows),
    ]);
    expect(a).toMatchObject({ kind: 'seen', there: live('users/a').spec, late: false });
    expect(b).toEqual({ kind: 'seen', there: undefined, late: true });
    expect([...world.entities].sort()).toEqual(['accounts', 'users']);
  });

  test('begun before somebody came do not answer them, and the next one keeps its distance', async () => {
    const world = new Runtime(30_000);
    world.takes = 100;
    let late: Promise<Observation> | undefined;
    world.at.set(550, () => {
      world.there.add('users/a');
      world.there.add('users/b');
      late = world.poller.until('users/b', 0, shows);
    });
    await world.poller.until('users/a', 30_000, shows);
    expect(await late).toMatchObject({ kind: 'seen', there: live('users/b').spec });
    expect(world.lists).toEqual([500, 1_100]);
  });

  test('serve whoever comes while others pause, each at their own pace', async () => {
    const world = new Runtime(6_000);
    let second: Promise<unknown> | undefined;
    world.at.set(600, () => {
      second = world.poller.until('users/b', 2_000, shows).then((observation) => [observation, world.time]);
    });
    await world.poller.until('users/a', 6_000, shows);
    expect(await second).toEqual([{ kind: 'seen', there: undefined, late: true }, 3_000]);
    expect(world.lists).toEqual([500, 1_500, 2_500, 3_000, 3_500, 6_000]);
  });

  test('go on where another that waited was answered', async () => {
    const world = new Runtime(30_000);
    const keys = ['users/a', 'users/b', 'users/c'];
    world.there.add('users/b');
    world.at.set(1_200, () => void world.there.add('users/a'));
    world.at.set(3_000, () => void world.there.add('users/c'));
    const order: string[] = [];
    await Promise.all(
      keys.map(async (key) => {
        const observation = await world.poller.until(key, 30_000, shows);
        order.push(`${key} at ${world.time}`);
        expect(observation).toMatchObject({ kind: 'seen', late: false });
      }),
    );
    expect(order).toEqual(['users/b at 500', 'users/a at 1500', 'users/c at 3500']);
  });

  test('that fail while the run is being stopped leave the rest to the next one, at once', async () => {
    const world = new Runtime(30_000);
    world.stop.abort();
    world.fails.push(UNREACHABLE);
    world.there.add('users/a');
    expect(await world.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(world.lists).toEqual([0]);
  });

  test('are the last ones where the run is stopped in a pause', async () => {
    const world = new Runtime(30_000);
    world.at.set(1_000, () => world.stop.abort());
    expect(await world.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(world.lists).toEqual([500, 1_500]);
  });

  test('are an answer also in a run that is being stopped, to whoever has waited long enough', async () => {
    const world = new Runtime(30_000);
    world.stop.abort();
    expect(await world.poller.until('users/a', 0, shows)).toEqual({ kind: 'seen', there: undefined, late: true });
  });

  test.each([
    ['succeeded', undefined],
    ['failed', UNREACHABLE],
    ['broke off', new TypeError('aborted')],
  ])('that were cut off are no answer, though they %s', async (_, fails) => {
    const world = new Runtime(30_000);
    world.there.add('users/a');
    world.takes = 10;
    world.fails.push(fails);
    world.at.set(505, () => world.cut.abort());
    expect(await world.poller.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(world.lists).toEqual([500]);
  });

  test('that break for a reason of ours end everybody’s wait with it', async () => {
    const world = new Runtime(30_000);
    const bug = new TypeError('a bug');
    world.fails.push(bug);
    const waits = ['users/a', 'users/b'].map((key) => world.poller.until(key, 30_000, shows));
    expect(await Promise.allSettled(waits)).toEqual([
      { status: 'rejected', reason: bug },
      { status: 'rejected', reason: bug },
    ]);
  });
});
