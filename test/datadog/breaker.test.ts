import { describe, expect, test } from 'vitest';
import type { Exchange, HttpRequest, Reply } from '../../src/datadog/transport.ts';
import { never } from './loopback.ts';
import { answer, creates, LIST, REFUSED, RESET, simulated, work, write } from './simulated.ts';
import { VirtualTime } from './virtual-time.ts';

interface Call {
  readonly at: number;
  readonly request: HttpRequest;
}

const TIMEOUT = 30_000;

/**
 * A server that works until `diesAt` and again from `risesAt`. In between, each request gets `reply`, or hangs until
 * its deadline.
 */
function mortal(
  time: VirtualTime,
  reply: Reply | 'hang',
  { diesAt = 1000, risesAt = Infinity }: { readonly diesAt?: number; readonly risesAt?: number } = {},
): { readonly exchange: Exchange; readonly after: () => readonly Call[] } {
  const calls: Call[] = [];
  const exchange: Exchange = async (request) => {
    const at = time.now;
    calls.push({ at, request });
    if (at < diesAt || at >= risesAt) {
      await time.pass(20);
      return answer(request.method === 'GET' ? 200 : 201);
    }
    if (reply !== 'hang') {
      await time.pass(20);
      return reply;
    }
    await time.pass(Math.min(TIMEOUT, request.deadlineMs ?? Infinity));
    return { kind: 'failed', sent: true, reason: 'no complete response within 30 s', untrusted: false };
  };
  return { exchange, after: () => calls.filter(({ at }) => at >= diesAt) };
}

const DEATHS: readonly [string, Reply | 'hang'][] = [
  ['refuses connections', REFUSED],
  ['resets them', RESET],
  ['answers 500', answer(500)],
  ['answers 503', answer(503)],
  ['hangs', 'hang'],
];

describe.each(DEATHS)('a Datadog that %s in the middle of a run', (_, reply) => {
  test.each([1, 4, 16])('is an outage in a minute, after few calls, by %i workers', async (workers) => {
    const time = new VirtualTime();
    const datadog = mortal(time, reply);
    const { send } = simulated(time, datadog.exchange, { random: () => 0.99 });
    const done = await time.run(work(send, [LIST, ...creates(2000)], { workers }));

    expect(datadog.after().length).toBeLessThanOrEqual(10 + workers + 3);
    expect(time.now - 1000).toBeLessThanOrEqual(60_000);
    const kinds = done.map((sent) => (sent.reply.kind === 'answered' ? sent.reply.status : sent.reply.kind));
    expect(kinds.filter((kind) => kind === 'outage').length).toBeGreaterThan(1900 - (1000 / 20) * workers);
    expect(kinds.at(-1)).toBe('outage');
  });

  test('is used again once it recovers, without losing a request', async () => {
    const time = new VirtualTime();
    const datadog = mortal(time, reply, { diesAt: 1000, risesAt: 1200 });
    const { send, waits } = simulated(time, datadog.exchange);
    const done = await time.run(work(send, [LIST, ...creates(3000)]));
    expect(done.some((sent) => sent.reply.kind === 'outage')).toBe(false);
    const outages = datadog.after().filter(({ at }) => at < 1200);
    expect(outages.length).toBeLessThanOrEqual(10 + 16 + 3);
    if (reply !== 'hang')
      expect(waits.some(({ reason }) => reason === 'Datadog is not responding, probing')).toBe(true);
  });
});

describe('while the breaker is open', () => {
  test('sends only one list at a time, with its own deadline and with backoff', async () => {
    const time = new VirtualTime();
    const datadog = mortal(time, RESET);
    const { send, waits } = simulated(time, datadog.exchange, { random: () => 1 });
    await time.run(work(send, [LIST, ...creates(2000)], { workers: 16 }));
    const probes = datadog.after().filter(({ request }) => request.method === 'GET');
    expect(probes.map(({ request }) => [request.path, request.deadlineMs])).toEqual(
      Array.from({ length: 3 }, () => [LIST.path, 5000]),
    );
    expect(datadog.after().slice(-3)).toEqual(probes);
    expect(waits.filter(({ reason }) => reason === 'Datadog is not responding, probing').map(({ ms }) => ms)).toEqual([
      500, 1000, 2000,
    ]);
  });

  test('sends no request that waits for the rate limit either', async () => {
    const time = new VirtualTime();
    const spent = {
      'x-ratelimit-limit': '60',
      'x-ratelimit-period': '60',
      'x-ratelimit-remaining': '20',
      'x-ratelimit-reset': '60',
    };
    let calls = 0;
    const { send } = simulated(time, async () => {
      await time.pass(20);
      return ++calls === 1 ? answer(200, spent) : RESET;
    });
    const done = await time.run(work(send, [LIST, ...creates(40)], { workers: 30 }));
    expect(time.now).toBeLessThan(5000);
    expect(calls).toBeLessThan(40);
    expect(done.at(-1)?.reply.kind).toBe('outage');
  });

  test.each<[string, HttpRequest, string]>([
    ['a read is its own probe', { ...LIST, path: '/api/v2/product-analytics/accounts/mapping' }, '/api/v2/product-analytics/accounts/mapping'],
    ['a write has the key checked', write('PUT'), '/api/v2/validate'],
  ])('without an earlier list, %s', async (_, request, path) => {
    const time = new VirtualTime();
    const sent: HttpRequest[] = [];
    const { send } = simulated(time, async (one) => {
      sent.push(one);
      return RESET;
    });
    await time.run(work(send, Array.from({ length: 12 }, () => request), { workers: 1 }));
    expect(sent.at(-1)).toMatchObject({ method: 'GET', path });
  }); // prettier-ignore

  test('releases an aborted request, and still gives the others the outcome', async () => {
    const time = new VirtualTime();
    const datadog = mortal(time, RESET, { diesAt: 0 });
    const stop = new AbortController();
    const { send } = simulated(time, datadog.exchange, { random: () => 1 });
    await time.run(work(send, creates(10)));
    const stopped = send(LIST, stop.signal);
    const waiting = send(LIST, never());
    await time.run(time.pass(100));
    stop.abort();
    const at = time.now;
    expect(await time.run(stopped)).toEqual({ reply: { kind: 'stopped', sent: false }, attempts: 0 });
    expect(time.now).toBe(at);
    expect((await time.run(waiting)).reply).toMatchObject({ kind: 'outage', failures: 13, reason: 'read ECONNRESET' });
  });

  test('sends nothing if no request is waiting', async () => {
    const time = new VirtualTime();
    const datadog = mortal(time, RESET, { diesAt: 0 });
    const { send } = simulated(time, datadog.exchange);
    await time.run(work(send, creates(10)));
    await time.run(time.pass(600_000));
    expect(datadog.after()).toHaveLength(10);
  });
});

describe('the breaker stays closed', () => {
  test.each<[string, Reply]>([
    ['429', answer(429, { 'x-ratelimit-reset': '1' })],
    ['404', answer(404)],
    ['a redirect', { kind: 'redirect' }],
  ])('if nine failures are followed by %s', async (_, between) => {
    const time = new VirtualTime();
    let calls = 0;
    const { send, waits } = simulated(time, async () => (++calls % 10 === 0 ? between : answer(500)));
    await time.run(work(send, creates(200), { workers: 1 }));
    expect(waits.filter(({ reason }) => reason.includes('probing'))).toEqual([]);
  });

  test('if one request hangs while others are answered', async () => {
    const time = new VirtualTime();
    const { send, waits } = simulated(time, async ({ body }) => {
      await time.pass(body === 'c3' ? TIMEOUT : 20);
      return body === 'c3' ? RESET : answer(201);
    });
    await time.run(work(send, creates(5000), { workers: 3 }));
    expect(waits).toEqual([]);
  });

  test('for a single failing request, however often it is sent', async () => {
    const time = new VirtualTime();
    const { send, waits } = simulated(time, async (request) => {
      await time.pass(20);
      return request === LIST ? answer(500) : answer(201);
    });
    await time.run(work(send, [LIST, LIST, LIST, ...creates(3000)], { workers: 4 }));
    expect(waits.filter(({ reason }) => reason.includes('probing'))).toEqual([]);
  });
});

test('opens immediately on a silence in which no request is answered, and closes after an answered probe', async () => {
  const time = new VirtualTime();
  const hung = new Set(['c3']);
  const { send, waits } = simulated(time, async ({ body = '' }) => {
    await time.pass(hung.has(body) ? TIMEOUT : 20);
    return hung.has(body) ? RESET : answer(201);
  });
  const done = await time.run(work(send, creates(6), { workers: 1 }));
  expect(done.map(({ reply }) => reply.kind)).toEqual([
    'answered',
    'answered',
    'answered',
    'failed',
    'answered',
    'answered',
  ]);
  expect(waits.map(({ reason }) => reason)).toEqual(['Datadog is not responding, probing']);
});
