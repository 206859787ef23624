import { once } from 'node:events';
import { arch, platform, versions } from 'node:process';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import type { Answer } from '../../src/core/ports.ts';
import { clientFor, readerFor, type ClientOptions, type TraceLine } from '../../src/datadog/client.ts';
import {
  BILLING,
  deadPort,
  json,
  keys,
  listen,
  listOf,
  never,
  optionsFor,
  rejection,
  API_KEY,
  APP_KEY,
  type Handle,
} from './loopback.ts';

const LIST = '/api/v2/product-analytics/users/mapping/connections';
const WRITE = '/api/v2/product-analytics/users/mapping/connection';
const SPEC = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };
const TO = { entity: 'users', id: 'billing' };

/** Sends one create, update and remove, and returns all three results. */
async function writeAll(options: ClientOptions): Promise<Record<'create' | 'update' | 'remove', Answer>> {
  const client = await clientFor(options);
  const create = await client.create({ ...TO, spec: SPEC }, never());
  const update = await client.update({ ...TO, delta: { remove: ['x'] } }, never());
  const remove = await client.remove(TO, never());
  client.close();
  return { create, update, remove };
}

async function listFailure(handle: Handle, more: Partial<ClientOptions> = {}): Promise<Failure> {
  await using server = await listen(handle);
  const client = await readerFor(optionsFor(server.address, more));
  const error = await rejection(client.list('users', never()));
  client.close();
  if (!(error instanceof Failure)) throw new Error('this is no Failure', { cause: error });
  return error;
}

function all(kind: string): Record<string, string> {
  return { create: kind, update: kind, remove: kind };
}

describe('every request', () => {
  const answers: Record<string, Handle> = {
    GET: ({ path }, response) => json(response, 200, path === LIST ? listOf() : { data: { id: 'org-1' } }),
    POST: (_, response) => json(response, 201, ''),
    PUT: (_, response) => json(response, 200, ''),
    DELETE: (_, response) => response.writeHead(204).end(),
  };

  test.each([
    [keys(), { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY }],
    [keys({ DD_BEARER_TOKEN: 'ddpat_1234' }), { authorization: 'Bearer ddpat_1234' }],
  ])('carries the credentials and the user agent, and has the right URL', async (credentials, headers) => {
    await using server = await listen((seen, ...rest) => answers[seen.method]?.(seen, ...rest));
    const options = optionsFor(server.address, { credentials });
    const reader = await readerFor(options);
    expect(await reader.organisation(never())).toBe('org-1');
    expect(await reader.list('users', never())).toEqual([]);
    reader.close();
    const done = { kind: 'done', attempts: 1 };
    expect(await writeAll(options)).toEqual({ create: done, update: done, remove: done });

    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v2/validate', `GET ${LIST}`, `POST ${WRITE}`, `PUT ${WRITE}`, `DELETE ${WRITE}/billing`,
    ]); // prettier-ignore
    const agent = `connsync/1.2.3 (node ${versions.node}; os ${platform}; arch ${arch})`;
    for (const seen of server.seen) {
      expect(seen.headers).toMatchObject({ ...headers, 'user-agent': agent });
      const auth = Object.keys(seen.headers).filter((name) => /key|auth/.test(name));
      expect(auth.toSorted()).toEqual(Object.keys(headers).toSorted());
      expect(seen.headers.accept).toBe(seen.method === 'GET' ? 'application/json' : '*/*');
      expect(seen.headers['content-type']).toBe(['POST', 'PUT'].includes(seen.method) ? 'application/json' : undefined);
      expect(seen.body === '').toBe(['GET', 'DELETE'].includes(seen.method));
    }
    expect(JSON.parse(server.seen[2]?.body ?? '')).toEqual({
      data: { type: 'connection_id', id: 'billing', attributes: SPEC },
    });
    expect(JSON.parse(server.seen[3]?.body ?? '')).toEqual({
      data: { type: 'connection_id', id: 'billing', attributes: { fields_to_delete: ['x'] } },
    });
  });

  test('uses a keep-alive connection, and never more connections than allowed', async () => {
    const ports = new Set<number>();
    let open = 0;
    let peak = 0;
    await using server = await listen((_, response, request) => {
      ports.add(request.socket.remotePort ?? 0);
      open += 1;
      peak = Math.max(peak, open);
      setTimeout(() => {
        open -= 1;
        json(response, 201, '{}');
      }, 5);
    });
    const client = await clientFor(optionsFor(server.address, { concurrency: 3 }));
    const ids = Array.from({ length: 30 }, (_, index) => `c${index}`);
    const done = await Promise.all(ids.map((id) => client.create({ entity: 'users', id, spec: SPEC }, never())));
    client.close();
    expect(new Set(done.map(({ kind }) => kind))).toEqual(new Set(['done']));
    expect({ ports: ports.size, peak }).toEqual({ ports: 3, peak: 3 });
  });

  test.each([
    ['%2e%2e', '%252e%252e'],
    ['a/b', 'a%2Fb'],
    ['a b?c#d', 'a%20b%3Fc%23d'],
    ['größe ✓', 'gr%C3%B6%C3%9Fe%20%E2%9C%93'],
    ['...', '...'],
  ])('to remove %j contains exactly this id', async (id, segment) => {
    await using server = await listen((_, response) => response.writeHead(204).end());
    const client = await clientFor(optionsFor(server.address));
    expect(await client.remove({ entity: 'users', id }, never())).toEqual({ kind: 'done', attempts: 1 });
    client.close();
    expect(server.seen.map(({ path }) => path)).toEqual([`${WRITE}/${segment}`]);
  });

  test.each(['.', '..', '', '\ud800'])('to remove %j is not sent at all', async (id) => {
    await using server = await listen((_, response) => response.writeHead(204).end());
    const client = await clientFor(optionsFor(server.address));
    expect(await client.remove({ entity: 'users', id }, never())).toMatchObject({ kind: 'unsent', attempts: 0 });
    expect(await client.create({ entity: id, id: 'x', spec: SPEC }, never())).toMatchObject({
      kind: 'unsent',
      attempts: 0,
    });
    expect(await rejection(client.list(id, never()))).toMatchObject({ code: 'unsafe-id' });
    client.close();
    expect(server.seen).toEqual([]);
  });
});

describe('a list', () => {
  test("returns Datadog's connections", async () => {
    await using server = await listen((_, response) =>
      json(response, 200, listOf({ ...BILLING, id: 'größe ✓' }, BILLING)),
    );
    const reader = await readerFor(optionsFor(server.address));
    expect(await reader.list('users', never())).toEqual([
      { key: 'users/größe ✓', entity: 'users', id: 'größe ✓', spec: SPEC },
      { key: 'users/billing', entity: 'users', id: 'billing', spec: SPEC },
    ]);
    reader.close();
  });

  test.each(['application/json; charset=utf-8', 'application/vnd.api+json', undefined])(
    'may have the type %s',
    async (type) => {
      await using server = await listen((_, response) => {
        response.writeHead(200, type === undefined ? {} : { 'content-type': type });
        response.end(JSON.stringify(listOf()));
      });
      const reader = await readerFor(optionsFor(server.address));
      expect(await reader.list('users', never())).toEqual([]);
      reader.close();
    },
  );

  test('of twenty thousand connections fits', async () => {
    const text = 'Customer lifetime value in `USD`, as the warehouse has it, refreshed every night. '.repeat(3);
    const fields = Array.from({ length: 6 }, (_, index) => ({
      id: `f${index}`,
      source_name: `s${index}`,
      type: 'string',
      description: text,
    }));
    const connections = Array.from({ length: 20_000 }, (_, index) => ({
      ...BILLING,
      id: `connection-${index}`,
      fields,
    }));
    const body = JSON.stringify(listOf(...connections));
    expect(body.length).toBeGreaterThan(30 * 1024 * 1024);
    await using server = await listen((_, response) => json(response, 200, body));
    const reader = await readerFor(optionsFor(server.address, { timeoutMs: 150_000 }));
    expect(await reader.list('users', never())).toHaveLength(20_000);
    reader.close();
  });

  test.each([401, 403])('refused with %i names the site and the keys, and gives a hint', async (status) => {
    const failure = await listFailure((_, response) =>
      json(response, status, { errors: ['Forbidden'] }, { 'x-request-id': 'r-1' }),
    );
    const phrase = status === 401 ? '401 Unauthorized' : '403 Forbidden';
    expect(failure).toMatchObject({ code: 'credentials-rejected', exitCode: 6 });
    expect(failure.message.split('\n')).toEqual([
      `Datadog returned ${phrase} to GET ${LIST}${status === 401 ? ': Forbidden' : ''} (request-id r-1)`,
      'site datadoghq.com, API key ending a91f (DD_API_KEY), application key ending 07bc (DD_APP_KEY)',
    ]);
    for (const word of [
      '--site datadoghq.eu',
      'connsync doctor',
      'audience_management_read',
      'audience_management_write',
    ]) {
      expect(failure.hint).toContain(word);
    }
  });

  test.each<[number, string, number]>([
    [404, 'entity-unknown', 6],
    [400, 'invalid-response', 4],
    [410, 'invalid-response', 4],
    [204, 'invalid-response', 4],
    [206, 'invalid-response', 4],
    [304, 'invalid-response', 4],
    [407, 'unreachable', 4],
    [429, 'unreachable', 4],
    [500, 'unreachable', 4],
    [503, 'unreachable', 4],
  ])('answered with %i is %s', async (status, code, exitCode) => {
    const failure = await listFailure((_, response) =>
      json(response, status, status < 300 ? listOf() : { errors: [{ detail: 'the reason' }] }),
    );
    expect(failure).toMatchObject({ code, exitCode });
    expect(failure.message).toContain(`${status} `);
    expect(failure.message.includes('the reason')).toBe(status >= 400);
  });

  test('without a response is unreachable', async () => {
    const port = await deadPort();
    for (const host of ['127.0.0.1', 'localhost']) {
      const reader = await readerFor(optionsFor(`http://${host}:${port}`));
      const error = await rejection(reader.list('users', never()));
      expect(error).toMatchObject({ code: 'unreachable', exitCode: 4 });
      expect((error as Failure).message).toMatch(/no connection: .*ECONNREFUSED/);
      expect((error as Failure).cause).toBeInstanceOf(Error);
      reader.close();
    }
  });

  test('is retried after a transient failure, and each wait is reported', async () => {
    const statuses = [503, 429, 500, 200];
    await using server = await listen((_, response) => {
      const status = statuses.shift() ?? 200;
      json(response, status, listOf(), status === 429 ? { 'x-ratelimit-reset': '3' } : { 'retry-after': '2' });
    });
    const sleeps: number[] = [];
    const waits: string[] = [];
    const trace: TraceLine[] = [];
    const reader = await readerFor(
      optionsFor(server.address, {
        maxRetries: 2,
        sleeps,
        // Only waits advance the clock, so a busy machine doesn't matter.
        clock: () => sleeps.reduce((sum, ms) => sum + ms, 0),
        waiting: ({ reason, ms }) => waits.push(`${reason} ${ms}`),
        trace: (line) => trace.push(line),
      }),
    );
    expect(await reader.list('users', never())).toEqual([]);
    reader.close();
    expect(sleeps).toEqual([2100, 3150, 500]);
    expect(waits).toEqual(['Datadog returned 503 2100', 'rate limit 3150', 'Datadog returned 500 500']);
    expect(trace.map(({ status, attempt }) => [status, attempt])).toEqual([[503, 1], [429, 2], [500, 3], [200, 4]]); // prettier-ignore
  });
});

describe('the organisation', () => {
  test.each<[string, Handle]>([
    ['403', (_, response) => json(response, 403, { errors: ['Forbidden'] })],
    ['404', (_, response) => json(response, 404, {})],
    ['500', (_, response) => json(response, 500, {})],
    ['HTML', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
    ['no id', (_, response) => json(response, 200, { valid: true })],
    ['201', (_, response) => json(response, 201, { data: { id: 'org' } })],
    ['a reset', (_, __, request) => request.socket.destroy()],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/' }).end()],
  ])('is unknown if the response is %s', async (_, handle) => {
    await using server = await listen(handle);
    const reader = await readerFor(optionsFor(server.address));
    expect(await reader.organisation(never())).toBeUndefined();
    reader.close();
  });
});

describe('a read-only client', () => {
  test('has no write methods', async () => {
    const reader = await readerFor(optionsFor('http://127.0.0.1:9'));
    expect(Object.keys(reader).toSorted()).toEqual(['attributes', 'close', 'list', 'organisation']);
    reader.close();
  });
});

describe('a write answered with', () => {
  const exists = { create: 'exists', update: 'refused', remove: 'refused' };
  test.each<[string, number, unknown, Record<string, string>]>([
    ['200', 200, {}, all('done')],
    ['201', 201, {}, all('done')],
    ['202', 202, 'no JSON', all('done')],
    ['204', 204, '', all('done')],
    ['304', 304, '', all('unclear')],
    ['400', 400, { errors: ['bad'] }, all('refused')],
    ['400 that says exists', 400, { errors: ['connection already exists'] }, exists],
    ['400 that says duplicate', 400, { errors: [{ title: 'Duplicate id' }] }, exists],
    ['400 that says conflict', 400, { errors: ['id conflicts with another'] }, exists],
    ['400 that says does not exist', 400, { errors: ['reference table does not exist'] }, all('refused')],
    [
      "400 that says doesn't exist",
      400,
      { errors: ["the entity doesn't exist; valid entities: users"] },
      all('refused'),
    ],
    ['400 that says nonexistent', 400, { errors: ['nonexistent table'] }, all('refused')],
    ['401', 401, {}, all('denied')],
    ['403', 403, '<html><body>Forbidden by the edge</body></html>', all('denied')],
    ['404', 404, {}, all('missing')],
    ['407', 407, {}, all('unsent')],
    ['408', 408, {}, all('unclear')],
    ['409', 409, {}, exists],
    ['412', 412, {}, all('refused')],
    ['422', 422, {}, all('refused')],
    ['422 that says exists', 422, { error: { message: 'It exists' } }, exists],
    ['429', 429, {}, all('unsent')],
    ['500', 500, {}, all('unclear')],
    ['500 that says exists', 500, { errors: ['already exists'] }, all('unclear')],
    ['503', 503, {}, all('unclear')],
  ])('%s has the result in the table', async (_, status, body, kinds) => {
    await using server = await listen((__, response) => json(response, status, body, { 'dd-request-id': 'req-7' }));
    const answers = await writeAll(optionsFor(server.address, { maxRetries: 3 }));
    expect(Object.fromEntries(Object.entries(answers).map(([op, { kind }]) => [op, kind]))).toEqual(kinds);
    const isDenied = status === 401 || status === 403; // the first denial applies to all requests
    expect(server.seen).toHaveLength(status === 429 ? 30 : isDenied ? 1 : 3);
    for (const answer of Object.values(answers)) {
      expect(answer.attempts).toBe(status === 429 || (isDenied && answer !== answers.create) ? 0 : 1);
      expect(answer.kind === 'done' ? { status, requestId: 'req-7' } : answer.error).toMatchObject({
        status,
        requestId: 'req-7',
      });
    }
  });

  test('an error has Datadog’s own message, the request and its id', async () => {
    await using server = await listen((_, response) =>
      json(response, 400, { errors: [{ id: 'e-1', title: 'Invalid', detail: 'field "arr" is used' }] }),
    );
    const { update, remove } = await writeAll(optionsFor(server.address));
    expect(update).toEqual({
      kind: 'refused',
      attempts: 1,
      error: { status: 400, method: 'PUT', path: WRITE, requestId: 'e-1', message: 'Invalid: field "arr" is used' },
    });
    expect(remove).toMatchObject({ error: { method: 'DELETE', path: `${WRITE}/billing` } });
  });

  test('an error without a message has its status', async () => {
    await using server = await listen((_, response) => response.writeHead(502).end());
    const { create } = await writeAll(optionsFor(server.address));
    expect(create).toEqual({
      kind: 'unclear',
      attempts: 1,
      error: { status: 502, method: 'POST', path: WRITE, message: 'Bad Gateway' },
    });
  });

  test.each<[string, Handle, Answer['kind']]>([
    ['201 and then a cut body', (_, response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('{');
      setTimeout(() => response.destroy(), 5);
    }, 'done'],
    ['201 and then an endless body', (_, response) => {
      response.writeHead(201);
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    }, 'done'],
    ['a reset', (_, __, request) => request.socket.destroy(), 'unclear'],
    ['a hang', () => {}, 'unclear'],
    ['garbage', (_, __, request) => request.socket.end('what?\r\n\r\n'), 'unclear'],
    ['a redirect', (_, response) => response.writeHead(307, { location: '/elsewhere' }).end(), 'unclear'],
    ['a redirect to nowhere', (_, response) => response.writeHead(301, { location: 'http://[' }).end(), 'unclear'],
  ])('%s is sent once, and is what can be known', async (name, handle, kind) => {
    await using server = await listen(handle);
    const answers = await writeAll(optionsFor(server.address, { maxRetries: 3, timeoutMs: name === 'a hang' ? 150 : name.includes('endless') ? 3_000 : 60_000 }));
    for (const answer of Object.values(answers)) expect(answer).toMatchObject({ kind, attempts: 1 });
    expect(server.seen).toHaveLength(3);
  }); // prettier-ignore

  test('retries a refused connection, then reports the write as unsent', async () => {
    const sleeps: number[] = [];
    const { create, update } = await writeAll(
      optionsFor(`http://127.0.0.1:${await deadPort()}`, { maxRetries: 2, sleeps }),
    );
    expect(create).toMatchObject({ kind: 'unsent', attempts: 3, error: { method: 'POST', path: WRITE } });
    expect(update).toMatchObject({ kind: 'unsent', attempts: 3 });
    expect(sleeps).toHaveLength(6);
    expect(create.kind !== 'done' && create.error.message).toContain('ECONNREFUSED');
  });
});

describe('the signal', () => {
  const reason = new Error('stopped by the test');

  test('sends nothing if it was aborted before', async () => {
    await using server = await listen((_, response) => json(response, 201, {}));
    const client = await clientFor(optionsFor(server.address));
    const signal = AbortSignal.abort(reason);
    expect(await rejection(client.list('users', signal))).toBe(reason);
    expect(await rejection(client.organisation(signal))).toBe(reason);
    expect(await client.create({ ...TO, spec: SPEC }, signal)).toMatchObject({ kind: 'unsent', attempts: 0 });
    expect(await client.remove(TO, signal)).toMatchObject({ kind: 'unsent', attempts: 0 });
    client.close();
    expect(server.seen).toEqual([]);
  });

  test.each(['before the answer', 'in its body'])('ends a request in flight, %s', async (when) => {
    const controller = new AbortController();
    await using server = await listen((_, response) => {
      if (when === 'in its body') response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":');
      setTimeout(() => controller.abort(reason), 30);
    });
    const client = await clientFor(optionsFor(server.address, { maxRetries: 3 }));
    expect(await rejection(client.list('users', controller.signal))).toBe(reason);
    client.close();
    expect(server.seen).toHaveLength(1);
  });

  test('makes a write in flight unclear', async () => {
    const controller = new AbortController();
    await using server = await listen(() => controller.abort(reason));
    const client = await clientFor(optionsFor(server.address, { maxRetries: 3 }));
    const answer = await client.create({ ...TO, spec: SPEC }, controller.signal);
    expect(answer).toMatchObject({
      kind: 'unclear',
      attempts: 1,
      error: { method: 'POST', message: 'stopped while the request was in flight' },
    });
    client.close();
  });

  test('ends a wait immediately, and the waiting request is not sent', async () => {
    const controller = new AbortController();
    await using server = await listen((_, response) => json(response, 429, {}, { 'x-ratelimit-reset': '200' }));
    const { sleep: _, ...options } = optionsFor(server.address, {
      waiting: () => setTimeout(() => controller.abort(reason), 10),
    });
    const client = await clientFor(options);
    expect(await client.create({ ...TO, spec: SPEC }, controller.signal)).toMatchObject({
      kind: 'unsent',
      attempts: 0,
    });
    expect(await rejection(client.list('users', controller.signal))).toBe(reason);
    client.close();
    expect(server.seen).toHaveLength(1);
  });

  test('has no listeners left after the requests', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    await using server = await listen((_, response) => json(response, 201, {}));
    const client = await clientFor(optionsFor(server.address, { concurrency: 40 }));
    const signal = never();
    const ids = Array.from({ length: 120 }, (_, index) => `c${index}`);
    await Promise.all(ids.map((id) => client.create({ entity: 'users', id, spec: SPEC }, signal)));
    await new Promise(setImmediate);
    process.off('warning', note);
    client.close();
    expect(warnings).toEqual([]);
  });
});

test('closing ends the keep-alive connections', async () => {
  let closed: Promise<unknown> | undefined;
  await using server = await listen((_, response, request) => {
    closed = once(request.socket, 'close');
    json(response, 200, listOf());
  });
  const reader = await readerFor(optionsFor(server.address));
  await reader.list('users', never());
  reader.close();
  await closed;
  expect(server.seen).toHaveLength(1);
});
