import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VALIDATE } from '../../src/core/wire/endpoints.ts';
import type { Exchange, HttpRequest } from '../../src/datadog/transport.ts';
import { rateLimiter, type RateLimit } from '../../src/emulator/rate-limit.ts';
import { never } from './loopback.ts';
import { answer, creates, LIST, RESET, simulated, work, write } from './simulated.ts';
import { VirtualTime } from './virtual-time.ts';

interface Limited {
  readonly exchange: Exchange;
  readonly refused: () => number;
  readonly calls: () => number;
}

/** Answers with the emulator's own rate limit, after a latency in each direction. */
function limited(time: VirtualTime, rateLimit: RateLimit, { phase = 0, latency = (): number => 10 } = {}): Limited {
  const takeTurn = rateLimiter(rateLimit, () => 1_000_000_000_000 + phase + time.now);
  let calls = 0;
  let refused = 0;
  const exchange: Exchange = async () => {
    calls += 1;
    await time.pass(latency() / 2);
    const { granted, headers } = takeTurn();
    if (!granted) refused += 1;
    await time.pass(latency() / 2);
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    return answer(granted ? 201 : 429, Object.fromEntries(lower));
  };
  return { exchange, refused: () => refused, calls: () => calls };
}

/** A server that immediately gives scripted answers. */
function saying(headers: (call: number) => Readonly<Record<string, string>>, status = 201): Exchange {
  let calls = 0;
  return async () => answer(status, headers(calls++));
}

describe('under a rate limit', () => {
  test('of any size, phase and latency, few requests are refused and little time is lost', async () => {
    const property = fc.asyncProperty(
      fc.record({
        limit: fc.integer({ min: 10, max: 60 }),
        seconds: fc.constantFrom(1, 2, 10, 60),
        phase: fc.nat(59_999),
        slowest: fc.integer({ min: 1, max: 300 }),
        workers: fc.integer({ min: 1, max: 16 }),
        seed: fc.integer(),
      }),
      async ({ limit, seconds, phase, slowest, workers, seed }) => {
        const time = new VirtualTime();
        const random = randomFrom(seed);
        const latency = (): number => 1 + random() * slowest;
        const datadog = limited(time, { limit, periodMs: seconds * 1000 }, { phase, latency });
        const { send } = simulated(time, datadog.exchange, { random });
        const count = limit * 5;
        const done = await time.run(work(send, creates(count), { workers }));
        expect(done.every(({ reply }) => reply.kind === 'answered' && reply.status === 201)).toBe(true);
        expect(datadog.refused() / count).toBeLessThanOrEqual(0.05);
        // The time for the limit or the latency alone, plus a second, the resolution of Reset.
        const ideal = Math.max(5 * seconds * 1000, (count / workers) * slowest);
        expect(time.now).toBeLessThanOrEqual(ideal * 1.3 + 1000);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('that other clients share, every request completes in the end', async () => {
    const time = new VirtualTime();
    const datadog = limited(time, { limit: 10, periodMs: 1000 });
    const clients = [1, 2, 3].map((seed) => simulated(time, datadog.exchange, { random: randomFrom(seed) }).send);
    const done = await time.run(Promise.all(clients.map((send) => work(send, creates(60)))));
    expect(done.flat().every(({ reply }) => reply.kind === 'answered' && reply.status === 201)).toBe(true);
    expect(datadog.refused() / datadog.calls()).toBeLessThan(0.25); // three scouts see the same ten, and all use them
    expect(time.now).toBeLessThan(18_000 * 1.5);
  });

  test('no request waits while many remain', async () => {
    const time = new VirtualTime();
    const datadog = limited(time, { limit: 1000, periodMs: 60_000 });
    const { send, waits } = simulated(time, datadog.exchange);
    await time.run(work(send, creates(320)));
    expect(waits).toEqual([]);
    expect(time.now).toBeLessThan(300); // 20 rounds of 10 ms
  });
});

describe('a response', () => {
  const limitHeaders = (remaining: number, reset = 10): Readonly<Record<string, string>> => ({
    'x-ratelimit-name': 'n',
    'x-ratelimit-limit': '10',
    'x-ratelimit-period': '10',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
  });

  test('with a higher Remaining than the one before shows that a new period has begun', async () => {
    const time = new VirtualTime();
    const remaining = [1, 9, 8, 7, 6, 5];
    const { send } = simulated(
      time,
      saying((call) => limitHeaders(remaining[call] ?? 0)),
    );
    await time.run(work(send, creates(6), { workers: 1 }));
    expect(time.now).toBe(1000); // one step for the last request of the old period
  });

  test('to a request from before a pause is ignored', async () => {
    const time = new VirtualTime();
    const { send } = simulated(time, async ({ body }) => {
      if (body === 'c0') {
        await time.pass(8000);
        return answer(201, limitHeaders(0));
      }
      await time.pass(10);
      return time.now < 1000
        ? answer(429, { 'x-ratelimit-reset': '7', 'x-ratelimit-name': 'n' })
        : answer(201, limitHeaders(9));
    });
    await time.run(work(send, creates(2), { workers: 2 }));
    expect(time.now).toBe(8000);
    await time.run(work(send, [write('PUT')]));
    expect(time.now).toBeLessThan(9000);
  });
});

describe('a 429', () => {
  const limit = (reset: string): Readonly<Record<string, string>> => ({
    'x-ratelimit-reset': reset,
    'x-ratelimit-name': 'n',
  });

  test('with a 429 makes all requests wait, and is reported once', async () => {
    const time = new VirtualTime();
    const sentAt: number[] = [];
    const { send, waits } = simulated(time, async () => {
      sentAt.push(time.now);
      const isFirst = time.now < 5000;
      await time.pass(200);
      return isFirst ? answer(429, limit('7')) : answer(201);
    });
    await time.run(work(send, creates(40)));
    expect(waits).toEqual([{ reason: 'rate limit', ms: 7350, at: 200 }]);
    const first = sentAt.find((at) => at > 1000) ?? 0;
    expect(first).toBe(7550);
    // Requests that leave before the first response are spaced apart, which avoids a stampede.
    expect(sentAt.filter((at) => at > 1000 && at < first + 200).length).toBeLessThanOrEqual(4);
  });

  test('releases the waiting requests once it is certain that nothing will be sent', async () => {
    const time = new VirtualTime();
    const { send } = simulated(time, async ({ body }) => {
      await time.pass(body === 'c0' ? 500 : 10);
      return body === 'c0' ? answer(403) : answer(429, limit('60'));
    });
    const done = await time.run(work(send, creates(40)));
    expect(time.now).toBe(500);
    expect(done.every(({ reply }) => reply.kind === 'answered' && reply.status === 403)).toBe(true);
  });

  test('to one bucket does not delay another', async () => {
    const time = new VirtualTime();
    const { send, waits } = simulated(time, async ({ method }) =>
      method === 'GET'
        ? answer(200, { 'x-ratelimit-name': 'reads' })
        : answer(time.now < 1000 ? 429 : 201, { 'x-ratelimit-name': 'writes', 'x-ratelimit-reset': '9' }),
    );
    const key: HttpRequest = { ...VALIDATE, limit: 1 };
    const at: number[] = [];
    await time.run(work(send, [LIST]));
    const writing = work(send, creates(2));
    await time.run(work(send, [LIST, key, LIST]).then(() => at.push(time.now)));
    await time.run(writing);
    expect(at[0]).toBeLessThan(1000);
    expect(time.now).toBeGreaterThanOrEqual(9000);
    expect(waits).toHaveLength(1);
  });

  test('of endless 429s ends all waiting requests after ten pauses in total', async () => {
    const time = new VirtualTime();
    const { send, waits } = simulated(
      time,
      saying(() => limit('1'), 429),
    );
    const done = await time.run(work(send, creates(16)));
    expect(done.map(({ reply, attempts }) => [reply.kind === 'answered' && reply.status, attempts])).toEqual(
      Array.from({ length: 16 }, () => [429, 0]),
    );
    expect(waits.length).toBeLessThanOrEqual(10);
    expect(time.now).toBeLessThan(12_000);
  });

  test('of endless 429s to one request delays the others at most ten times', async () => {
    const time = new VirtualTime();
    const { send } = simulated(time, async ({ body }) => (body === 'c7' ? answer(429, limit('1')) : answer(201)));
    const done = await time.run(work(send, creates(100)));
    expect(done.filter(({ reply }) => reply.kind === 'answered' && reply.status === 201)).toHaveLength(99);
    expect(time.now).toBeLessThan(12_000);
  });
});

describe('a 503 with Retry-After', () => {
  test('delays all requests of any kind', async () => {
    const time = new VirtualTime();
    const sentAt: number[] = [];
    const { send, waits } = simulated(time, async () => {
      sentAt.push(time.now);
      return sentAt.length === 3 ? answer(503, { 'retry-after': '20' }) : answer(200, { 'x-ratelimit-name': 'n' });
    });
    await time.run(work(send, [LIST, write('POST'), LIST, write('POST'), LIST, write('DELETE')], { workers: 2 }));
    expect(waits).toEqual([{ reason: 'Datadog returned 503', ms: 21_000, at: sentAt[2] }]);
    expect(sentAt.filter((at) => at < 21_000).length).toBeLessThanOrEqual(4); // the other worker's request was in flight
    expect(sentAt).toHaveLength(7);
  });
});

test('reports a pause of several buckets once', async () => {
  const time = new VirtualTime();
  let calls = 0;
  const { send, waits } = simulated(time, async ({ method }) => {
    await time.pass(100);
    return ++calls === 3 ? answer(503, { 'retry-after': '20' }) : answer(200, { 'x-ratelimit-name': method });
  });
  await time.run(work(send, [LIST, write('POST')], { workers: 1 }));
  await time.run(work(send, [LIST, LIST, write('POST'), LIST, write('POST')], { workers: 2 }));
  expect(waits).toMatchObject([{ reason: 'Datadog returned 503', ms: 21_000 }]);
});

describe('malformed headers', () => {
  const values = ['', 'NaN', '-1', '1e9', '1767225600', 'abc', '0.5', '99999999999999999999', '0', '1', '17', '٣'];
  const headers = ['limit', 'period', 'remaining', 'reset', 'name'].map((name) => `x-ratelimit-${name}`);

  test('delay no request for long, and lose none', async () => {
    const some = fc.record(Object.fromEntries(headers.map((name) => [name, fc.option(fc.constantFrom(...values))])));
    const script = fc.array(fc.tuple(fc.constantFrom(201, 201, 429, 503), some), { minLength: 1, maxLength: 20 });
    const property = fc.asyncProperty(script, async (replies) => {
      const time = new VirtualTime();
      let calls = 0;
      const { send } = simulated(time, async () => {
        const [status, set] = replies[calls++] ?? [201, {}];
        await time.pass(5);
        const headers = Object.entries(set).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
        return answer(status, Object.fromEntries(headers));
      });
      const done = await time.run(work(send, creates(40), { workers: 8 }));
      expect(done.every(({ reply }) => reply.kind === 'answered')).toBe(true);
      // None of the values is a reset or a period of more than 17 s.
      expect(time.now).toBeLessThan(20 * 17_000 * 1.2);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe('the signal', () => {
  test('ends its own waits immediately, and no others', async () => {
    const time = new VirtualTime();
    const stop = new AbortController();
    const { send } = simulated(time, async () => answer(time.now < 1000 ? 429 : 201, { 'x-ratelimit-reset': '60' }));
    const stopped = work(send, creates(4), { workers: 4, signal: stop.signal });
    const going = work(send, creates(2), { workers: 2 });
    await time.run(time.pass(500));
    stop.abort();
    const ended = await time.run(stopped);
    expect(time.now).toBe(500);
    expect(ended.map(({ reply }) => reply)).toEqual(
      Array.from({ length: 4 }, () => ({ kind: 'stopped', sent: false })),
    );
    expect((await time.run(going)).map(({ attempts }) => attempts)).toEqual([1, 1]);
  });

  test('of the last waiting request clears the timer too', async () => {
    const time = new VirtualTime();
    const stop = new AbortController();
    const { send } = simulated(time, async () => answer(429, { 'x-ratelimit-reset': '60' }));
    const ended = send(LIST, stop.signal);
    await time.run(time.pass(10));
    stop.abort();
    await time.run(ended);
    await expect(time.run(new Promise(() => {}))).rejects.toThrow('everybody waits for nothing');
  });
});

test('reports the remaining limit as it changes, but not for every response', async () => {
  const time = new VirtualTime();
  const readings: [number, unknown][] = [];
  const datadog = limited(time, { limit: 200, periodMs: 60_000 }, { latency: () => 50 });
  const { send } = simulated(time, datadog.exchange, { limit: (reading) => readings.push([time.now, reading]) });
  await time.run(work(send, creates(40), { workers: 2 }));
  expect(readings[0]).toEqual([
    50,
    { name: 'product_analytics_mapping_connections', remaining: 199, limit: 200, resetsInMs: 20_000 },
  ]);
  expect(readings.length).toBeGreaterThanOrEqual(3);
  const gaps = readings.slice(1).map(([at], index) => at - (readings[index]?.[0] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
});

test('ignores a network failure for the limit, and frees its place', async () => {
  const time = new VirtualTime();
  const spent = {
    'x-ratelimit-limit': '9',
    'x-ratelimit-period': '9',
    'x-ratelimit-remaining': '5',
    'x-ratelimit-reset': '9',
  };
  let calls = 0;
  const { send } = simulated(time, async () => (calls++ % 2 === 0 ? answer(201, spent) : RESET));
  await time.run(work(send, creates(8), { workers: 8 }));
  expect(calls).toBe(8);
  expect(time.now).toBeLessThan(9000);
  expect(await time.run(send(LIST, never()))).toMatchObject({ attempts: 1 });
});

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
