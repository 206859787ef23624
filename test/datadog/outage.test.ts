import { describe, expect, test } from 'vitest';
import type { Answer, ConnectionsApi } from '../../src/core/ports.ts';
import { clientFor, type TraceLine } from '../../src/datadog/client.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { json, listen, listOf, never, optionsFor, rejection } from './loopback.ts';

const SPEC = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };

/** Returns workers that create one connection after another, until a number of responses. */
async function createAll(client: ConnectionsApi, count: number, workers: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const id = `c${next++}`;
      answers.push(await client.create({ entity: 'users', id, spec: SPEC }, never()));
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return answers;
}

function countOf(answers: readonly Answer[], kind: Answer['kind']): number {
  return answers.filter((answer) => answer.kind === kind).length;
}

describe('an outage in the middle of a run', () => {
  test.each([1, 4, 16])('ends the run for all %i workers after few requests, and is reported', async (workers) => {
    let calls = 0;
    let isDown = false;
    await using server = await listen(({ method }, response) => {
      isDown ||= method === 'POST' && ++calls > 50;
      if (isDown) json(response, 503, { errors: ['down for maintenance'] });
      else json(response, method === 'GET' ? 200 : 201, listOf());
    });
    const waits: string[] = [];
    const client = await clientFor(
      optionsFor(server.address, { concurrency: workers, maxRetries: 5, waiting: ({ reason }) => waits.push(reason) }),
    );
    await client.list('users', never());
    const answers = await createAll(client, 300, workers);

    expect(server.seen.length - 51).toBeLessThanOrEqual(10 + workers + 3);
    expect(server.seen.slice(-3).map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
    expect(countOf(answers, 'done')).toBe(50);
    expect(countOf(answers, 'done') + countOf(answers, 'unclear') + countOf(answers, 'outage')).toBe(300);
    const error = answers.at(-1);
    expect(error).toMatchObject({ kind: 'outage', attempts: 0, error: { method: 'POST' } });
    expect(error?.kind === 'outage' && error.error.message).toMatch(
      /^Datadog has not answered \d+ times in a row, for \d+ s: Datadog returned 503$/,
    );
    expect(waits).toEqual(Array.from({ length: 3 }, () => 'Datadog is not responding, probing'));

    const sent = server.seen.length;
    const failure = await rejection(client.list('users', never()));
    expect(failure).toMatchObject({ code: 'unreachable', exitCode: 4 });
    expect((failure as Error & { hint?: string }).hint).toContain('completed changes are recorded');
    expect(await client.organisation(never())).toBeUndefined();
    expect(server.seen).toHaveLength(sent);
    client.close();
  });

  test('of an unreachable server has the same result', async () => {
    const emulator = await startEmulator();
    const trace: TraceLine[] = [];
    const client = await clientFor(
      optionsFor(emulator.url, { concurrency: 8, maxRetries: 5, trace: (line) => trace.push(line) }),
    );
    await client.list('users', never());
    await createAll(client, 20, 8);
    await emulator.close();
    const before = trace.length;
    const answers = await createAll(client, 100, 8);
    expect(trace.length - before).toBeLessThanOrEqual(10 + 8 + 3);
    expect(countOf(answers, 'done')).toBe(0);
    expect(countOf(answers, 'outage')).toBeGreaterThan(80);
    client.close();
  });

  test('that ends is waited out, and the run completes', async () => {
    await using emulator = await startEmulator();
    const client = await clientFor(optionsFor(emulator.url, { concurrency: 8, maxRetries: 5 }));
    await client.list('users', never());
    emulator.answerNext({ status: 500, times: 12 });
    const answers = await createAll(client, 60, 8);
    expect(countOf(answers, 'outage')).toBe(0);
    expect(countOf(answers, 'unclear')).toBeLessThanOrEqual(12);
    expect(countOf(answers, 'done')).toBe(60 - countOf(answers, 'unclear'));
    client.close();
  });
});

describe.each([401, 403])('a %i in the middle of a run', (status) => {
  test.each(Array.from({ length: 25 }, (_, index) => index * 2 + 1))(
    'at request %i ends the run for all workers',
    async (at) => {
      let calls = 0;
      let sinceDenied = 0;
      await using server = await listen((_, response) => {
        calls += 1;
        if (calls < at) {
          json(response, 201, {});
          return;
        }
        sinceDenied += 1;
        setTimeout(() => json(response, status, { errors: [`refused as number ${calls}`] }), 2);
      });
      const client = await clientFor(optionsFor(server.address, { concurrency: 8, maxRetries: 5 }));
      const answers = await createAll(client, 120, 8);
      client.close();
      expect(sinceDenied).toBeLessThanOrEqual(8);
      expect(countOf(answers, 'done')).toBe(at - 1);
      expect(countOf(answers, 'denied')).toBe(121 - at);
      const unsent = answers.filter((answer) => answer.kind === 'denied' && answer.attempts === 0);
      expect(unsent.length).toBe(121 - at - sinceDenied);
      expect(new Set(unsent.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(unsent[0]).toMatchObject({ error: { status, method: 'POST' } });
    },
  );

  test('to a list stops all writes, and one to a read of names does not', async () => {
    await using server = await listen(({ method }, response) => json(response, method === 'GET' ? status : 201, {}));
    const client = await clientFor(optionsFor(server.address));
    expect(await rejection(client.attributes('users', never()))).toMatchObject({ code: 'credentials-rejected' });
    expect(await client.organisation(never())).toBeUndefined();
    expect(await client.remove({ entity: 'users', id: 'x' }, never())).toMatchObject({ kind: 'done' });
    expect(await rejection(client.list('users', never()))).toMatchObject({ code: 'credentials-rejected' });
    expect(await client.remove({ entity: 'users', id: 'x' }, never())).toMatchObject({
      kind: 'denied',
      attempts: 0,
      error: { method: 'GET', path: '/api/v2/product-analytics/users/mapping/connections' },
    });
    client.close();
    expect(server.seen).toHaveLength(4);
  });
});
