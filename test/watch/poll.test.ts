import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConnectionsReader } from '../../src/core/ports.ts';
import { cacheLists } from '../../src/watch/list-cache.ts';
import { delayBefore, startPolling } from '../../src/watch/poll.ts';

const never = new AbortController().signal;

describe('polling of the live state', () => {
  test.each([
    [300_000, 0, 0.5, 300_000],
    [300_000, 0, 0, 270_000],
    [300_000, 1, 0.5, 600_000],
    [300_000, 4, 0.5, 4_800_000],
    [300_000, 9, 0.5, 4_800_000],
    [2_000_000_000, 3, 1, 2 ** 31 - 1],
  ])('with an interval of %i ms after %i strained polls, drawn %d, waits %i ms', (everyMs, strained, random, ms) => {
    expect(delayBefore(everyMs, strained, random)).toBe(ms);
  });

  test('varies the interval by at most a tenth, and never shortens it under strain', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 10_000_000 }),
        fc.nat(20),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (everyMs, strained, random) => {
          const ms = delayBefore(everyMs, strained, random);
          expect(ms).toBeGreaterThanOrEqual(Math.floor(everyMs * 0.9));
          expect(ms).toBeLessThanOrEqual(Math.ceil(everyMs * 16 * 1.1));
          expect(delayBefore(everyMs, strained + 1, random)).toBeGreaterThanOrEqual(ms);
        },
      ),
    );
  });

  test('slows down if Datadog is unreachable or the rate limit is near, and has at most one poll in flight', async () => {
    const scheduled: number[] = [];
    const answers: ((well: boolean) => void)[] = [];
    let strained = false;
    let listed = 0;
    const polling = startPolling({
      everyMs: 1_000_000,
      refresh: () => new Promise((answer) => void answers.push(answer)),
      listed: () => void (listed += 1),
      scheduled: (ms) => void scheduled.push(ms),
      isThrottled: () => strained,
      random: () => 0.5,
    });
    const terminal = async (well: boolean): Promise<void> => {
      polling.now();
      polling.now();
      expect(answers).toHaveLength(1);
      answers.pop()?.(well);
      await new Promise((resolve) => setImmediate(resolve));
    };
    await terminal(true);
    await terminal(false);
    strained = true;
    await terminal(true);
    strained = false;
    await terminal(true);
    polling.stop();
    polling.now();
    expect(answers).toEqual([]);
    expect(scheduled).toEqual([1_000_000, 1_000_000, 2_000_000, 4_000_000, 1_000_000]);
    expect(listed).toBe(3);
  });
});

/** A reader whose lists the test answers. */
function slow(): {
  readonly reader: ConnectionsReader;
  readonly requests: ((ids: readonly string[] | Error) => void)[];
} {
  const requests: ((ids: readonly string[] | Error) => void)[] = [];
  const reader: ConnectionsReader = {
    organisation: async () => undefined,
    attributes: async () => [],
    list: (entity) =>
      new Promise((resolve, reject) => {
        requests.push((ids) => {
          if (ids instanceof Error) reject(ids);
          else
            resolve(
              ids.map((id) => ({
                key: `${entity}/${id}`,
                entity,
                id,
                spec: { type: 't', join_attribute: 'j', join_type: 'e' },
              })),
            );
        });
      }),
  };
  return { reader, requests };
}

describe('cached lists', () => {
  const keys = async (lists: ReturnType<typeof cacheLists>): Promise<readonly string[]> =>
    (await lists.reader.list('users', never)).map(({ key }) => key);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('are requested once for all callers, and stay valid until a refresh is complete', async () => {
    const { reader, requests } = slow();
    const lists = cacheLists(async () => reader);
    const both = Promise.all([keys(lists), keys(lists)]);
    await turn();
    expect(requests).toHaveLength(1);
    requests[0]?.(['a']);
    expect(await both).toEqual([['users/a'], ['users/a']]);
    const renewed = lists.refresh(never);
    await turn();
    expect(await keys(lists)).toEqual(['users/a']);
    requests[1]?.(['a', 'b']);
    await renewed;
    expect(await keys(lists)).toEqual(['users/a', 'users/b']);
  });

  test('stay valid if a refresh fails, and only the failed part is requested again', async () => {
    const { reader, requests } = slow();
    const lists = cacheLists(async () => reader);
    const first = keys(lists);
    await turn();
    requests[0]?.(new Error('reset'));
    await expect(first).rejects.toThrow('reset');
    const second = keys(lists);
    await turn();
    requests[1]?.(['a']);
    expect(await second).toEqual(['users/a']);
    const renewed = lists.refresh(never);
    await turn();
    requests[2]?.(new Error('reset'));
    await expect(renewed).rejects.toThrow('reset');
    expect(await keys(lists)).toEqual(['users/a']);
  });

  test('are not restored by a refresh that began before an apply', async () => {
    const { reader, requests } = slow();
    const lists = cacheLists(async () => reader);
    const first = keys(lists);
    await turn();
    requests[0]?.(['a']);
    await first;
    const renewed = lists.refresh(never);
    await turn();
    lists.clear();
    requests[1]?.(['a']);
    await renewed;
    const after = keys(lists);
    await turn();
    requests[2]?.(['a', 'applied']);
    expect(await after).toEqual(['users/a', 'users/applied']);
  });
});
