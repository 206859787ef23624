import { describe, expect, test } from 'vitest';
import { parseRateLimit, startEmulator } from '../../src/emulator/server.ts';
import { call, CONNECTION, CONNECTIONS, createBody } from './calling.ts';

describe('a rate limit', () => {
  test.each([
    ['20/1s', { limit: 20, periodMs: 1000 }],
    ['50/10s', { limit: 50, periodMs: 10_000 }],
    ['100/60s', { limit: 100, periodMs: 60_000 }],
  ])('is parsed from %s', (text, limit) => {
    expect(parseRateLimit(text)).toEqual(limit);
  });

  test.each([
    '',
    '20',
    '20/s',
    '20/1',
    '0/1s',
    '1/0s',
    '-1/1s',
    '1.5/1s',
    '20/1m',
    ' 20/1s',
    '20/1s ',
    '1e3/1s',
    '٣/1s',
  ])('is not parsed from "%s"', (text) => {
    expect(parseRateLimit(text)).toBeUndefined();
  });
});

describe('under a rate limit', () => {
  const rateLimit = { limit: 3, periodMs: 10_000 };
  const NAME = 'product_analytics_mapping_connections';

  test('each response reports the remaining requests, and one too many gets 429 and does not run', async () => {
    const now = 1_000_000_007_500;
    await using emulator = await startEmulator({ rateLimit, clock: () => now });
    const replies = [
      await call(emulator.url, 'GET', CONNECTIONS),
      await call(emulator.url, 'POST', CONNECTION, { body: '{}' }),
      await call(emulator.url, 'DELETE', `${CONNECTION}/none`),
      await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 400, 404, 429]);
    expect(replies.map(({ headers }) => headersOf(headers))).toEqual([
      ['3', '10', '2', '3', NAME],
      ['3', '10', '1', '3', NAME],
      ['3', '10', '0', '3', NAME],
      ['3', '10', '0', '3', NAME],
    ]);
    expect(replies[3]?.json).toEqual({ errors: ['Too many requests: the rate limit resets in 3 s.'] });
    expect(emulator.connections('users')).toEqual([]);
  });

  test('periods are aligned to the clock, and reset is in whole seconds, never 0', async () => {
    let now = 1_000_000_009_999;
    await using emulator = await startEmulator({ rateLimit: { limit: 1, periodMs: 10_000 }, clock: () => now });
    const at = async (time: number): Promise<unknown[]> => {
      now = time;
      const { status, headers } = await call(emulator.url, 'GET', CONNECTIONS);
      return [status, headers['x-ratelimit-reset']];
    };
    expect(await at(1_000_000_009_999)).toEqual([200, '1']);
    expect(await at(1_000_000_009_999)).toEqual([429, '1']);
    expect(await at(1_000_000_010_000)).toEqual([200, '10']);
    expect(await at(1_000_000_010_001)).toEqual([429, '10']);
    expect(await at(1_000_000_019_000)).toEqual([429, '1']);
    expect(await at(1_000_000_020_000)).toEqual([200, '10']);
  });

  test("requests without keys, unknown paths and key checks don't count", async () => {
    await using emulator = await startEmulator({ rateLimit: { limit: 1, periodMs: 60_000 }, clock: () => 0 });
    await call(emulator.url, 'GET', CONNECTIONS, { headers: {} });
    await call(emulator.url, 'GET', '/nowhere');
    await call(emulator.url, 'GET', '/api/v2/validate');
    expect((await call(emulator.url, 'GET', CONNECTIONS)).status).toBe(200);
    expect((await call(emulator.url, 'GET', CONNECTIONS)).status).toBe(429);
    expect((await call(emulator.url, 'GET', '/api/v2/validate')).status).toBe(200);
  });

  test('no response has the headers without a limit', async () => {
    await using emulator = await startEmulator();
    const { headers } = await call(emulator.url, 'GET', CONNECTIONS);
    expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });
});

function headersOf(headers: Readonly<Record<string, unknown>>): unknown[] {
  return ['limit', 'period', 'remaining', 'reset', 'name'].map((name) => headers[`x-ratelimit-${name}`]);
}
