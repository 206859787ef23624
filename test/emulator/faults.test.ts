import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { KINDS, type Kind, type Rule } from '../../src/emulator/faults/faults.ts';
import { startEmulator, type Emulator } from '../../src/emulator/server.ts';
import { call, CONNECTION, CONNECTIONS, createBody, details, KEYS } from './calling.ts';

const ids = (emulator: Emulator): readonly string[] => emulator.connections('users').map(({ id }) => id);
const create = async (emulator: Emulator, id: string): ReturnType<typeof call> =>
  await call(emulator.url, 'POST', CONNECTION, { body: createBody(id) });
const list = async (emulator: Emulator): ReturnType<typeof call> => await call(emulator.url, 'GET', CONNECTIONS);
const started = async (...rules: readonly Rule[]): Promise<Emulator> => await startEmulator({ faults: { rules } });

describe('a request with a fault', () => {
  test.each<[Kind, string, readonly string[]]>([
    ['drop-before', 'socket hang up', []],
    ['drop-after', 'socket hang up', ['one']],
    ['error-before', '5xx', []],
    ['error-after', '5xx', ['one']],
    ['late', 'nothing', []],
    ['late-error', '5xx', []],
    ['limited', '429', []],
    ['limited-bad', '429', []],
    ['hang', 'nothing', []],
    ['drip', '201', ['one']],
    ['cut', 'aborted', ['one']],
    ['bomb', '201', ['one']],
    ['redirect', '307', []],
    ['html', '403', []],
    ['junk', '201', ['one']],
    ['slow-headers', '201', ['one']],
    ['dead', 'socket hang up', []],
  ])('%s: the client sees %s, and %j exists by then', async (kind, seen, there) => {
    await using emulator = await started({ kind, times: 1, methods: ['POST'], ...LENGTHS[kind] });
    expect(await shown(emulator, seen === 'nothing' ? 250 : 120_000)).toBe(seen);
    expect(ids(emulator)).toEqual(there);
    expect(emulator.oracle.entries).toHaveLength(there.length);
    expect(emulator.requests[0]).toMatchObject({ method: 'POST', fault: kind });
  });

  test('has one of the kinds above', () => {
    expect(new Set(KINDS).size).toBe(17);
  });

  test('late: runs after the delay, although the client is gone', async () => {
    await using emulator = await started({ kind: 'late', ms: 80 });
    expect(await shown(emulator, 20)).toBe('nothing');
    expect([ids(emulator), emulator.pendingCommits]).toEqual([[], 1]);
    await expect.poll(() => ids(emulator)).toEqual(['one']);
    expect([emulator.pendingCommits, emulator.oracle.entries[0]]).toMatchObject([
      0,
      { op: 'created', request: emulator.requests[0]?.id },
    ]);
  });

  test('late-error: is answered immediately, and runs after the delay', async () => {
    await using emulator = await started({ kind: 'late-error', ms: [40, 60], status: 503, methods: ['POST'] });
    expect((await create(emulator, 'one')).status).toBe(503);
    expect(ids(emulator)).toEqual([]);
    await expect.poll(() => ids(emulator)).toEqual(['one']);
  });

  test('late: never runs after the emulator has closed', async () => {
    const emulator = await started({ kind: 'late', ms: 30 });
    expect(await shown(emulator, 10)).toBe('nothing');
    await emulator.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ids(emulator)).toEqual([]);
  });

  test('limited: says when to retry, with valid or malformed headers', async () => {
    await using emulator = await started({ kind: 'limited', ms: 2_500, times: 1 }, { kind: 'limited-bad' });
    expect((await list(emulator)).headers).toMatchObject({
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '3',
      'x-ratelimit-name': 'product_analytics_mapping_connections',
    });
    const resets = new Set<unknown>();
    for (let count = 0; count < 200; count += 1) {
      const { headers } = await list(emulator);
      resets.add(headers['x-ratelimit-reset'] ?? headers['retry-after']);
    }
    expect(resets.size).toBeGreaterThanOrEqual(20);
    for (const value of ['NaN', '-1', '1e9', '1758000000', undefined]) expect(resets).toContain(value);
  });

  test('drip and slow-headers: arrive completely, one byte at a time', async () => {
    await using emulator = await started({ kind: 'drip', ms: 1, times: 1 }, { kind: 'slow-headers', ms: 1, times: 1 });
    const begun = performance.now();
    const [dripped, slow, right] = [await list(emulator), await list(emulator), await list(emulator)];
    expect([dripped.json, slow.json]).toEqual([right.json, right.json]);
    expect(performance.now() - begun).toBeGreaterThan(right.text.length);
  });

  test('cut: a list ends in the middle of its announced body', async () => {
    await using emulator = await started({ kind: 'cut' });
    const { got, promised } = await new Promise<{ got: number; promised: number }>((resolve) => {
      request(`${emulator.url}${CONNECTIONS}`, { headers: KEYS }, (response) => {
        let got = 0;
        response.on('data', (bytes: Buffer) => (got += bytes.length));
        response.on('error', () => resolve({ got, promised: Number(response.headers['content-length']) }));
      }).end();
    });
    expect(got).toBe(Math.floor(promised / 2));
    expect(promised).toBeGreaterThan(50);
  });

  test('bomb: is small on the wire and huge when decompressed', async () => {
    await using emulator = await started({ kind: 'bomb' });
    const packed = await new Promise<Buffer>((resolve) => {
      request(`${emulator.url}${CONNECTIONS}`, { headers: KEYS }, (response) => {
        const chunks: Buffer[] = [];
        expect(response.headers['content-encoding']).toBe('gzip');
        response.on('data', (bytes: Buffer) => chunks.push(bytes));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      }).end();
    });
    expect(packed.length).toBeLessThan(512 * 1024);
    expect(gunzipSync(packed).length).toBe(256 * 1024 * 1024);
  });

  test('redirect: points where the rule says, or to a port without a listener', async () => {
    const elsewhere = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const to = `http://localhost:${(elsewhere.address() as AddressInfo).port}`;
    await using emulator = await started({ kind: 'redirect', to, times: 1 }, { kind: 'redirect' });
    expect((await list(emulator)).headers['location']).toBe(`${to}${CONNECTIONS}`);
    expect((await list(emulator)).headers['location']).toBe(`http://127.0.0.1:9${CONNECTIONS}`);
    elsewhere.close();
  });

  test("html: is a proxy's page", async () => {
    await using emulator = await started({ kind: 'html', status: 403 });
    const { headers, text } = await list(emulator);
    expect([headers['content-type'], text.slice(0, 15)]).toEqual(['text/html; charset=utf-8', '<!DOCTYPE html>']);
  });

  test('junk: is never a list, not even an empty one', async () => {
    await using emulator = await started({ kind: 'junk' });
    const bodies = new Set<string>();
    for (let count = 0; count < 300; count += 1) {
      const { status, text, json } = await list(emulator);
      const found = (json as { data?: { attributes?: { connections?: unknown } } } | undefined)?.data?.attributes;
      expect(status).toBe(200);
      expect([
        undefined,
        null,
        {},
        'none',
        [null],
        [[]],
        [{ id: 7 }],
        [{ type: 'ref_table', fields: [] }],
      ]).toContainEqual(found?.connections);
      bodies.add(text);
    }
    expect(bodies.size).toBeGreaterThan(30);
  });

  test('dead: is an outage for every request, for its duration', async () => {
    await using emulator = await started({ kind: 'dead', after: 2, times: 1, ms: 60 });
    expect((await list(emulator)).status).toBe(200);
    const outcomes = [await outcome(list(emulator)), await outcome(call(emulator.url, 'GET', '/api/v2/validate'))];
    expect(outcomes).toEqual(['socket hang up', 'socket hang up']);
    await expect.poll(async () => await outcome(list(emulator)), { interval: 20 }).toBe('200');
    expect(emulator.requests.slice(1, 3).map(({ status, fault }) => [status, fault])).toEqual([
      [0, 'dead'],
      [0, 'dead'],
    ]);
  });

  test('dead: without a duration, ends only with the faults', async () => {
    await using emulator = await started({ kind: 'dead' });
    await outcome(list(emulator));
    expect(await outcome(list(emulator))).toBe('socket hang up');
    emulator.setFaults(undefined);
    expect(await outcome(list(emulator))).toBe('200');
  });
});

describe('rules', () => {
  test('rules match methods, paths, a first request and a number of times', async () => {
    await using emulator = await started({
      kind: 'error-before',
      status: 500,
      methods: ['GET', 'DELETE'],
      paths: ['/connections', '/nowhere'],
      after: 2,
      times: 2,
    });
    const statuses = [(await create(emulator, 'one')).status];
    for (let count = 0; count < 4; count += 1) statuses.push((await list(emulator)).status);
    expect(statuses).toEqual([201, 200, 500, 500, 200]);
  });

  test("rules apply after keys, the rate limit and scripted responses, and don't change their counts", async () => {
    await using emulator = await startEmulator({
      rateLimit: { limit: 2, periodMs: 3_600_000 },
      faults: { rules: [{ kind: 'error-before', status: 504, times: 1 }] },
    });
    emulator.answerNext({ status: 418 });
    expect((await call(emulator.url, 'GET', CONNECTIONS, { headers: {} })).status).toBe(403);
    expect((await call(emulator.url, 'GET', '/elsewhere')).status).toBe(404);
    const statuses = [(await list(emulator)).status, (await list(emulator)).status, (await list(emulator)).status];
    expect(statuses).toEqual([418, 504, 429]);
  });

  test('rules decide the same for the same seed, and differently for another', async () => {
    const rules: readonly Rule[] = [
      { kind: 'error-after', rate: '20%', methods: ['POST'] },
      { kind: 'limited-bad', rate: 0.2 },
      { kind: 'junk', rate: 0.2, ms: [1, 9] },
    ];
    const story = async (seed: number): Promise<readonly string[]> => {
      await using emulator = await startEmulator({ faults: { seed, rules } });
      const responses: string[] = [];
      for (let count = 0; count < 60; count += 1) {
        const { status, text, headers } = count % 2 === 0 ? await create(emulator, `c${count}`) : await list(emulator);
        responses.push(`${status} ${headers['x-ratelimit-reset']?.toString() ?? ''} ${status === 200 ? '' : text}`);
      }
      return [...responses, ...emulator.requests.map(({ fault }) => fault ?? '-')];
    };
    const [first, again, other] = [await story(7), await story(7), await story(8)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('rules apply at their rate', async () => {
    await using emulator = await started({ kind: 'error-before', rate: '30%' });
    for (let count = 0; count < 1_000; count += 1) await list(emulator);
    const hit = emulator.requests.filter(({ fault }) => fault !== undefined).length;
    expect(hit).toBeGreaterThan(250);
    expect(hit).toBeLessThan(350);
  });

  test("rules restart with each setFaults, and an additional rule does not change the others' decisions", async () => {
    const rule: Rule = { kind: 'error-before', rate: 0.5 };
    const thrown = async (emulator: Emulator): Promise<readonly boolean[]> => {
      emulator.resetLog();
      for (let count = 0; count < 40; count += 1) await list(emulator);
      return emulator.requests.map(({ fault }) => fault === 'error-before');
    };
    await using emulator = await startEmulator({ faults: { seed: 3, rules: [rule] } });
    const first = await thrown(emulator);
    emulator.setFaults({ seed: 3, rules: [rule, { kind: 'html', rate: 0.5 }] });
    expect(await thrown(emulator)).toEqual(first);
    emulator.setFaults(undefined);
    expect(await thrown(emulator)).not.toContain(true);
  });

  test('rules with an invalid rate are rejected', async () => {
    await expect(started({ kind: 'hang', rate: 'often' })).rejects.toThrow('"often" is not a valid rate');
    await expect(started({ kind: 'hang', rate: 30 })).rejects.toThrow('30 is not a valid rate');
  });
});

describe('an injected error', () => {
  test('says that it is injected, and has the shape of any other error', async () => {
    await using emulator = await started({ kind: 'error-before' });
    expect(details(await list(emulator))).toEqual(['This error is an injected fault.']);
  });
});

/** The results that a test can wait for. */
const LENGTHS: Partial<Record<Kind, Partial<Rule>>> = {
  html: { status: 403 },
  late: { ms: 60_000 },
  'late-error': { ms: 60_000 },
  drip: { ms: 1 },
  'slow-headers': { ms: 1 },
};

/** Returns what a client that waits for some time sees of a create. */
async function shown(emulator: Emulator, patienceMs: number): Promise<string> {
  return await new Promise((resolve) => {
    const body = JSON.stringify(createBody('one'));
    const out = request(`${emulator.url}${CONNECTION}`, {
      method: 'POST',
      headers: { ...KEYS, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    const timer = setTimeout(() => {
      resolve('nothing');
      out.destroy();
    }, patienceMs);
    const settle = (what: string): void => {
      clearTimeout(timer);
      resolve(what);
    };
    out.on('error', (error) => settle(error.message));
    out.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.on('error', (error) => settle(error.message));
      response.on('end', () => settle(NAMED[status] ?? String(status)));
      response.resume();
    });
    out.end(body);
  });
}

const NAMED: Readonly<Record<number, string>> = {
  500: '5xx',
  502: '5xx',
  503: '5xx',
  504: '5xx',
};

async function outcome(reply: Promise<{ readonly status: number }>): Promise<string> {
  return await reply.then(
    ({ status }) => String(status),
    (error: Error) => error.message,
  );
}
