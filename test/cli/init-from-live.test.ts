import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { contents, seed } from './init-folder.ts';

describe('init --from-live', () => {
  test.each([1, 23])('imports all %i connections, and then a plan finds no changes', async (count) => {
    await using rig = await Rig.start();
    seed(rig, count);
    const ended = await rig.spawn('init --from-live --yes', { env: rig.keys });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rig.sent().every((request) => request.startsWith('GET '))).toBe(true);
    const manifests = Object.entries(contents(rig)).filter(([file]) => file.startsWith('connections/'));
    expect(manifests).toHaveLength(count);
    for (const [, text] of manifests)
      expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/\.vscode\/connsync\.schema\.json\n/);
    const plan = await rig.run('plan', { env: rig.keys });
    expect(plan).toMatchObject({ exitCode: 0, stderr: '' });
    expect(plan.stdout).toContain(`No changes. ${count} unchanged.`);
    expect((await rig.run('plan --offline')).stdout).toContain(`No changes. ${count} unchanged.`);
    expect((await rig.run('fmt --check')).exitCode).toBe(0);
  });

  test('writes the lockfile next to connsync.yaml, wherever the manifests are', async () => {
    await using rig = await Rig.start();
    seed(rig, 3);
    expect((await rig.live('init --from-live --yes --dir data/connections')).exitCode).toBe(0);
    expect(rig.read('connections.lock')).toContain('"manifests":["data/connections"]');
    expect((await rig.live('plan')).stdout).toContain('No changes. 3 unchanged.');
  });

  test('of an organisation without connections leaves an empty folder, in which a plan finds no changes', async () => {
    await using rig = await Rig.start();
    expect((await rig.live('init --from-live --yes')).exitCode).toBe(0);
    expect(existsSync(join(rig.folder, 'connections/.gitkeep'))).toBe(true);
    expect((await rig.live('plan')).stdout).toContain('No changes.');
  });

  test('lists the lockfile among the files it wrote', async () => {
    await using rig = await Rig.start();
    seed(rig, 2);
    expect((await rig.live('init --from-live --yes')).stdout).toContain('+ connections.lock  2 connections recorded\n');
  });

  test('leaves existing manifests and records unchanged, and a second run does nothing', async () => {
    await using rig = await Rig.start();
    seed(rig, 4);
    await rig.live('init --from-live --yes');
    const before = contents(rig);
    expect((await rig.live('init --from-live --yes')).stdout).toContain('Nothing was written.');
    expect(contents(rig)).toEqual(before);
  });

  test('works in the built-in emulator, whose lockfile is kept with its data', async () => {
    await using rig = await Rig.start();
    expect((await rig.run('init --yes --site local')).exitCode).toBe(0);
    expect((await rig.run('apply')).exitCode).toBe(0);
    rig.remove('connections');
    rig.remove('.connsync/local/connections.lock');
    expect((await rig.run('init --from-live --yes')).exitCode).toBe(0);
    expect((await rig.run('plan')).stdout).toContain('No changes. 1 unchanged.');
    expect(existsSync(join(rig.folder, 'connections.lock'))).toBe(false);
  });

  test.each([
    ['no keys', {}, 'no Datadog credentials are set'],
    ['keys that are refused', { DD_API_KEY: 'c'.repeat(32), DD_APP_KEY: 'd'.repeat(40) }, 'Datadog'],
  ])('with %s ends with 6 and writes nothing', async (_, env, message) => {
    await using rig = await Rig.start();
    rig.datadog.answerNext({ method: 'GET', status: 403, times: 5 });
    const { exitCode, stderr } = await rig.run('init --from-live --yes', {
      env: { DD_API_URL: rig.datadog.url, ...env },
    });
    expect(exitCode).toBe(6);
    expect(stderr).toContain(message);
    expect(contents(rig)).toEqual({});
  });

  test('reports a connection that it cannot import, and continues with the rest', async () => {
    await using rig = await Rig.start();
    seed(rig, 2);
    rig.datadog.seed('users', { id: 'a/b', type: 'ref_table', join_attribute: 'a', join_type: 'email', fields: [] });
    const { exitCode, stderr } = await rig.live('init --from-live --yes');
    expect(exitCode).toBe(4);
    expect(stderr).toContain("can't write users/a/b as a manifest");
    expect(Object.keys(contents(rig))).toContain('connections.lock');
  });
});
