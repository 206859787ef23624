import { chmodSync, cpSync, lstatSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const UNTIDY = `# ours
id: a   # the id
entity: users


join_type: email
type: ref_table
fields:
- type: string
  # why
  id: plan
  source_name: plan_column
join_attribute: user_email
# the end
`;

const TIDY = `# ours
entity: users
id: a   # the id
type: ref_table
join_attribute: user_email

join_type: email
fields:
  # why
  - id: plan
    source_name: plan_column
    type: string
# the end
`;

describe('fmt', () => {
  test('sorts keys, keeps comments, and changes nothing the second time', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    const first = await rig.run('fmt');
    expect(first).toEqual({ exitCode: 0, stdout: '~ connections/a.yaml\n1 of 2 manifests formatted.\n', stderr: '' });
    expect(rig.read('connections/a.yaml')).toBe(TIDY);
    const { mtimeNs } = statSync(join(rig.folder, 'connections/a.yaml'), { bigint: true });
    expect((await rig.run('fmt')).stdout).toBe('2 manifests already formatted.\n');
    expect(statSync(join(rig.folder, 'connections/a.yaml'), { bigint: true }).mtimeNs).toBe(mtimeNs);
  });

  test('formats every given folder and keeps the mode of a file', async () => {
    await using rig = await Rig.start();
    rig.write('one/a.yaml', UNTIDY);
    rig.write('two/deep/b.yml', UNTIDY.replace('id: a', 'id: b'));
    chmodSync(join(rig.folder, 'one/a.yaml'), 0o640);
    const ended = await rig.run('fmt --dir one --dir two');
    expect(ended.stdout).toBe('~ one/a.yaml\n~ two/deep/b.yml\n2 of 2 manifests formatted.\n');
    expect(rig.read('one/a.yaml')).toBe(TIDY);
    expect(statSync(join(rig.folder, 'one/a.yaml')).mode & 0o777).toBe(0o640);
  });

  test('drops a byte order mark and unifies line endings, even if nothing else changes', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', `\uFEFF${TIDY}`);
    rig.write('connections/b.yaml', TIDY.replace('id: a', 'id: b').replaceAll('\n', '\r\n'));
    expect((await rig.run('fmt --check')).exitCode).toBe(3);
    expect((await rig.run('fmt')).exitCode).toBe(0);
    expect(rig.read('connections/a.yaml')).toBe(TIDY);
    expect(rig.read('connections/b.yaml')).toBe(TIDY.replace('id: a', 'id: b'));
  });

  test('keeps JSON as JSON and finds the shipped examples formatted', async () => {
    await using rig = await Rig.start();
    const { entity, ...rest } = {
      entity: 'users',
      id: 'a',
      type: 'ref_table',
      join_attribute: 'x',
      join_type: 'email',
    };
    rig.write('connections/a.json', JSON.stringify({ ...rest, entity }));
    expect((await rig.run('fmt')).exitCode).toBe(0);
    expect(rig.read('connections/a.json')).toBe(`${JSON.stringify({ entity, ...rest }, null, 2)}\n`);
    cpSync(new URL('../../connections', import.meta.url), join(rig.folder, 'shipped'), { recursive: true });
    expect((await rig.run('fmt --check --dir shipped')).exitCode).toBe(0);
  });

  test('emits an event for each file that it wrote', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    const { stdout } = await rig.run('fmt --format ndjson');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(events.map(({ type }) => type)).toEqual(['start', 'file-written', 'loaded', 'end']);
    expect(events[1]).toMatchObject({ file: 'connections/a.yaml' });
  });
});

describe('fmt --check', () => {
  test('writes nothing, prints each file on its own line, and ends with 3', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    const ended = await rig.run('fmt --check');
    expect(ended).toEqual({
      exitCode: 3,
      stdout: '✗ connections/a.yaml\n1 of 2 manifests not formatted.\n',
      stderr: '',
    });
    expect(rig.read('connections/a.yaml')).toBe(UNTIDY);
    await rig.run('fmt');
    expect(await rig.run('fmt --check')).toMatchObject({ exitCode: 0, stdout: '2 manifests already formatted.\n' });
  });

  test('names the first line that would change', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', TIDY.replace('join_type: email', 'join_type:  email'));
    const { stdout } = await rig.run('fmt --check --format json');
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ code: 'unformatted', severity: 'error', file: 'connections/a.yaml', line: 7, column: 1 }],
    });
  });
});

describe('fmt reports problems and still formats the other files', () => {
  test.each([
    ['in a file that is not YAML', 'entity: [\n', 'yaml-syntax'],
    ['in a deeply nested document', `a: ${'['.repeat(50_000)}`, 'yaml-depth'],
    ['in a file that is not a manifest', 'entity: users\nid: b\n', 'missing-property'],
    ['with an anchor', manifest('users/b', ['other']).replace('id: b', 'id: &x b'), 'yaml-alias'],
    ['with a merge conflict', `<<<<<<< HEAD\n${manifest('users/b', ['other'])}=======\n`, 'conflict-markers'],
    ['in one of two documents', `${manifest('users/b', ['other'])}---\nentity: users\n`, 'missing-property'],
  ])('%s', async (_, text, code) => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    rig.write('connections/b.yaml', text);
    const ended = await rig.run('fmt --format json');
    expect(ended.exitCode).toBe(3);
    const problems = (text: string): unknown => (JSON.parse(text) as { readonly problems: unknown }).problems;
    expect(problems(ended.stdout)).toMatchObject([
      { code, file: 'connections/b.yaml' },
      ...more(problems(ended.stdout)),
    ]);
    expect(problems(ended.stdout)).toEqual(problems((await rig.run('validate --format json')).stdout));
    expect(rig.read('connections/b.yaml')).toBe(text);
    expect(rig.read('connections/a.yaml')).toBe(TIDY);
  });

  test('for a file without read permission and for a link, which it never follows', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    rig.write('elsewhere/b.yaml', UNTIDY);
    rig.write('connections/c.yaml', '\xFF'.repeat(1024 * 1024));
    symlinkSync(join(rig.folder, 'elsewhere/b.yaml'), join(rig.folder, 'connections/b.yaml'));
    const ended = await rig.run('fmt');
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('file-too-large');
    expect(ended.stderr).toContain('linked-file');
    expect(ended.stdout).toBe('~ connections/a.yaml\n1 of 2 manifests formatted.\n');
    expect(rig.read('elsewhere/b.yaml')).toBe(UNTIDY);
    expect(lstatSync(join(rig.folder, 'connections/b.yaml')).isSymbolicLink()).toBe(true);
  });

  test('for a missing folder', async () => {
    await using rig = await Rig.start();
    const ended = await rig.run('fmt --dir nowhere');
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('missing-folder');
  });

  test('but does not report warnings, and formats the file', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY.replace('type: string', 'type: yes'));
    expect(await rig.run('fmt')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rig.read('connections/a.yaml')).toBe(TIDY.replace('type: string', 'type: yes'));
  });
});

test('an interrupted fmt ends with 130, between two files', async () => {
  await using rig = await Rig.start();
  rig.write('connections/a.yaml', UNTIDY);
  expect((await rig.run('fmt', { stop: AbortSignal.abort() })).exitCode).toBe(130);
  expect(rig.read('connections/a.yaml')).toBe(UNTIDY);
});

function more(problems: unknown): readonly unknown[] {
  return (problems as readonly unknown[]).slice(1);
}
