import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';
import { WatchProcess } from '../watch/watch-process.ts';

/** Returns a rig with one manifest. */
async function rigWithOne(): Promise<Rig> {
  const rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a'));
  return rig;
}

describe('--max-files', () => {
  test('causes an error above the limit, and the skipped manifests are never treated as absent', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b', 'c']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [id]));
    expect((await rig.run('validate --max-files 3')).exitCode).toBe(0);
    const ended = await rig.live('plan --max-files 2 --format json');
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toContain('"too-many-files"');
    expect(ended.stdout).toContain('--max-files');
    expect(rig.sent()).toEqual([]);
  });

  test.each(['0', '-1', 'many', '1.5', '1e3'])('rejects %s as bad input', async (number) => {
    await using rig = await rigWithOne();
    expect((await rig.run(`validate --max-files ${number}`)).exitCode).toBe(3);
  });

  test('counts links and special files too, so that a folder full of them cannot cause endless warnings', async () => {
    await using rig = await rigWithOne();
    for (let index = 0; index < 20; index += 1)
      symlinkSync('a.yaml', join(rig.folder, `connections/link${index}.yaml`));
    const ended = await rig.run('validate --max-files 5 --format json');
    expect(ended.exitCode).toBe(3);
    const { problems } = JSON.parse(ended.stdout) as { readonly problems: readonly unknown[] };
    expect(problems.length).toBeLessThanOrEqual(7);
  });
});

describe('output files never go through a link or replace a special file', () => {
  test('with plan --out, which keeps a link and its target unchanged', async () => {
    await using rig = await rigWithOne();
    rig.write('precious', 'precious');
    symlinkSync('precious', join(rig.folder, 'plan.json'));
    const ended = await rig.live('plan --out plan.json');
    expect(ended.exitCode).toBe(5);
    expect(rig.read('precious')).toBe('precious');
    expect(lstatSync(join(rig.folder, 'plan.json')).isSymbolicLink()).toBe(true);
  });

  test('with plan --out, which does not replace a pipe or a device', async () => {
    await using rig = await rigWithOne();
    execFileSync('mkfifo', [join(rig.folder, 'plan.json')]);
    expect((await rig.live('plan --out plan.json')).exitCode).toBe(5);
    expect(lstatSync(join(rig.folder, 'plan.json')).isFIFO()).toBe(true);
    expect(readdirSync(rig.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test.each(['file', 'pipe'])('with --trace, which does not follow a link to a %s', async (what) => {
    await using rig = await rigWithOne();
    if (what === 'file') rig.write('precious', 'precious');
    else execFileSync('mkfifo', [join(rig.folder, 'precious')]);
    symlinkSync('precious', join(rig.folder, 'trace.jsonl'));
    const ended = await rig.live('plan --trace trace.jsonl');
    expect(ended.exitCode).toBe(5);
    expect(rig.sent()).toEqual([]);
    if (what === 'file') expect(rig.read('precious')).toBe('precious');
  });

  test('with --trace, which refuses a pipe without a reader instead of waiting', async () => {
    await using rig = await rigWithOne();
    execFileSync('mkfifo', [join(rig.folder, 'trace.jsonl')]);
    expect((await rig.spawn('plan --trace trace.jsonl', { env: rig.keys })).exitCode).toBe(5);
  });

  test('with import, which writes nothing through a linked folder', async () => {
    await using rig = await Rig.start();
    rig.datadog.seed('users', { id: 'theirs', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    mkdirSync(join(rig.folder, 'outside'));
    mkdirSync(join(rig.folder, 'connections'));
    symlinkSync('../outside', join(rig.folder, 'connections/users'));
    const ended = await rig.live('import --all');
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain('connections/users');
    expect(readdirSync(join(rig.folder, 'outside'))).toEqual([]);
    expect(existsSync(join(rig.folder, 'connections.lock'))).toBe(false);
  });
});

describe('input files cannot block connsync or exhaust its memory', () => {
  test.each(['pipe', 'endless device', 'link to a file'])(
    'a lockfile that is a %s is reported with 5',
    async (what) => {
      await using rig = await rigWithOne();
      const path = join(rig.folder, 'connections.lock');
      if (what === 'pipe') execFileSync('mkfifo', [path]);
      if (what === 'endless device') symlinkSync('/dev/zero', path);
      if (what === 'link to a file') symlinkSync('connections/a.yaml', path);
      for (const command of ['plan', 'apply', 'drift', 'state list', 'doctor']) {
        const ended = await rig.spawn(command, { env: rig.keys });
        expect(ended.exitCode, command).toBe(5);
      }
      expect(rig.writes()).toEqual([]);
    },
    300_000,
  );

  test.each(['pipe', 'endless device', 'link to nothing'])(
    'settings that are a %s are an error and never ignored',
    async (what) => {
      await using rig = await rigWithOne();
      const path = join(rig.folder, 'connsync.yaml');
      if (what === 'pipe') execFileSync('mkfifo', [path]);
      else symlinkSync(what === 'link to nothing' ? 'nowhere' : '/dev/zero', path);
      const ended = await rig.spawn('plan --format json', { env: rig.keys });
      expect(ended.exitCode).toBe(3);
      expect(ended.stdout).toContain('"unreadable-file"');
      expect(rig.sent()).toEqual([]);
    },
  );

  test('links, loops, devices and pipes among the manifests block nothing, and no outside file is read', async () => {
    await using rig = await rigWithOne();
    symlinkSync('/etc', join(rig.folder, 'connections/etc'));
    symlinkSync('..', join(rig.folder, 'connections/loop'));
    symlinkSync('/dev/zero', join(rig.folder, 'connections/zero.yaml'));
    execFileSync('mkfifo', [join(rig.folder, 'connections/pipe.yaml')]);
    const ended = await rig.spawn('validate --format json');
    expect(ended.exitCode).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ manifests: 1, connections: 1 });
  });
});

describe('a pipe without a writer does not block connsync', () => {
  const FIFO = (rig: Rig, file: string): void => {
    mkdirSync(dirname(join(rig.folder, file)), { recursive: true });
    execFileSync('mkfifo', [join(rig.folder, file)]);
  };

  test.each(['.gitignore', 'connsync.yaml', '.vscode/settings.json', 'connections/users/crm-contacts.yaml'])(
    'init reports that %s is not a file and writes nothing',
    async (file) => {
      await using rig = await Rig.start();
      FIFO(rig, file);
      const ended = await rig.spawn('init --yes');
      expect(ended.exitCode).toBe(5);
      expect(ended.stderr).toContain(`could not write ${file}: it is not a regular file`);
      expect(ended.stderr).toContain('→ nothing was written; move it away, then run connsync init again');
      expect(readdirSync(rig.folder)).toEqual([file.split('/')[0]]);
    },
  );

  test('init starts next to a .git that contains one', async () => {
    await using rig = await Rig.start();
    FIFO(rig, '.git/HEAD');
    FIFO(rig, '.git/refs/remotes/origin/HEAD');
    expect((await rig.spawn('init --yes')).exitCode).toBe(0);
    expect(rig.read('.github/workflows/connsync-apply.yml')).toContain('main');
  });

  test('schema --write leaves it unchanged', async () => {
    await using rig = await Rig.start();
    FIFO(rig, 'ff');
    const ended = await rig.spawn('schema connection --write ff');
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain('not a regular file');
    expect(lstatSync(join(rig.folder, 'ff')).isFIFO()).toBe(true);
  });

  test('watch reports a pipe as lockfile, and plans once it is gone', async () => {
    await using rig = await rigWithOne();
    FIFO(rig, 'connections.lock');
    await using watching = new WatchProcess(rig, '--offline', {});
    await watching.waitFor('problem', 0, { code: 'disk-failure', file: 'connections.lock' });
    await watching.waitFor('plan-skipped');
    rig.remove('connections.lock');
    await watching.waitFor('planned');
    expect((await watching.stop()).exitCode).toBe(130);
  });
});

test('every problem with reading has a next step', async () => {
  await using rig = await Rig.start();
  rig.write('connections/large.yaml', `# ${'x'.repeat(1024 * 1024)}`);
  rig.write('connections/bytes.yaml', '\uFEFF\uFEFFentity: users');
  const { stdout } = await rig.run('validate --format json');
  const { problems } = JSON.parse(stdout) as { readonly problems: readonly { readonly hint?: string }[] };
  expect(problems).toHaveLength(2);
  for (const { hint } of problems) expect(hint).toMatch(/\w/);
});
