import { mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const APPLIED = { 'connections/a.yaml': manifest('users/a'), 'connsync.yaml': 'version: 1\n' };

describe('files that connsync depends on are not overwritten', () => {
  test.each([
    ['plan --offline --out connsync.yaml', 'connsync.yaml is the settings file'],
    ['plan --offline --out connections.lock', 'connections.lock is the lockfile'],
    ['plan --offline --out ./connections.lock.journal', 'connections.lock.journal is part of the lockfile'],
    ['plan --offline --out connections/plan.json', 'connections/plan.json is a manifest'],
    ['plan --site local --out connections.lock', 'connections.lock is the lockfile'],
    ['report --site local --out .connsync/local/connections.lock', "connections.lock is in connsync's own folder"],
    ['report --offline --out connections.lock', 'connections.lock is the lockfile'],
    ['report --offline --out connections/a.yaml', 'connections/a.yaml is a manifest'],
    ['schema --write connsync.yaml', 'connsync.yaml is the settings file'],
    ['schema --write connections/b.yml', 'connections/b.yml is a manifest'],
  ])('%s is refused with 3', async (args, expected) => {
    await using rig = await Rig.applied(APPLIED);
    const before = ['connsync.yaml', 'connections.lock', 'connections/a.yaml'].map((file) => rig.read(file));
    const { exitCode, stdout, stderr } = await rig.run(args);
    expect([exitCode, stdout + stderr]).toEqual([
      3,
      expect.stringContaining(`${expected}; connsync does not overwrite it`),
    ]);
    expect(['connsync.yaml', 'connections.lock', 'connections/a.yaml'].map((file) => rig.read(file))).toEqual(before);
  });

  test.each([
    'plan --offline --out plan.json',
    'report --offline --out report.html',
    'schema --write connections/.schema.json',
  ])('%s is written, also a second time', async (args) => {
    await using rig = await Rig.applied(APPLIED);
    expect([(await rig.run(args)).exitCode, (await rig.run(args)).exitCode]).toEqual([0, 0]);
  });
});

describe('invalid keys and globs', () => {
  test.each([
    ['import users', 'run connsync import --all --entity users'],
    ['import users/*', 'run connsync import --all --entity users'],
    ['import /x', 'A key is entity/id, for example users/crm-contacts.'],
    ['accept users/', 'A key is entity/id'],
  ])('%s is refused with 3, and no request is sent', async (args, expected) => {
    await using rig = await Rig.applied(APPLIED);
    rig.datadog.resetLog();
    const { exitCode, stderr } = await rig.live(args);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining(expected)]);
    expect(rig.sent()).toEqual([]);
  });

  test.each(['plan', 'apply'])(
    '%s says that a target matches nothing, with what was probably meant',
    async (command) => {
      await using rig = await Rig.applied(APPLIED);
      rig.write('connections/b.yaml', manifest('users/billing'));
      const { exitCode, stderr } = await rig.live(`${command} --target users/biling --exclude nobody/*`);
      expect(exitCode).toBe(0);
      expect(stderr).toContain('--target users/biling matches no connection  matches-nothing');
      expect(stderr).toContain('did you mean "users/billing"?');
      expect(stderr).toContain('--exclude nobody/* matches no connection');
      const fine = await rig.live(`${command} --target users/* --exclude users/a`);
      expect(fine.stderr).not.toContain('matches no connection');
    },
  );
});

describe('variants of asking for help', () => {
  test.each([
    ['help', 0, 'Plan and apply:'],
    ['help plan', 0, 'connsync plan'],
    ['help diff', 0, 'connsync plan'],
    ['help plann', 3, "unknown command 'plann'"],
    ['plan --tarrget x', 3, 'run connsync plan --help to list its flags'],
    ['emulator --port 99999', 3, 'at most 65535'],
    ['plan --site lokal', 3, 'did you mean "local"?'],
  ])('%s ends with %i', async (args, exitCode, expected) => {
    await using rig = await Rig.start();
    const ended = await rig.run(args);
    expect([ended.exitCode, ended.stdout + ended.stderr]).toEqual([exitCode, expect.stringContaining(expected)]);
  });
});

test('state reads the lockfile of --site local if that is given', async () => {
  await using rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a'));
  await rig.run('apply --site local');
  expect((await rig.run('state list')).stdout).toBe('');
  expect((await rig.run('state list --site local')).stdout).toContain('users/a');
  expect((await rig.run('drift --site local')).stdout).toContain('1 in sync');
  rig.remove('connections/a.yaml');
  expect((await rig.run('state rm users/a --site local')).stdout).toContain('removed from the lockfile');
  const { stdout } = await rig.run('drift --site local');
  expect(stdout).toContain('connsync import users/a --site local');
});

test('fmt counts only the files that it could read', async () => {
  await using rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a'));
  rig.write('connections/b.yaml', 'entity: [');
  const { exitCode, stdout } = await rig.run('fmt --check');
  expect([exitCode, stdout]).toEqual([3, '1 manifest already formatted.\n']);
  rig.remove('connections/a.yaml');
  expect((await rig.run('fmt')).stdout).toBe('');
});

describe('a write failure is reported with its reason and a next step', () => {
  const OUT: readonly (readonly [string, string, (rig: Rig) => void, string, string])[] = [
    [
      'a missing folder',
      'missing/out',
      () => undefined,
      'does not exist',
      'create it, or choose a file in another folder',
    ],
    [
      'a folder',
      'there',
      ({ folder }) => mkdirSync(join(folder, 'there')),
      'it is a folder',
      'choose a file in that folder, or elsewhere',
    ],
    [
      'a link',
      'link',
      ({ folder }) => symlinkSync('elsewhere', join(folder, 'link')),
      'it is a link, and connsync does not follow links',
      'pass the target file, or remove the link',
    ],
    [
      'a file instead of a folder',
      'file/out',
      (rig) => rig.write('file', 'theirs'),
      'is not a folder',
      'choose a file in another folder',
    ],
  ];

  test.each(
    OUT.flatMap((one) => [
      ['plan --offline --out', ...one] as const,
      ['report --offline --out', ...one] as const,
      // This command creates the folder and reports it.
      ...(one[1] === 'missing/out' ? [] : [['schema --write', ...one] as const]),
    ]),
  )('%s onto %s', async (command, _what, file, harm, why, next) => {
    await using rig = await Rig.applied(APPLIED);
    harm(rig);
    const { exitCode, stderr } = await rig.run(`${command} ${file}`);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(why);
    expect(stderr).toContain(`→ ${next}\n`);
    expect(stderr).not.toMatch(/free some space|ENOENT|ENOTDIR|EEXIST|\.tmp/);
  });
});

describe('a given path', () => {
  test('is shown as given if it is absolute and leads elsewhere, and relative to the current folder otherwise', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using other = await Rig.start();
    const outside = join(other.folder, 'a.json');
    const here = join(rig.folder, 'a.json');
    expect((await rig.run(`schema --write ${outside}`)).stdout).toBe(`wrote ${outside}\n`);
    expect((await rig.run(`schema --write ${here}`)).stdout).toBe('wrote a.json\n');
    const page = join(other.folder, 'a.html');
    expect((await rig.run(`report --offline --out ${page}`)).stdout).toContain(`wrote ${page}`);
    const up = relative(rig.folder, outside);
    expect((await rig.run(`schema --write ${up}`)).stdout).toBe(`${up} is up to date\n`);
    const trace = join(other.folder, 'missing/trace.jsonl');
    expect((await rig.live(`plan --trace ${trace}`)).stderr).toContain(`could not write ${trace}`);
  });
});
