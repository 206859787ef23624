import { expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import { BASE, call } from './calling.ts';

interface Attribute {
  readonly attribute: string;
  readonly is_custom: boolean;
}

async function attributes(url: string, entity: string): Promise<readonly Attribute[]> {
  const { json } = await call(url, 'GET', `${BASE}/${entity}/mapping`);
  return (json as { data: { attributes: { attributes: Attribute[] } } }).data.attributes.attributes;
}

const GIVEN = { type: 't', join_attribute: 'a', join_type: 'j' };

test('the mapping has built-in attributes, including those that connections join on', async () => {
  await using emulator = await startEmulator();
  const { json } = await call(emulator.url, 'GET', `${BASE}/users/mapping`);
  expect(json).toMatchObject({ data: { id: 'get_mappings_response', type: 'get_mappings_response' } });
  const users = await attributes(emulator.url, 'users');
  expect(users.map(({ attribute }) => attribute)).toEqual(expect.arrayContaining(['user_id', 'user_email']));
  expect(users.every(({ is_custom }) => !is_custom)).toBe(true);
  const accounts = await attributes(emulator.url, 'accounts');
  expect(accounts.map(({ attribute }) => attribute)).toContain('account_id');
});

test('each field of a connection is a custom attribute until the connection is deleted', async () => {
  await using emulator = await startEmulator();
  const full = { id: 'plan', source_name: 's', type: 'string', display_name: 'Plan', description: 'D', groups: ['G'] };
  emulator.seed('users', { id: 'one', ...GIVEN, fields: [full, { id: 'seats', source_name: 's', type: 'number' }] });
  const custom = (await attributes(emulator.url, 'users')).filter(({ is_custom }) => is_custom);
  expect(custom).toEqual([
    { attribute: '@plan', display_name: 'Plan', description: 'D', groups: ['G'], is_custom: true, type: 'string' },
    { attribute: '@seats', is_custom: true, type: 'number' },
  ]);
  expect((await attributes(emulator.url, 'accounts')).filter(({ is_custom }) => is_custom)).toEqual([]);
  emulator.drop('users', 'one');
  expect((await attributes(emulator.url, 'users')).filter(({ is_custom }) => is_custom)).toEqual([]);
});

test('a field id of two connections appears once, as in the older one', async () => {
  await using emulator = await startEmulator();
  emulator.seed('users', { id: 'z', ...GIVEN, fields: [{ id: 'plan', source_name: 's', type: 'string' }] });
  emulator.seed('users', { id: 'a', ...GIVEN, fields: [{ id: 'plan', source_name: 's', type: 'number' }] });
  const custom = (await attributes(emulator.url, 'users')).filter(({ is_custom }) => is_custom);
  expect(custom).toEqual([{ attribute: '@plan', is_custom: true, type: 'string' }]);
});
