import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import { saver } from '../../src/emulator/persist.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { call, CONNECTION, createBody, updateBody } from './calling.ts';
import { folder } from './folder.ts';

const GIVEN = { type: 't', join_attribute: 'a', join_type: 'j' };
const FIELD = { id: 'plan', source_name: 's', type: 'string', groups: ['G'] };

describe('a data folder', () => {
  test('is created, and preserves order, authors, times and organisation across a restart', async () => {
    await using temporary = await folder();
    const dataDir = join(temporary.path, 'deep', 'data');
    const first = await startEmulator({ dataDir });
    for (const id of ['b', 'a'])
      await call(first.url, 'POST', CONNECTION, { body: createBody(id, { fields: [FIELD] }) });
    await call(first.url, 'PUT', CONNECTION, { body: updateBody('b', { fields_to_delete: ['plan'] }) });
    first.seed('accounts', { id: 'c', ...GIVEN, metadata: { owner: 'ä\n"' } });
    const [users, accounts] = [first.connections('users'), first.connections('accounts')];
    await first.close();

    await using second = await startEmulator({ dataDir });
    expect(second.connections('users')).toEqual(users);
    expect(users.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(second.connections('accounts')).toEqual(accounts);
    expect(second.organisation).toBe(first.organisation);
    expect(await readdir(dataDir)).toEqual(['connections.json']);
  });

  test('contains a change before its response', async () => {
    await using temporary = await folder();
    await using emulator = await startEmulator({ dataDir: temporary.path });
    const held = async (): Promise<string> => await readFile(join(temporary.path, 'connections.json'), 'utf8');
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    expect(await held()).toContain('"id":"one"');
    await call(emulator.url, 'DELETE', `${CONNECTION}/one`);
    expect(await held()).not.toContain('"id":"one"');
  });

  test('contains every answered create, whenever the process is killed', async () => {
    await using temporary = await folder();
    const script = join(temporary.path, 'emulator.mjs');
    const entry = `import { startEmulator } from './src/emulator/server.ts';
      const { url } = await startEmulator({ dataDir: process.argv[2] });
      process.send(url);`;
    await build({
      stdin: { contents: entry, resolveDir: join(import.meta.dirname, '../..') },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
    });
    const dataDir = join(temporary.path, 'data');
    const answered: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const child = fork(script, [dataDir]);
      const [url] = (await once(child, 'message')) as [string];
      const exited = once(child, 'exit');
      const killed = AbortSignal.timeout(30 + 40 * round);
      killed.addEventListener('abort', () => child.kill('SIGKILL'));
      await Promise.all(
        [0, 1, 2, 3].map(async (worker) => {
          for (let count = 0; !killed.aborted; count += 1) {
            const id = `${round}-${worker}-${count}`;
            const reply = await call(url, 'POST', CONNECTION, { body: createBody(id) }).catch(() => undefined);
            if (reply?.status === 201) answered.push(id);
          }
        }),
      );
      await exited;
    }
    await using emulator = await startEmulator({ dataDir });
    const kept = new Set(emulator.connections('users').map(({ id }) => id));
    expect(answered.length).toBeGreaterThan(10);
    expect(answered.filter((id) => !kept.has(id))).toEqual([]);
  });

  test('is written rarely for many concurrent requests, and contains all their changes', async () => {
    await using temporary = await folder();
    let writes = 0;
    let asked = 0;
    const save = saver(temporary.path, () => {
      writes += 1;
      return { organisation: String(asked), connections: new Map(), shared: [] };
    });
    const held = async (): Promise<unknown> =>
      JSON.parse(await readFile(join(temporary.path, 'connections.json'), 'utf8'));
    const ask = async (): Promise<void> => {
      const mine = (asked += 1);
      await save();
      const { organisation } = (await held()) as { organisation: string };
      expect(Number(organisation)).toBeGreaterThanOrEqual(mine);
    };
    const first = Array.from({ length: 100 }, ask);
    await new Promise(setImmediate); // the first write is running now
    await Promise.all([...first, ...Array.from({ length: 100 }, ask)]);
    expect(writes).toBe(2);
  });

  test('has an organisation derived from its path, so that a read before the first write returns the same one', async () => {
    await using temporary = await folder();
    const dataDir = join(temporary.path, 'data');
    await using looking = await startEmulator({ dataDir, readOnlyData: true });
    await using writing = await startEmulator({ dataDir });
    await using elsewhere = await startEmulator({ dataDir: join(temporary.path, 'other') });
    expect(writing.organisation).toBe(looking.organisation);
    expect(elsewhere.organisation).not.toBe(looking.organisation);
  });

  test('is unaffected by leftovers of a killed write, and by links in their place', async () => {
    await using temporary = await folder();
    const victim = join(temporary.path, 'victim');
    await writeFile(victim, 'precious');
    await symlink(victim, join(temporary.path, 'connections.json.tmp'));
    await using emulator = await startEmulator({ dataDir: temporary.path });
    expect((await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') })).status).toBe(201);
    expect(await readFile(victim, 'utf8')).toBe('precious');
  });
});

describe('read-only data', () => {
  test('is loaded, and nothing is written or created', async () => {
    await using temporary = await folder();
    const dataDir = join(temporary.path, 'data');
    {
      await using empty = await startEmulator({ dataDir, readOnlyData: true });
      expect(empty.connections('users')).toEqual([]);
      expect(await readdir(temporary.path)).toEqual([]);
    }
    {
      await using writing = await startEmulator({ dataDir });
      writing.seed('users', { id: 'one', ...GIVEN });
    }
    const before = await readFile(join(dataDir, 'connections.json'), 'utf8');
    const reading = await startEmulator({ dataDir, readOnlyData: true });
    expect(reading.connections('users').map(({ id }) => id)).toEqual(['one']);
    expect((await call(reading.url, 'DELETE', `${CONNECTION}/one`)).status).toBe(204);
    await reading.close();
    expect(await readFile(join(dataDir, 'connections.json'), 'utf8')).toBe(before);
    expect(await readdir(dataDir)).toEqual(['connections.json']);
  });
});

describe('damage', () => {
  const whole = {
    id: 'one',
    type: 't',
    join: { attribute: 'a', type: 'j' },
    fields: [],
    created_at: '',
    created_by: '',
    updated_at: '',
    updated_by: '',
  };

  test.each<[string, string, string]>([
    ['nothing', '', 'it is not JSON'],
    ['half a file', dataText([whole]).slice(0, 60), 'it is not JSON'],
    ['a list', '[]', 'The body must be an object'],
    ['a later version', dataText([], { version: 2 }), 'version must be 1'],
    ['no organisation', dataText([], { organisation: undefined }), 'organisation is required'],
    ['no entities', dataText([], { entities: {} }), 'entities.users is required'],
    ['a connection without join', dataText([{ ...whole, join: undefined }]), 'entities.users[0].join is required'],
    ['an id twice', dataText([whole, whole]), 'an id is repeated in users'],
  ])('%s is reported, and the file stays unchanged', async (_name, text, why) => {
    await using temporary = await folder();
    const path = join(temporary.path, 'connections.json');
    await writeFile(path, text);
    for (const readOnlyData of [false, true]) {
      const failed = await startEmulator({ dataDir: temporary.path, readOnlyData }).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(Failure);
      expect(failed).toMatchObject({
        exitCode: 5,
        place: { file: path },
        hint: 'Move the file away to start with no data.',
      });
      expect((failed as Failure).message).toContain(why);
    }
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('a folder that is a file is reported at the start', async () => {
    await using temporary = await folder();
    const dataDir = join(temporary.path, 'file');
    await writeFile(dataDir, '');
    await expect(startEmulator({ dataDir })).rejects.toMatchObject({ code: 'disk-failure' });
  });

  test('an unwritable folder is reported at the start', async () => {
    await using temporary = await folder();
    // A folder in place of the temporary file stops even root from writing.
    await mkdir(join(temporary.path, 'connections.json.tmp', 'inside'), { recursive: true });
    await expect(startEmulator({ dataDir: temporary.path })).rejects.toMatchObject({ code: 'disk-failure' });
  });

  test("a change that can't be written is answered with 500, and reported again at the end", async () => {
    await using temporary = await folder();
    const emulator = await startEmulator({ dataDir: temporary.path });
    const blocked = join(temporary.path, 'connections.json.tmp', 'inside');
    await mkdir(blocked, { recursive: true });
    const reply = await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    expect(reply.status).toBe(500);
    expect(reply.text).toContain("can't write its data");
    await expect(emulator.close()).rejects.toMatchObject({ code: 'disk-failure' });
  });

  test('after the disk has recovered, the next change also saves the earlier ones', async () => {
    await using temporary = await folder();
    const emulator = await startEmulator({ dataDir: temporary.path });
    const blocked = join(temporary.path, 'connections.json.tmp');
    await mkdir(join(blocked, 'inside'), { recursive: true });
    await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
    await rm(blocked, { recursive: true });
    expect((await call(emulator.url, 'POST', CONNECTION, { body: createBody('two') })).status).toBe(201);
    await emulator.close();
    await using again = await startEmulator({ dataDir: temporary.path });
    expect(again.connections('users').map(({ id }) => id)).toEqual(['one', 'two']);
  });
});

function dataText(users: unknown, rest: object = {}): string {
  return JSON.stringify({ version: 1, organisation: 'o', entities: { users, accounts: [] }, ...rest });
}
