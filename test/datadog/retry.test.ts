import { describe, expect, test } from 'vitest';
import { retrying, type Sent } from '../../src/datadog/retry.ts';
import type { Method, Reply } from '../../src/datadog/transport.ts';
import { never } from './loopback.ts';
import { VirtualTime } from './virtual-time.ts';

function answer(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { kind: 'answered', status, header: (name) => headers[name.toLowerCase()], body: Buffer.alloc(0) };
}
const REFUSED: Reply = { kind: 'failed', sent: false, reason: 'connect ECONNREFUSED', untrusted: false };
const RESET: Reply = { kind: 'failed', sent: true, reason: 'read ECONNRESET', untrusted: false };
const UNTRUSTED: Reply = { kind: 'failed', sent: false, reason: 'self-signed certificate', untrusted: true };
const CUT: Reply = {
  kind: 'answered',
  status: 200,
  header: () => undefined,
  body: Buffer.alloc(0),
  flaw: { kind: 'cut', reason: 'r' },
};
const TOO_LARGE: Reply = { ...CUT, flaw: { kind: 'too-large', reason: 'r' } };
const REDIRECT: Reply = { kind: 'redirect' };

interface Run {
  readonly method?: Method;
  readonly maxRetries?: number;
  readonly random?: number;
}

/** Returns the replies one after the other, and repeats the last one. */
async function play(
  replies: readonly Reply[],
  { method = 'GET', maxRetries = 5, random = 0.5 }: Run = {},
): Promise<Sent & { sent: number; sleeps: number[]; reasons: string[]; numbers: number[] }> {
  const time = new VirtualTime();
  const reasons: string[] = [];
  const numbers: number[] = [];
  const send = retrying(
    async (_, __, attempt) => {
      const reply = replies[Math.min(numbers.push(attempt), replies.length) - 1];
      if (reply === undefined) throw new Error('there is no reply');
      return reply;
    },
    {
      maxRetries,
      random: () => random,
      clock: time.clock,
      sleep: time.sleep,
      waiting: ({ reason, ms }) => reasons.push(`${reason} ${ms}`),
    },
  );
  const sent = await time.run(send({ method, path: '/x', limit: 1 }, never()));
  return { ...sent, sent: numbers.length, sleeps: time.sleeps, reasons, numbers };
}

describe('a GET', () => {
  test.each([
    ['500', answer(500)],
    ['503', answer(503)],
    ['599', answer(599)],
    ['a reset', RESET],
    ['a refused connection', REFUSED],
    ['a cut body', CUT],
  ])('is retried after %s, up to the limit', async (_, reply) => {
    expect(await play([reply, reply, answer(200)])).toMatchObject({
      attempts: 3,
      sent: 3,
      reply: { status: 200 },
      numbers: [1, 2, 3],
    });
    expect(await play([reply], { maxRetries: 2 })).toMatchObject({ attempts: 3, sent: 3, reply });
    expect(await play([reply], { maxRetries: 0 })).toMatchObject({ attempts: 1, sent: 1, sleeps: [] });
  });

  test.each([
    ['200', answer(200)],
    ['400', answer(400)],
    ['403', answer(403)],
    ['404', answer(404)],
    ['a redirect', REDIRECT],
    ['a body that is too large', TOO_LARGE],
    ['a certificate that is not trusted', UNTRUSTED],
  ])('is not retried after %s', async (_, reply) => {
    expect(await play([reply])).toMatchObject({ attempts: 1, sent: 1, sleeps: [] });
  });
});

describe.each(['POST', 'PUT', 'DELETE'] as const)('a %s', (method) => {
  test('is retried if no connection was made, and after a 429', async () => {
    expect(await play([REFUSED, answer(429), REFUSED, answer(201)], { method })).toMatchObject({
      attempts: 3,
      sent: 4,
    });
    expect(await play([REFUSED], { method, maxRetries: 3 })).toMatchObject({ attempts: 4, sent: 4, reply: REFUSED });
  });

  test.each([
    ['500', answer(500)],
    ['503 with Retry-After', answer(503, { 'retry-after': '1' })],
    ['a reset', RESET],
    ['a redirect', REDIRECT],
    ['a cut body', CUT],
    ['409', answer(409)],
  ])('is never retried after %s', async (_, reply) => {
    expect(await play([reply], { method })).toMatchObject({ attempts: 1, sent: 1, sleeps: [] });
  });
});

describe('a wait', () => {
  test('doubles from half a second up to twenty, with full jitter', async () => {
    expect((await play([RESET], { maxRetries: 8, random: 1 })).sleeps).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000,
    ]);
    expect((await play([RESET], { maxRetries: 3, random: 0.25 })).sleeps).toEqual([125, 250, 500]);
    expect((await play([RESET], { maxRetries: 2, random: 0 })).sleeps).toEqual([0, 0]);
  });

  test('is reported before it begins, with its reason', async () => {
    const replies = [RESET, answer(502), answer(429, { 'x-ratelimit-reset': '7' }), CUT, answer(200)];
    expect((await play(replies, { random: 0 })).reasons).toEqual([
      'read ECONNRESET 0',
      'Datadog returned 502 0',
      'rate limit 7000',
      "Datadog's response broke off: r 0",
    ]);
  });

  test.each<[string, number]>([
    ['1', 1000], ['7', 7000], ['2.5', 2500], ['0', 1000], ['0.2', 1000], ['300', 300_000], ['301', 300_000], ['86400', 300_000], [' 9 ', 9000], ['007', 7000],
  ])('after a 429 with a reset of %j is %i ms, and up to a tenth more', async (reset, ms) => {
    const replies = [answer(429, { 'x-ratelimit-reset': reset }), answer(200)];
    expect((await play(replies, { random: 0 })).sleeps).toEqual([ms]);
    expect((await play(replies, { random: 1 })).sleeps).toEqual([Math.round(ms * 1.1)]);
  }); // prettier-ignore

  test.each([
    '',
    'NaN',
    '-1',
    '1e9',
    'Infinity',
    '0x10',
    '1767225600',
    '99999999999',
    '7s',
    '1,5',
    'soon',
    '+5',
    '٣',
    'null',
    'true',
    '[]',
    '5 5',
    '.5',
    '1.',
  ])('after a 429 with a reset of %j is the backoff', async (reset) => {
    const replies = [
      answer(429, { 'x-ratelimit-reset': reset }),
      answer(429, { 'x-ratelimit-reset': reset }),
      answer(200),
    ];
    expect((await play(replies, { random: 1 })).sleeps).toEqual([500, 1000]);
  });

  test.each<[string, Record<string, string>, number]>([
    ['seconds', { 'retry-after': '4' }, 4000],
    ['too many seconds', { 'retry-after': '4000' }, 300_000],
    ['a date', { 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' }, 30_000],
    ['a date gone by', { 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' }, 1000],
    ['a date without the date of the answer', { 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT' }, 500],
    [
      'a date years ahead',
      { 'retry-after': 'Fri, 20 Nov 2099 10:00:30 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' },
      500,
    ],
    ['nonsense', { 'retry-after': 'later' }, 500],
    ['a negative', { 'retry-after': '-3', date: 'Fri, 20 Nov 2026 10:00:00 GMT' }, 500],
    ['nothing', {}, 500],
  ])('after a 503 with %s in Retry-After has the right length', async (_, headers, ms) => {
    const draw = ms === 500 ? 1 : 0;
    expect((await play([answer(503, headers), answer(200)], { random: draw })).sleeps).toEqual([ms]);
  });
});

describe('429', () => {
  test('after a 429 does not count as an attempt', async () => {
    const limited = answer(429, { 'x-ratelimit-reset': '1' });
    const played = await play([...Array.from({ length: 9 }, () => limited), answer(201)], {
      method: 'POST',
      maxRetries: 0,
    });
    expect(played).toMatchObject({ attempts: 1, sent: 10, reply: { status: 201 } });
    expect(played.sleeps).toHaveLength(9);
  });

  test('does not follow the tenth 429 in a row, which ends the request', async () => {
    const played = await play([answer(429)], { method: 'POST' });
    expect(played).toMatchObject({ attempts: 0, sent: 10, reply: { status: 429 } });
    expect(played.sleeps).toHaveLength(9);
  });

  test('is counted from zero after any other reply', async () => {
    const nine = Array.from({ length: 9 }, () => answer(429));
    expect(await play([...nine, RESET, ...nine, answer(200)])).toMatchObject({
      attempts: 2,
      sent: 20,
      reply: { status: 200 },
    });
  });
});

test('that fails for a reason other than the signal is a bug, and is rethrown', async () => {
  const send = retrying(async () => RESET, {
    maxRetries: 1,
    random: () => 0,
    clock: () => 0,
    sleep: async () => {
      throw new Error('broken clock');
    },
  });
  await expect(send({ method: 'GET', path: '/x', limit: 1 }, never())).rejects.toThrow('broken clock');
});
