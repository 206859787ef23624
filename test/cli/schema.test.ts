import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';

const SCHEMAS = join(import.meta.dirname, '../../schemas');

describe('connsync schema', () => {
  test.each([
    ['', 'connection'],
    ['connection', 'connection'],
    ['settings', 'settings'],
    ['faults', 'faults'],
  ])('%s prints the schema that the package ships', async (args, name) => {
    await using rig = await Rig.start();
    const { stdout, stderr, exitCode } = await rig.run(`schema ${args}`);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(SCHEMAS, `${name}.schema.json`), 'utf8')));
  });

  test('reports an unknown schema as a usage error that lists the available ones', async () => {
    await using rig = await Rig.start();
    const ended = await rig.run('schema lockfiles');
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain('connection, settings, faults');
  });
});

describe('connsync schema --write', () => {
  const FILE = 'schemas/connection.schema.json';

  test('writes the output to a file and creates its folder', async () => {
    await using rig = await Rig.start();
    expect(await rig.run(`schema --write ${FILE}`)).toEqual({
      exitCode: 0,
      stdout: `wrote ${FILE} and created schemas\n`,
      stderr: '',
    });
    // An existing folder is not reported.
    expect((await rig.run('schema --write schemas/b.json')).stdout).toBe('wrote schemas/b.json\n');
    expect(rig.read(FILE)).toBe((await rig.run('schema')).stdout);
  });

  test('keeps a file that already has the schema, and replaces any other', async () => {
    await using rig = await Rig.start();
    await rig.run(`schema settings --write ${FILE}`);
    expect((await rig.run(`schema --write ${FILE}`)).stdout).toBe(`wrote ${FILE}\n`);
    utimesSync(join(rig.folder, FILE), 1, 1);
    const before = statSync(join(rig.folder, FILE));
    expect((await rig.run(`schema --write ${FILE}`)).stdout).toBe(`${FILE} is up to date\n`);
    expect(statSync(join(rig.folder, FILE))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  test('reports to programs whether it wrote', async () => {
    await using rig = await Rig.start();
    const run = async (): Promise<object> =>
      JSON.parse((await rig.run(`schema --write ${FILE} --format json`)).stdout) as object;
    expect(await run()).toEqual({ formatVersion: '1.0', file: FILE, wrote: true });
    expect(await run()).toEqual({ formatVersion: '1.0', file: FILE, wrote: false });
  });

  test.each([
    ['a folder', (rig: Rig) => void mkdirSync(join(rig.folder, FILE), { recursive: true })],
    [
      'a link',
      (rig: Rig) => {
        rig.write('elsewhere', 'theirs');
        mkdirSync(join(rig.folder, 'schemas'));
        symlinkSync('../elsewhere', join(rig.folder, FILE));
      },
    ],
    ['a path below a file', (rig: Rig) => rig.write('schemas', 'a file')],
  ])('refuses a target that is %s', async (_what, harm) => {
    await using rig = await Rig.start();
    harm(rig);
    const ended = await rig.run(`schema --write ${FILE} --format json`);
    expect(ended.exitCode).toBe(5);
    expect(JSON.parse(ended.stdout)).toMatchObject({ problems: [{ code: 'disk-failure' }] });
  });
});
