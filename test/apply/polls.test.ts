import { describe, expect, test } from 'vitest';
import { openPolls, type Polls } from '../../src/apply/polls.ts';
import type { Sight } from '../../src/apply/protocol.ts';
import type { LiveConnection } from '../../src/core/connection.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import { live } from '../core/samples.ts';

/** A clock that moves only when everybody waits, and a Datadog whose lists are counted. */
class World {
  time = 0;
  readonly lists: number[] = [];
  readonly waits: string[] = [];
  readonly there = new Set<string>();
  fails = 0;
  readonly stop = new AbortController();
  readonly polls: Polls;

  constructor(settleMs: number) {
    this.polls = openPolls({
      api: { list: async (entity) => this.#list(entity) },
      settleMs,
      clock: () => this.time,
      pause: async (ms) => {
        await Promise.resolve();
        this.time += ms;
      },
      report: (event) => void (event.type === 'waiting' && this.waits.push(event.reason)),
      stop: this.stop.signal,
      cut: new AbortController().signal,
    });
  }

  async #list(entity: string): Promise<readonly LiveConnection[]> {
    this.lists.push(this.time);
    if (this.fails > 0) {
      this.fails -= 1;
      throw new Failure('unreachable', 'no');
    }
    return [...this.there].filter((key) => key.startsWith(entity)).map((key) => live(key));
  }
}

const shows = (there: unknown): boolean => there !== undefined;

describe('shared lists', () => {
  test('serve a hundred that wait with one list a tick, half a second and then twice as long each time', async () => {
    const world = new World(30_000);
    const keys = Array.from({ length: 100 }, (_, index) => `users/${index}`);
    const sights = await Promise.all(keys.map((key) => world.polls.until(key, 30_000, shows)));
    expect(sights).toEqual(keys.map((): Sight => ({ kind: 'seen', there: undefined, late: true })));
    expect(world.lists).toEqual([500, 1_500, 3_500, 7_500, 15_500, 23_500, 30_000]);
    expect(world.waits).toEqual(Array.from({ length: 6 }, () => 'looking for what became of 100 requests'));
  });

  test('end the wait of one as soon as it shows, and let the others wait on', async () => {
    const world = new World(8_000);
    world.there.add('users/a');
    const [a, b] = await Promise.all([
      world.polls.until('users/a', 8_000, shows).then((sight) => [sight, world.lists.length] as const),
      world.polls.until('users/b', 8_000, shows).then((sight) => [sight, world.lists.length] as const),
    ]);
    expect(a).toMatchObject([{ kind: 'seen', late: false }, 1]);
    expect(b).toMatchObject([{ kind: 'seen', there: undefined, late: true }, 5]);
  });

  test('look once, and at once, for whoever need not wait', async () => {
    const world = new World(30_000);
    expect(await world.polls.until('users/a', 0, shows)).toEqual({ kind: 'seen', there: undefined, late: true });
    expect(world.lists).toEqual([0]);
  });

  test('take a list that fails for no answer, and three in a row for the end', async () => {
    const world = new World(30_000);
    world.fails = 2;
    world.there.add('users/a');
    expect(await world.polls.until('users/a', 30_000, shows)).toMatchObject({ kind: 'seen', late: false });
    world.fails = 3;
    expect(await world.polls.until('users/a', 30_000, shows)).toEqual({ kind: 'blind' });
  });

  test('look once more where the run is being stopped, and wait no longer', async () => {
    const world = new World(30_000);
    world.stop.abort();
    world.there.add('users/a');
    expect(await world.polls.until('users/a', 30_000, shows)).toMatchObject({ kind: 'seen' });
    expect(await world.polls.until('users/b', 30_000, shows)).toEqual({ kind: 'blind' });
    expect(world.lists).toEqual([0, 0]);
  });
});
