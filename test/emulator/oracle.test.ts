import { describe, expect, test } from 'vitest';
import { OracleBook } from '../../src/emulator/oracle.ts';
import { startEmulator, type LogLine } from '../../src/emulator/server.ts';
import { BASE, call, CONNECTION, CONNECTIONS, createBody, KEYS, updateBody } from './calling.ts';
import { growth, LINEAR } from '../rig/growth.ts';

const GIVEN = { type: 't', join_attribute: 'a', join_type: 'j' };

describe('the oracle', () => {
  test('records what happened, by which request and which author, whatever the response was', async () => {
    await using emulator = await startEmulator({
      clock: () => 5,
      faults: {
        rules: [
          { kind: 'error-after', methods: ['PUT'] },
          { kind: 'error-before', after: 4 },
        ],
      },
    });
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    await call(emulator.url, 'PUT', CONNECTION, { body: updateBody('one', {}) });
    await call(emulator.url, 'DELETE', `${CONNECTION}/one`);
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('two') });
    const [create, update, remove] = emulator.requests.map(({ id }) => id);
    const rest = { at: 5, entity: 'users', id: 'one', author: 'ci@acme.example' };
    expect(emulator.oracle.entries).toEqual([
      { op: 'created', request: create, ...rest },
      { op: 'updated', request: update, ...rest },
      { op: 'deleted', request: remove, ...rest },
    ]);
  });

  test('records the id that a client receives as x-request-id', async () => {
    await using emulator = await startEmulator();
    const { headers } = await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    expect(emulator.oracle.entries[0]?.request).toBe(headers['x-request-id']);
  });

  test('counts deletes of unmanaged connections, and leaves edits in the UI out of the totals', async () => {
    await using emulator = await startEmulator();
    for (const id of ['ours', 'theirs', 'clicked']) emulator.seed('users', { id, ...GIVEN });
    emulator.drop('users', 'clicked', 'bob@acme.example');
    for (const id of ['ours', 'theirs', 'nobodys']) await call(emulator.url, 'DELETE', `${CONNECTION}/${id}`);
    expect(emulator.oracle.unmanagedDeletes(['users/ours', 'accounts/theirs'])).toEqual(['users/theirs']);
    expect([...emulator.oracle.deletes]).toEqual([
      ['users/ours', 1],
      ['users/theirs', 1],
    ]);
    expect([...emulator.oracle.creates]).toEqual([]);
    expect(emulator.oracle.entries[3]).toMatchObject({ op: 'deleted', id: 'clicked', author: 'bob@acme.example' });
  });

  test('does not count a create after a delete as a duplicate', async () => {
    await using emulator = await startEmulator();
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    await call(emulator.url, 'DELETE', `${CONNECTION}/one`);
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    expect([emulator.oracle.duplicates, emulator.oracle.creates.get('users/one')]).toEqual([0, 2]);
  });

  test.each<[string, string, string, { body?: unknown; headers?: Readonly<Record<string, string>> }]>([
    ['the API key in the query', 'GET', `${CONNECTIONS}?api_key=${KEYS['dd-api-key']}`, {}],
    ['the application key in a path that leads nowhere', 'GET', `/${KEYS['dd-application-key']}`, {}],
    ['a key in the body', 'POST', CONNECTION, { body: createBody(KEYS['dd-api-key']) }],
    [
      'a token in the path',
      'GET',
      `${BASE}/users/mapping?t=ddpat_secret`,
      { headers: { authorization: 'Bearer ddpat_secret' } },
    ],
  ])('detects %s', async (_name, method, path, options) => {
    const lines: LogLine[] = [];
    await using emulator = await startEmulator({ log: (line) => lines.push(line) });
    await call(emulator.url, method, path, options);
    expect([emulator.oracle.keySightings, emulator.requests[0]?.showedKey]).toEqual([1, true]);
    const requestLines = JSON.stringify(lines.filter(({ type }) => type === 'request'));
    for (const key of [...Object.values(KEYS), 'ddpat_secret']) expect(requestLines).not.toContain(key);
    expect(requestLines).toContain('"showed_key":true');
  });

  test('detects no key where there is none', async () => {
    await using emulator = await startEmulator();
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    expect(emulator.oracle.keySightings).toBe(0);
  });

  test('is cleared by resetLog', async () => {
    await using emulator = await startEmulator({ faults: { duplicates: 'accept' } });
    for (let count = 0; count < 2; count += 1)
      await call(emulator.url, 'POST', CONNECTION, { body: createBody(KEYS['dd-api-key']) });
    await call(emulator.url, 'DELETE', `${CONNECTION}/${KEYS['dd-api-key']}`);
    expect(emulator.oracle).toMatchObject({ duplicates: 1, keySightings: 3 });
    emulator.resetLog();
    const { entries, creates, deletes, duplicates, keySightings } = emulator.oracle;
    expect([entries, [...creates], [...deletes], duplicates, keySightings]).toEqual([[], [], [], 0, 0]);
  });

  test('keeps the last hundred thousand, sums over all of them, and is quick', async () => {
    const noted = (size: number): OracleBook => {
      const book = new OracleBook();
      for (let count = 0; count < size; count += 1) {
        const op = count % 2 === 0 ? 'created' : 'deleted';
        book.note({ at: count, request: 'r', op, entity: 'users', id: `c${count % 7}`, author: 'ci' });
      }
      return book;
    };
    expect(await growth((size) => size, noted, 202_500)).toBeLessThan(LINEAR);
    const book = noted(202_500);
    expect(book.entries.length).toBeLessThanOrEqual(101_000);
    expect(book.entries.at(-1)?.at).toBe(202_499);
    expect([...book.creates.values()].reduce((sum, more) => sum + more, 0)).toBe(101_250);
  });
});
