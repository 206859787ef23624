import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/server.ts';
import {
  createRequest,
  fieldIdsAfter,
  keepsCreateRules,
  keepsUpdateRules,
  updateRequest,
  type Wire,
} from './bodies.ts';
import { BASE, call, CONNECTION, CONNECTIONS, createBody, updateBody } from './calling.ts';
import { description, schema, undescribed } from './description.ts';

const TEMPLATES = {
  mapping: '/api/v2/product-analytics/{entity}/mapping',
  list: '/api/v2/product-analytics/{entity}/mapping/connections',
  write: '/api/v2/product-analytics/{entity}/mapping/connection',
  remove: '/api/v2/product-analytics/{entity}/mapping/connection/{id}',
};

const FULL = {
  metadata: { owner: 'growth' },
  fields: [
    { id: 'a', source_name: 's', type: 'string', display_name: 'A', description: 'D', groups: ['G'] },
    { id: 'b', source_name: 's', type: 'number' },
  ],
};

describe('every response matches the API description', () => {
  const good = createBody('one', FULL);
  test.each<[string, string, string, unknown, number]>([
    ['GET', `${BASE}/users/mapping`, TEMPLATES.mapping, undefined, 200],
    ['GET', `${BASE}/robots/mapping`, TEMPLATES.mapping, undefined, 404],
    ['GET', CONNECTIONS, TEMPLATES.list, undefined, 200],
    ['GET', `${BASE}/robots/mapping/connections`, TEMPLATES.list, undefined, 404],
    ['POST', CONNECTION, TEMPLATES.write, createBody('new', FULL), 201],
    ['POST', CONNECTION, TEMPLATES.write, {}, 400],
    ['POST', CONNECTION, TEMPLATES.write, good, 409],
    ['POST', `${BASE}/robots/mapping/connection`, TEMPLATES.write, good, 404],
    ['PUT', CONNECTION, TEMPLATES.write, updateBody('one', { fields_to_delete: ['a'] }), 200],
    ['PUT', CONNECTION, TEMPLATES.write, updateBody('one', { fields_to_delete: ['z'] }), 400],
    ['PUT', CONNECTION, TEMPLATES.write, updateBody('none', {}), 404],
    ['DELETE', `${CONNECTION}/one`, TEMPLATES.remove, undefined, 204],
    ['DELETE', `${CONNECTION}/none`, TEMPLATES.remove, undefined, 404],
  ])('%s %s as %s', async (method, path, template, body, status) => {
    await using emulator = await startEmulator();
    await call(emulator.url, 'POST', CONNECTION, { body: good });

    const reply = await call(emulator.url, method, path, { body });
    expect(reply.status).toBe(status);
    expect(undescribed(method, template, reply)).toEqual([]);

    const denied = await call(emulator.url, method, path, { body, headers: {} });
    expect(denied.status).toBe(403);
    expect(undescribed(method, template, denied)).toEqual([]);

    await using limited = await startEmulator({ rateLimit: { limit: 1, periodMs: 60_000 }, clock: () => 0 });
    await call(limited.url, 'GET', CONNECTIONS);
    const refused = await call(limited.url, method, path, { body });
    expect(refused.status).toBe(429);
    expect(undescribed(method, template, refused)).toEqual([]);
  });

  test('accepts the examples of the API description unchanged', async () => {
    await using emulator = await startEmulator();
    const { post, put } = description.paths[TEMPLATES.write] as unknown as Record<
      'post' | 'put',
      {
        requestBody: { content: { 'application/json': { example: unknown } } };
      }
    >;
    for (const [method, operation] of [
      ['POST', post],
      ['PUT', put],
    ] as const) {
      const body = operation.requestBody.content['application/json'].example;
      const reply = await call(emulator.url, method, CONNECTION, { body });
      expect(reply.status).toBe(method === 'POST' ? 201 : 200);
    }
    expect(undescribed('GET', TEMPLATES.list, await call(emulator.url, 'GET', CONNECTIONS))).toEqual([]);
    expect(undescribed('GET', TEMPLATES.mapping, await call(emulator.url, 'GET', `${BASE}/users/mapping`))).toEqual([]);
  });
});

function empty(emulator: Emulator): void {
  for (const connection of emulator.connections('users')) emulator.drop('users', connection.id);
}

describe('requests', () => {
  test('accepts a create exactly if the schema accepts it and its field ids differ', async () => {
    await using emulator = await startEmulator();
    const valid = schema('CreateRequest');
    const seen = { 201: 0, 400: 0 };
    await fc.assert(
      fc.asyncProperty(createRequest, async (body) => {
        empty(emulator);
        const expected = valid(body) && keepsCreateRules(body as Wire) ? 201 : 400;
        const reply = await call(emulator.url, 'POST', CONNECTION, { body: JSON.stringify(body) });
        expect(reply.status).toBe(expected);
        expect(undescribed('POST', TEMPLATES.write, reply)).toEqual([]);
        expect(emulator.connections('users')).toHaveLength(expected === 201 ? 1 : 0);
        expect(undescribed('GET', TEMPLATES.list, await call(emulator.url, 'GET', CONNECTIONS))).toEqual([]);
        seen[expected] += 1;
      }),
      { numRuns: 400 },
    );
    expect(Math.min(seen[201], seen[400])).toBeGreaterThan(40);
  });

  test('accepts an update exactly if the schema accepts it and its lists fit the connection', async () => {
    await using emulator = await startEmulator();
    const valid = schema('UpdateRequest');
    const has = ['a', 'b', 'c', 'd'];
    const seen = { 200: 0, 400: 0, 404: 0 };
    await fc.assert(
      fc.asyncProperty(updateRequest, async (body) => {
        empty(emulator);
        const given = { type: 't', join_attribute: 'a', join_type: 'j' };
        emulator.seed('users', {
          id: 'c',
          ...given,
          fields: has.map((one) => ({ id: one, source_name: 's', type: 't' })),
        });
        const before = emulator.connections('users');
        const expected = expectedStatus(body);
        const reply = await call(emulator.url, 'PUT', CONNECTION, { body: JSON.stringify(body) });
        expect(expected).toContain(reply.status);
        expect(undescribed('PUT', TEMPLATES.write, reply)).toEqual([]);
        const after = emulator.connections('users');
        const ids = reply.status === 200 ? fieldIdsAfter(body as Wire, has) : has;
        expect(after[0]?.fields.map((one) => one.id).sort()).toEqual(ids);
        expect(reply.status === 200 || isDeepStrictEqual(after, before)).toBe(true);
        seen[reply.status as 200] += 1;
      }),
      { numRuns: 600 },
    );
    expect(Math.min(seen[200], seen[400])).toBeGreaterThan(40);

    function expectedStatus(body: unknown): readonly number[] {
      if (!valid(body)) return [400];
      const { data } = body as Wire;
      if (data.id !== 'c') return data.id === '' ? [400] : [400, 404];
      return [keepsUpdateRules(body as Wire, has) ? 200 : 400];
    }
  });

  test('answers any JSON with a documented response', async () => {
    await using emulator = await startEmulator();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('POST', 'PUT'), fc.json({ maxDepth: 4 }), async (method, body) => {
        expect(undescribed(method, TEMPLATES.write, await call(emulator.url, method, CONNECTION, { body }))).toEqual(
          [],
        );
      }),
      { numRuns: 200 },
    );
  });
});
