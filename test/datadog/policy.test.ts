import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HttpRequest, Reply } from '../../src/datadog/transport.ts';
import { answer, creates, LIST, REFUSED, RESET, simulated, work, write } from './simulated.ts';
import { VirtualTime } from './virtual-time.ts';

const REPLIES: readonly Reply[] = [
  answer(200),
  answer(201),
  answer(400),
  answer(403),
  answer(404),
  answer(408),
  answer(429),
  answer(429, { 'x-ratelimit-reset': '2', 'x-ratelimit-remaining': '0', 'x-ratelimit-name': 'n' }),
  answer(500),
  answer(503, { 'retry-after': '2' }),
  { ...answer(200), flaw: { kind: 'cut', reason: 'r' } } as Reply,
  { kind: 'redirect' },
  { kind: 'failed', sent: false, reason: 'self-signed certificate', untrusted: true },
  REFUSED,
  RESET,
];

/** Reports whether a write with this reply may have been executed. */
function isUnclear(reply: Reply): boolean {
  if (reply.kind === 'answered') return reply.status >= 500 || reply.status === 408;
  return reply.kind === 'redirect' || (reply.kind === 'failed' && reply.sent);
}

test('for any replies, never resends an unclear write, makes few requests, and answers every caller', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom(...REPLIES), { minLength: 1, maxLength: 200 }),
    fc.array(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), { minLength: 1, maxLength: 60 }),
    fc.integer({ min: 1, max: 8 }),
    fc.nat(6),
    async (replies, methods, workers, maxRetries) => {
      const time = new VirtualTime();
      const requests = methods.map((method, id): HttpRequest =>
        method === 'GET' ? { ...LIST } : write(method, `c${id}`),
      );
      const got = new Map<HttpRequest, Reply[]>();
      let tries = 0;
      let next = 0;
      const { send } = simulated(
        time,
        async (request) => {
          const reply = replies[next++ % replies.length] ?? RESET;
          const isProbe = request.deadlineMs !== undefined;
          if (!isProbe && (reply.kind !== 'answered' || reply.status !== 429)) tries += 1;
          got.set(request, [...(got.get(request) ?? []), reply]);
          await time.pass(10);
          return reply;
        },
        { maxRetries },
      );
      const done = await time.run(work(send, requests, { workers }));

      expect(done).toHaveLength(requests.length);
      for (const request of requests) {
        const replied = got.get(request) ?? [];
        expect(replied.filter((reply) => reply.kind !== 'answered' || reply.status !== 429).length).toBeLessThanOrEqual(
          maxRetries + 1,
        );
        if (request.method !== 'GET') expect(replied.slice(0, -1).some(isUnclear)).toBe(false);
      }
      const begun = requests.length;
      // A successful retry is returned to the budget.
      const good = done.filter(({ reply, attempts }) => attempts > 1 && reply.kind === 'answered').length;
      expect(tries).toBeLessThanOrEqual(begun + Math.max(100, begun) + good);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test('if everything fails, sends no more requests than there are operations and retries in the budget', async () => {
  const time = new VirtualTime();
  const lists = Array.from({ length: 400 }, () => ({ ...LIST }));
  let calls = 0;
  let asked = 0;
  // Every ninth reply is a 429, so that the budget ends the retries and not the breaker.
  const { send } = simulated(time, async () => {
    if (++calls % 9 === 0) return answer(404);
    asked += 1;
    return answer(500);
  });
  await time.run(work(send, lists, { workers: 8 }));
  expect(asked).toBeLessThanOrEqual(400 + 400);
  expect(asked).toBeGreaterThan(400);
});

test('recovers from any number of transient faults, because a successful retry costs nothing', async () => {
  const time = new VirtualTime();
  let calls = 0;
  const { send } = simulated(time, async () => ([0, 3, 6].includes(++calls % 7) ? answer(200) : RESET));
  const done = await time.run(
    work(
      send,
      Array.from({ length: 500 }, () => ({ ...LIST })),
      { workers: 1 },
    ),
  );
  expect(done.map(({ attempts }) => attempts)).toEqual(
    Array.from({ length: 500 }, (_, index) => (index % 3 === 2 ? 1 : 3)),
  );
  expect(done.every(({ reply }) => reply.kind === 'answered')).toBe(true);
});

test('one failing request in a thousand does not delay the others', async () => {
  const latencies = async (poisoned: ReadonlySet<string>): Promise<number[]> => {
    const time = new VirtualTime();
    const took = new Map<string, number>();
    const { send } = simulated(time, async ({ body = '' }) => {
      await time.pass(20);
      return poisoned.has(body) ? REFUSED : answer(201);
    });
    const timed: typeof send = async (request, signal) => {
      const start = time.now;
      const sent = await send(request, signal);
      took.set(request.body ?? '', time.now - start);
      return sent;
    };
    await time.run(work(timed, creates(1000)));
    return [...took].filter(([id]) => id !== 'c500').map(([, ms]) => ms);
  };
  const p99 = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? 0;
  const poisoned = await latencies(new Set(['c500']));
  expect(poisoned).toHaveLength(999);
  expect(p99(poisoned)).toBeLessThanOrEqual(p99(await latencies(new Set())) * 1.1);
});
