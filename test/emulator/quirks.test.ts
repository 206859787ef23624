import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEmulator, type Emulator, type Faults } from '../../src/emulator/server.ts';
import { call, CONNECTION, CONNECTIONS, createBody, updateBody } from './calling.ts';
import { folder } from './folder.ts';
import { growth, LINEAR } from '../rig/growth.ts';

const FIELD = { id: 'plan', source_name: 's', type: 'string' };

const create = async (emulator: Emulator, id: string, source = 's'): Promise<number> => {
  const body = createBody(id, { fields: [{ ...FIELD, source_name: source }] });
  return (await call(emulator.url, 'POST', CONNECTION, { body })).status;
};
const update = async (emulator: Emulator, attributes: Readonly<Record<string, unknown>>): Promise<number> =>
  (await call(emulator.url, 'PUT', CONNECTION, { body: updateBody('one', attributes) })).status;
const remove = async (emulator: Emulator): Promise<number> =>
  (await call(emulator.url, 'DELETE', `${CONNECTION}/one`)).status;

interface Listed {
  readonly id: string;
  readonly fields: readonly { readonly source_name: string }[];
}
const listed = async (emulator: Emulator): Promise<readonly Listed[]> => {
  const { json } = await call(emulator.url, 'GET', CONNECTIONS);
  return (json as { data: { attributes: { connections: readonly Listed[] } } }).data.attributes.connections;
};
const sources = async (emulator: Emulator): Promise<readonly string[]> =>
  (await listed(emulator)).map(({ id, fields }) => `${id} from ${fields[0]?.source_name}`);

describe('a create of an existing id', () => {
  test.each<[Faults['duplicates'], number, readonly string[], readonly string[]]>([
    [undefined, 409, ['one from old', 'two from s'], []],
    ['conflict', 409, ['one from old', 'two from s'], []],
    ['bad-request', 400, ['one from old', 'two from s'], []],
    ['accept', 201, ['one from old', 'one from new', 'two from s'], ['duplicate']],
    ['overwrite', 201, ['one from new', 'two from s'], ['overwrote']],
  ])('in the style %s is answered with %i, and then %j exists', async (duplicates, status, after, done) => {
    await using emulator = await startEmulator({ faults: duplicates === undefined ? {} : { duplicates } });
    await create(emulator, 'one', 'old');
    await create(emulator, 'two');
    expect(await create(emulator, 'one', 'new')).toBe(status);
    expect(await sources(emulator)).toEqual(after);
    expect(emulator.oracle.entries.slice(2).map(({ op }) => op)).toEqual(done);
    expect(emulator.oracle.duplicates).toBe(done.length);
    expect(emulator.oracle.creates.get('users/one')).toBe(1 + done.length);
  });

  test('that is a bad request says that it exists', async () => {
    await using emulator = await startEmulator({ faults: { duplicates: 'bad-request' } });
    await create(emulator, 'one');
    const { text } = await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    expect(text).toContain('already exists');
  });

  test('that was accepted: an update changes the older one, and a delete removes both', async () => {
    await using emulator = await startEmulator({ faults: { duplicates: 'accept' } });
    await create(emulator, 'one', 'old');
    await create(emulator, 'one', 'new');
    expect(await update(emulator, { fields_to_delete: ['plan'] })).toBe(200);
    expect(await sources(emulator)).toEqual(['one from undefined', 'one from new']);
    expect([await remove(emulator), await remove(emulator)]).toEqual([204, 404]);
    expect(await listed(emulator)).toEqual([]);
  });

  test('that was accepted survives a restart, while any other duplicate id is damage', async () => {
    await using temporary = await folder();
    const options = { dataDir: temporary.path, faults: { duplicates: 'accept' } } as const;
    const first = await startEmulator(options);
    for (const [id, source] of [
      ['one', 'old'],
      ['two', 's'],
      ['one', 'new'],
    ] as const)
      await create(first, id, source);
    await first.close();
    {
      await using second = await startEmulator({ dataDir: temporary.path });
      expect(await sources(second)).toEqual(['one from old', 'one from new', 'two from s']);
    }
    const file = join(temporary.path, 'connections.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('users/one', 'users/two'));
    await expect(startEmulator({ dataDir: temporary.path })).rejects.toThrow('an id is repeated in users');
    await writeFile(file, text.replace('["users/one"]', '7'));
    await expect(startEmulator({ dataDir: temporary.path })).rejects.toThrow('shared must be a list');
  });
});

describe('an update', () => {
  const again = { fields_to_add: [{ ...FIELD, source_name: 'again' }] };

  test('is strict by default: it adds no existing field, and deletes no missing one', async () => {
    await using emulator = await startEmulator({ faults: {} });
    await create(emulator, 'one');
    expect(await update(emulator, again)).toBe(400);
    expect(await update(emulator, { fields_to_delete: ['gone'] })).toBe(400);
  });

  test('may be lenient: it overwrites an existing field, and ignores a missing one', async () => {
    await using emulator = await startEmulator({ faults: { put: 'lenient' } });
    await create(emulator, 'one');
    expect(await update(emulator, { ...again, fields_to_delete: ['gone'] })).toBe(200);
    expect(emulator.connections('users')[0]?.fields).toEqual([{ ...FIELD, source_name: 'again' }]);
    expect(await update(emulator, { fields_to_update: [{ field_id: 'gone' }] })).toBe(400);
  });
});

describe('a list that lags', () => {
  test('shows every past state in order', async () => {
    let now = 0;
    await using emulator = await startEmulator({ clock: () => now, faults: { listLagMs: 100 } });
    emulator.seed('users', { id: 'seeded', type: 't', join_attribute: 'a', join_type: 'j' });
    await create(emulator, 'one', 'old');
    now = 50;
    await remove(emulator);
    await create(emulator, 'one', 'new');
    const views: [number, readonly string[]][] = [];
    for (now of [50, 99, 100, 149, 150]) views.push([now, await sources(emulator)]);
    expect(views).toEqual([
      [50, []],
      [99, []],
      [100, ['seeded from undefined', 'one from old']],
      [149, ['seeded from undefined', 'one from old']],
      [150, ['seeded from undefined', 'one from new']],
    ]);
    expect(emulator.connections('users').map(({ id }) => id)).toEqual(['seeded', 'one']);
  });

  test('starts with the current state, and stops lagging when the faults end', async () => {
    await using emulator = await startEmulator();
    await create(emulator, 'one');
    emulator.setFaults({ listLagMs: 60_000 });
    await create(emulator, 'two');
    expect((await listed(emulator)).map(({ id }) => id)).toEqual(['one']);
    expect(await create(emulator, 'two')).toBe(409);
    emulator.setFaults(undefined);
    expect((await listed(emulator)).map(({ id }) => id)).toEqual(['one', 'two']);
  });

  test('is fast with thousands of connections', async () => {
    const seeded = async (size: number): Promise<Emulator> => {
      const emulator = await startEmulator({ faults: { listLagMs: 5 } });
      for (let count = 0; count < size; count += 1)
        emulator.seed('users', { id: `c${count}`, type: 't', join_attribute: 'a', join_type: 'j' });
      await expect.poll(async () => (await listed(emulator)).length, { timeout: 300_000 }).toBe(size);
      return emulator;
    };
    await using small = await seeded(2_500);
    await using large = await seeded(20_000);
    expect(await growth((size) => (size === 20_000 ? large : small), listed, 20_000)).toBeLessThan(LINEAR);
  });
});

describe('texts for people', () => {
  test.each<[Faults['normalise'], string]>([
    [false, ' My Plan '],
    ['trim', 'My Plan'],
    ['lowercase', ' my plan '],
  ])('are stored %s', async (normalise, kept) => {
    await using emulator = await startEmulator({ faults: normalise === undefined ? {} : { normalise } });
    const field = { ...FIELD, display_name: ' My Plan ' };
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one', { fields: [field] }) });
    await update(emulator, { fields_to_update: [{ field_id: 'plan', updated_description: ' My Plan ' }] });
    expect(emulator.connections('users')[0]?.fields).toEqual([{ ...FIELD, display_name: kept, description: kept }]);
  });
});
