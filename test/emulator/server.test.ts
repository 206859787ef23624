import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { BASE, call, CONNECTION, CONNECTIONS, createBody, details, KEYS, updateBody } from './calling.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe('the endpoints', () => {
  test('create, list, update and delete a connection', async () => {
    let now = Date.UTC(2026, 4, 4, 9, 30);
    await using emulator = await startEmulator({ clock: () => now, actor: 'robot@acme.example' });
    const attributes = {
      metadata: { owner: 'growth' },
      fields: [
        { id: 'plan', source_name: 'plan_code', type: 'string', display_name: 'Plan', groups: ['Billing'] },
        { id: 'seats', source_name: 'seat_count', type: 'number', description: 'Seats' },
      ],
    };

    const created = await call(emulator.url, 'POST', CONNECTION, { body: createBody('billing', attributes) });
    expect([created.status, created.text]).toEqual([201, '']);
    const born = { created_at: '2026-05-04T09:30:00.000Z', created_by: 'robot@acme.example' };
    const connection = {
      id: 'billing',
      type: 'ref_table',
      join: { attribute: 'user_email', type: 'email' },
      ...attributes,
      ...born,
      updated_at: born.created_at,
      updated_by: born.created_by,
    };
    const listed = await call(emulator.url, 'GET', CONNECTIONS);
    const type = 'list_connections_response';
    expect(listed.status).toBe(200);
    expect(listed.headers['content-type']).toBe('application/json');
    expect(listed.json).toEqual({ data: { id: type, type, attributes: { connections: [connection] } } });

    now += 60_000;
    const delta = {
      fields_to_add: [{ id: 'region', source_name: 'sales_region', type: 'string' }],
      fields_to_update: [{ field_id: 'plan', updated_field_id: 'tier', updated_display_name: 'Tier' }],
      fields_to_delete: ['seats'],
    };
    const updated = await call(emulator.url, 'PUT', CONNECTION, { body: updateBody('billing', delta) });
    expect([updated.status, updated.text]).toEqual([200, '']);
    expect(emulator.connections('users')).toEqual([
      {
        ...connection,
        fields: [
          { id: 'tier', source_name: 'plan_code', type: 'string', display_name: 'Tier', groups: ['Billing'] },
          { id: 'region', source_name: 'sales_region', type: 'string' },
        ],
        updated_at: '2026-05-04T09:31:00.000Z',
      },
    ]);
    expect(emulator.connections('accounts')).toEqual([]);

    const deleted = await call(emulator.url, 'DELETE', `${CONNECTION}/billing`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(emulator.connections('users')).toEqual([]);
  });

  test('clear a value that an update sets to an empty text or list', async () => {
    await using emulator = await startEmulator();
    const field = { id: 'a', source_name: 's', type: 'string' };
    const full = { ...field, display_name: 'A', description: 'D', groups: ['G'] };
    emulator.seed('users', { id: 'c', type: 't', join_attribute: 'a', join_type: 'j', fields: [full] });
    const change = { field_id: 'a', updated_display_name: '', updated_description: '', updated_groups: [] };

    await call(emulator.url, 'PUT', CONNECTION, { body: updateBody('c', { fields_to_update: [change] }) });

    expect(emulator.connections('users')[0]?.fields).toEqual([field]);
  });

  test('separate the entities, which may have the same id', async () => {
    await using emulator = await startEmulator();
    for (const entity of ['users', 'accounts']) {
      const path = `${BASE}/${entity}/mapping/connection`;
      expect((await call(emulator.url, 'POST', path, { body: createBody('one') })).status).toBe(201);
    }
    await call(emulator.url, 'DELETE', `${BASE}/accounts/mapping/connection/one`);
    expect(emulator.connections('users')).toHaveLength(1);
    expect(emulator.connections('accounts')).toHaveLength(0);
  });

  test('choose an id for a create without one', async () => {
    await using emulator = await startEmulator({ newId: () => 'chosen' });
    const body = { data: { type: 'connection_id', attributes: { type: 't', join_attribute: 'a', join_type: 'j' } } };
    expect((await call(emulator.url, 'POST', CONNECTION, { body })).status).toBe(201);
    expect(emulator.connections('users').map(({ id }) => id)).toEqual(['chosen']);
  });

  test('delete an id with a slash or other special characters by its encoded path', async () => {
    await using emulator = await startEmulator();
    const statuses: Record<string, number> = {};
    for (const id of ['a/b', '..', 'ä ?#%']) {
      await call(emulator.url, 'POST', CONNECTION, { body: createBody(id) });
      statuses[id] = (await call(emulator.url, 'DELETE', `${CONNECTION}/${encodeURIComponent(id)}`)).status;
    }
    expect(statuses).toEqual({ 'a/b': 204, '..': 204, 'ä ?#%': 204 });
  });

  test('validate the key, and return its organisation', async () => {
    await using emulator = await startEmulator({ organisation: '11111111-2222-3333-4444-555555555555' });
    expect((await call(emulator.url, 'GET', '/api/v1/validate')).json).toEqual({ valid: true });
    expect((await call(emulator.url, 'GET', '/api/v2/validate')).json).toEqual({
      data: {
        id: emulator.organisation,
        type: 'validate_v2',
        attributes: { api_key_id: expect.stringMatching(UUID), api_key_scopes: [], valid: true },
      },
    });
  });

  test('give each emulator in memory its own organisation', async () => {
    await using one = await startEmulator();
    await using other = await startEmulator();
    expect(one.organisation).toMatch(UUID);
    expect(one.organisation).not.toBe(other.organisation);
  });
});

describe('refusals', () => {
  test('answer a create of an existing id with 409, and change nothing', async () => {
    await using emulator = await startEmulator();
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    const before = emulator.connections('users');
    const reply = await call(emulator.url, 'POST', CONNECTION, { body: createBody('one', { type: 'other' }) });
    expect(reply.status).toBe(409);
    expect(reply.json).toEqual({
      errors: [
        {
          status: '409',
          title: 'Conflict',
          detail: 'A connection "one" already exists for the entity users.',
          source: { pointer: '/data/id' },
        },
      ],
    });
    expect(emulator.connections('users')).toEqual(before);
  });

  test.each([
    ['PUT', CONNECTION, updateBody('none', {}), 'The connection "none" does not exist for the entity users.'],
    ['DELETE', `${CONNECTION}/none`, undefined, 'The connection "none" does not exist for the entity users.'],
    [
      'GET',
      `${BASE}/robots/mapping`,
      undefined,
      'The entity "robots" does not exist; the entities are users and accounts.',
    ],
    [
      'GET',
      `${BASE}/robots/mapping/connections`,
      undefined,
      'The entity "robots" does not exist; the entities are users and accounts.',
    ],
    [
      'POST',
      `${BASE}/__proto__/mapping/connection`,
      createBody('x'),
      'The entity "__proto__" does not exist; the entities are users and accounts.',
    ],
    ['GET', '/', undefined, 'The emulator has no such path.'],
    ['GET', `${BASE}/users/mapping/`, undefined, 'The emulator has no such path.'],
    ['DELETE', `${CONNECTION}/`, undefined, 'The emulator has no such path.'],
    ['DELETE', `${CONNECTION}/a/b`, undefined, 'The emulator has no such path.'],
    ['DELETE', `${CONNECTIONS}/a`, undefined, 'The emulator has no such path.'],
    ['DELETE', `${CONNECTION}/..`, undefined, 'The connection ".." does not exist for the entity users.'],
  ])('%s %s is 404', async (method, path, body, detail) => {
    await using emulator = await startEmulator();
    const reply = await call(emulator.url, method, path, { body });
    expect(reply.status).toBe(404);
    expect(details(reply)).toEqual([detail]);
  });

  test.each([
    ['POST', '/api/v1/validate', 'GET'],
    ['DELETE', '/api/v2/validate', 'GET'],
    ['POST', CONNECTIONS, 'GET'],
    ['PUT', `${BASE}/users/mapping`, 'GET'],
    ['GET', CONNECTION, 'POST, PUT'],
    ['GET', `${CONNECTION}/a`, 'DELETE'],
    ['HEAD', CONNECTIONS, 'GET'],
    ['OPTIONS', CONNECTION, 'POST, PUT'],
  ])('%s %s is 405 and lists the allowed methods', async (method, path, allow) => {
    await using emulator = await startEmulator();
    const reply = await call(emulator.url, method, path);
    expect([reply.status, reply.headers['allow']]).toEqual([405, allow]);
  });

  test('a path with invalid encoding is 400', async () => {
    await using emulator = await startEmulator();
    expect((await call(emulator.url, 'DELETE', `${CONNECTION}/%zz`)).status).toBe(400);
  });

  test.each<[string, Record<string, string>, number, number]>([
    ['no key', {}, 403, 403],
    ['the API key alone', { 'dd-api-key': 'k' }, 403, 200],
    ['the application key alone', { 'dd-application-key': 'a' }, 403, 403],
    ['an empty key', { 'dd-api-key': 'k', 'dd-application-key': '' }, 403, 200],
    ['both keys', KEYS, 200, 200],
    ['a token', { authorization: 'Bearer ddpat_x' }, 200, 200],
    ['an empty token', { authorization: 'Bearer ' }, 403, 403],
    ['another scheme', { authorization: 'Basic eDp5' }, 403, 403],
  ])('with %s the API and validate answer the same', async (_name, headers, api, validate) => {
    await using emulator = await startEmulator();
    expect((await call(emulator.url, 'GET', CONNECTIONS, { headers })).status).toBe(api);
    expect((await call(emulator.url, 'GET', '/api/v1/validate', { headers })).status).toBe(validate);
    expect((await call(emulator.url, 'GET', '/api/v2/validate', { headers })).status).toBe(validate);
  });

  test('a request without keys changes nothing, and the response says what is missing', async () => {
    await using emulator = await startEmulator();
    const headers = { 'dd-api-key': 'k' };
    const reply = await call(emulator.url, 'POST', CONNECTION, { body: createBody('one'), headers });
    expect(details(reply)).toEqual([
      'The request lacks DD-APPLICATION-KEY; send DD-API-KEY and DD-APPLICATION-KEY, or Authorization: Bearer.',
    ]);
    expect(emulator.connections('users')).toEqual([]);
  });

  test('a body of more than 1 MiB is 413, and one of exactly 1 MiB is accepted', async () => {
    await using emulator = await startEmulator();
    const frame = JSON.stringify(createBody('big', { ignored: '' })).length;
    const exact = createBody('big', { ignored: 'x'.repeat(1024 * 1024 - frame) });
    const over = createBody('over', { ignored: 'x'.repeat(1024 * 1024 - frame) });
    expect((await call(emulator.url, 'POST', CONNECTION, { body: exact })).status).toBe(201);
    const reply = await call(emulator.url, 'POST', CONNECTION, { body: over });
    expect(reply.status).toBe(413);
    expect(details(reply)).toEqual(['The body is larger than 1 MiB.']);
    expect(emulator.connections('users').map(({ id }) => id)).toEqual(['big']);
  });

  test.each<[string, string | Buffer | undefined, Record<string, string>, number]>([
    ['no body', undefined, KEYS, 400],
    ['an empty body', '', KEYS, 400],
    ['a body that is not JSON', '{"data":', KEYS, 400],
    ['a body that is not UTF-8', Buffer.from(JSON.stringify(createBody('\u00ff')), 'latin1'), KEYS, 400],
    ['a byte order mark', Buffer.from(`\uFEFF${JSON.stringify(createBody('one'))}`), KEYS, 400],
    ['another content type', JSON.stringify(createBody('one')), { ...KEYS, 'content-type': 'text/plain' }, 415],
    [
      'JSON with a charset',
      JSON.stringify(createBody('one')),
      { ...KEYS, 'content-type': 'application/json; charset=utf-8' },
      201,
    ],
  ])('%s gets its status', async (_name, body, headers, status) => {
    await using emulator = await startEmulator();
    expect((await call(emulator.url, 'POST', CONNECTION, { body, headers })).status).toBe(status);
    expect(emulator.connections('users')).toHaveLength(status === 201 ? 1 : 0);
  });

  test('a body with a hundred thousand errors gets a short response', async () => {
    await using emulator = await startEmulator();
    const fields = Array.from({ length: 100_000 }, () => 0);
    const reply = await call(emulator.url, 'POST', CONNECTION, { body: createBody('one', { fields }) });
    expect(reply.status).toBe(400);
    expect(details(reply)).toHaveLength(50);
  });

  test('invalid HTTP gets a response with a request id, and the server keeps running', async () => {
    await using emulator = await startEmulator({ newId: () => 'request-1' });
    const received = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      let all = '';
      socket.on('data', (chunk: Buffer) => (all += chunk.toString()));
      socket.on('end', () => resolve(all));
      socket.on('error', reject);
    });
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('x-request-id: request-1\r\n');
    expect((await call(emulator.url, 'GET', CONNECTIONS)).status).toBe(200);
  });
});

describe('every response', () => {
  test('has a request id, which can be set', async () => {
    let count = 0;
    await using emulator = await startEmulator({ newId: () => `request-${++count}` });
    const paths = [CONNECTIONS, '/nowhere', CONNECTION, '/api/v1/validate'];
    const ids: unknown[] = [];
    for (const path of paths) ids.push((await call(emulator.url, 'GET', path)).headers['x-request-id']);
    ids.push((await call(emulator.url, 'GET', CONNECTIONS, { headers: {} })).headers['x-request-id']);
    expect(ids).toEqual(['request-1', 'request-2', 'request-3', 'request-4', 'request-5']);
  });

  test('is delayed by the latency', async () => {
    await using emulator = await startEmulator();
    emulator.latencyMs = 80;
    const started = performance.now();
    await call(emulator.url, 'GET', CONNECTIONS);
    expect(performance.now() - started).toBeGreaterThan(75);
  });
});

describe('the log', () => {
  test('has each request with its body and status, and no header value except the user agent', async () => {
    let now = 1000;
    await using emulator = await startEmulator({ clock: () => now++ });
    const headers = { ...KEYS, 'user-agent': 'connsync/1' };
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one'), headers });
    await call(emulator.url, 'POST', `${CONNECTION}?x=1`, { body: 'junk' });

    expect(emulator.requests).toEqual([
      {
        id: expect.any(String),
        method: 'POST',
        path: CONNECTION,
        body: createBody('one'),
        status: 201,
        headers: expect.arrayContaining(['dd-api-key', 'dd-application-key', 'content-type', 'user-agent']),
        userAgent: 'connsync/1',
        startedAt: 1000,
        endedAt: expect.any(Number),
      },
      expect.objectContaining({ path: `${CONNECTION}?x=1`, body: 'junk', status: 400 }),
    ]);
    expect(JSON.stringify(emulator.requests)).not.toContain(KEYS['dd-api-key']);
    expect(JSON.stringify(emulator.requests)).not.toContain(KEYS['dd-application-key']);
  });

  test('counts the highest number of requests in flight, until it is reset', async () => {
    await using emulator = await startEmulator();
    emulator.latencyMs = 30;
    await Promise.all(Array.from({ length: 7 }, async () => await call(emulator.url, 'GET', CONNECTIONS)));
    expect(emulator.peak).toBe(7);
    emulator.resetLog();
    expect(emulator.requests).toEqual([]);
    for (let count = 0; count < 20; count += 1) await call(emulator.url, 'GET', CONNECTIONS);
    expect(emulator.peak).toBe(1);
    expect(emulator.requests).toHaveLength(20);
  });

  test('has no status for a client that disconnects, which is no longer in flight', async () => {
    await using emulator = await startEmulator();
    emulator.latencyMs = 500;
    const leaving = new AbortController();
    const gone = fetch(`${emulator.url}${CONNECTIONS}`, { headers: KEYS, signal: leaving.signal }).catch(() => 'gone');
    await expect.poll(() => emulator.requests.length).toBe(1);
    leaving.abort();
    expect(await gone).toBe('gone');
    await expect.poll(() => emulator.requests[0]?.endedAt).toBeDefined();
    expect(emulator.requests[0]?.status).toBe(0);
    emulator.latencyMs = 0;
    emulator.resetLog();
    await call(emulator.url, 'GET', CONNECTIONS);
    expect(emulator.peak).toBe(1);
  });
});

describe('edits in the UI', () => {
  test('change the list with their author and time, and are not in the log', async () => {
    let now = Date.UTC(2026, 0, 1);
    await using emulator = await startEmulator({ clock: () => now });
    emulator.seed('users', { id: 'crm', type: 't', join_attribute: 'a', join_type: 'j' }, 'eve@acme.example');
    now += 1000;
    emulator.edit('users', 'crm', (connection) => ({ ...connection, metadata: { owner: 'ana' } }));
    expect(emulator.connections('users')).toEqual([
      {
        id: 'crm',
        type: 't',
        join: { attribute: 'a', type: 'j' },
        fields: [],
        metadata: { owner: 'ana' },
        created_at: '2026-01-01T00:00:00.000Z',
        created_by: 'eve@acme.example',
        updated_at: '2026-01-01T00:00:01.000Z',
        updated_by: 'ana@acme.example',
      },
    ]);
    const listed = await call(emulator.url, 'GET', CONNECTIONS);
    expect(listed.json).toMatchObject({ data: { attributes: { connections: emulator.connections('users') } } });
    emulator.drop('users', 'crm');
    expect(emulator.connections('users')).toEqual([]);
    expect(emulator.requests).toHaveLength(1);
  });

  test('fail for an existing connection to seed, or a missing one to edit or drop', async () => {
    await using emulator = await startEmulator();
    const connection = { id: 'crm', type: 't', join_attribute: 'a', join_type: 'j' };
    emulator.seed('users', connection);
    expect(() => emulator.seed('users', connection)).toThrow('already exists');
    expect(() => emulator.edit('accounts', 'crm', (one) => one)).toThrow('The connection accounts/crm does not exist');
    expect(() => emulator.drop('users', 'none')).toThrow('The connection users/none does not exist');
    expect(() => emulator.connections('robots')).toThrow('The entity robots does not exist');
  });
});

describe('start and end', () => {
  test('a taken port is a usage failure', async () => {
    await using emulator = await startEmulator();
    const port = Number(new URL(emulator.url).port);
    const failed = await startEmulator({ port }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Failure);
    expect(failed).toMatchObject({
      code: 'usage',
      message: `The emulator can't listen on port ${port}: EADDRINUSE.`,
    });
  });

  test('listens only on loopback', async () => {
    await using emulator = await startEmulator();
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('close ends all sockets immediately, including waiting ones, and may be called twice', async () => {
    const emulator = await startEmulator();
    emulator.latencyMs = 3_600_000;
    const waiting = call(emulator.url, 'GET', CONNECTIONS).catch((error: NodeJS.ErrnoException) => error.code);
    await expect.poll(() => emulator.requests.length).toBe(1);
    await emulator.close();
    await emulator.close();
    expect(await waiting).toBe('ECONNRESET');
    await expect(call(emulator.url, 'GET', CONNECTIONS)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
