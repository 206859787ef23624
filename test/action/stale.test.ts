import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import { push, rerun } from './rig/runner/events.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const A = { 'connections/a.yaml': manifest('users/a') };

/** Creates an event, then merges and applies further changes before its job begins. */
async function overtaken(stage: Stage, changes: Readonly<Record<string, string | null>>): Promise<string> {
  const old = await stage.tip();
  await stage.merge(changes);
  using applied = await stage.run({ command: 'apply' });
  expect(applied, applied.stdout).toMatchObject({ exitCode: 0 });
  stage.datadog.resetLog();
  return old;
}

describe('a re-run of an old event', SIDE_BY_SIDE, () => {
  test.each(['api', 'git'])(
    'is refused if the tip has newer manifests, and reverts nothing (%s)',
    SIDE_BY_SIDE,
    async (commit) => {
      await using stage = await Stage.start({ files: A });
      const old = await overtaken(stage, { 'connections/a.yaml': manifest('users/a', ['plan', 'newer']) });
      const tip = await stage.tip();
      using again = await stage.run(
        { command: 'apply', commit },
        { workspace: await stage.checkout(old), event: rerun(push(old)) },
      );
      expect(again.exitCode).toBe(1);
      expect(again.outputs).toMatchObject({ 'exit-code': '7', 'commit-status': 'skipped', applied: '0' });
      expect(again.summary).toContain('stale-checkout');
      expect(again.summary).toContain('connections/a.yaml');
      expect(stage.writes()).toEqual([]);
      expect(await stage.tip()).toBe(tip);
      expect(
        stage.datadog
          .connections('users')[0]
          ?.fields.map(({ id }) => id)
          .toSorted(),
      ).toEqual(['newer', 'plan']);
    },
  );

  test.each(['api', 'git'])(
    'continues if only other files have changed, and creates nothing twice (%s)',
    async (commit) => {
      await using stage = await Stage.start({ files: A });
      const hidden = { 'NOTES.md': 'newer\n', 'connections/README.md': 'newer\n', 'connections/.draft.yaml': 'x: 1\n' };
      const old = await overtaken(stage, hidden);
      using again = await stage.run(
        { command: 'apply', commit },
        { workspace: await stage.checkout(old), event: rerun(push(old)) },
      );
      expect(again, again.stdout).toMatchObject({ exitCode: 0 });
      expect(again.outputs).toMatchObject({ changes: 'false', 'commit-status': 'unchanged' });
      expect(stage.writes()).toEqual([]);
    },
  );

  test('is recognised by its commit if there is no repository on disk', async () => {
    await using stage = await Stage.start({ files: A });
    const download = async (sha: string): Promise<string> => {
      const folder = await stage.checkout(sha);
      rmSync(join(folder, '.git'), { recursive: true });
      return folder;
    };
    const old = await overtaken(stage, { 'connections/b.yaml': manifest('users/b') });
    const tip = await stage.tip();
    using fresh = await stage.run({ command: 'apply' }, { workspace: await download(tip), event: push(tip) });
    expect(fresh, fresh.stdout).toMatchObject({ exitCode: 0 });
    using stale = await stage.run({ command: 'apply' }, { workspace: await download(old), event: push(old) });
    expect(stale.outputs['exit-code']).toBe('7');
  });

  test.each([
    ['settings', 'connsync.yaml', 'version: 1\nprune: true\n', {}],
    ['a deleted manifest', 'connections/a.yaml', null, {}],
    [
      'a folder whose name starts with a dot',
      '.datadog/connections/a.yaml',
      manifest('users/a', ['x']),
      { 'working-directory': '.datadog' },
    ],
    [
      'a folder next to the working directory',
      'shared/a.yaml',
      manifest('users/a', ['x']),
      { 'working-directory': '.datadog', 'connections-path': '../shared' },
    ],
    ["the repository's root", 'a.yaml', manifest('users/a', ['x']), { 'connections-path': '.', lockfile: 'x.lock' }],
  ])('is refused because of %s too', async (_, path, text, inputs) => {
    const before = {
      'connsync.yaml': 'version: 1\n',
      ...A,
      '.datadog/connections/a.yaml': manifest('users/a'),
      'shared/a.yaml': manifest('users/a'),
    };
    const files =
      'connections-path' in inputs && inputs['connections-path'] === '.'
        ? { 'a.yaml': A['connections/a.yaml'] }
        : before;
    await using stage = await Stage.start({ files });
    const old = await stage.tip();
    await stage.merge({ [path]: text });
    for (const commit of ['api', 'git']) {
      const run = { workspace: await stage.checkout(old), event: push(old) };
      using ended = await stage.run({ command: 'apply', commit, ...inputs }, run);
      expect(ended.outputs['exit-code'], ended.stdout).toBe('7');
    }
    expect(stage.datadog.requests).toEqual([]);
  });
});

test.each(['api', 'git'])(
  'a lockfile with conflict markers fails with 5 and is never treated as empty (%s)',
  async (commit) => {
    await using stage = await Stage.start({ files: A });
    using first = await stage.run({ command: 'apply' });
    const lockfile = (await stage.github.remote.repository.read('connections.lock')) ?? '';
    const [head = '', line = ''] = lockfile.split('\n');
    await stage.merge({ 'connections.lock': `${head}\n<<<<<<< ours\n${line}\n=======\n>>>>>>> theirs\n` });
    stage.datadog.resetLog();
    using ended = await stage.run({ command: 'apply', commit });
    expect([first.exitCode, ended.exitCode]).toEqual([0, 1]);
    expect(ended.outputs).toMatchObject({ 'exit-code': '5', 'commit-status': 'skipped' });
    expect(ended.summary).toContain('lockfile-conflict');
    expect(stage.writes()).toEqual([]);
    expect(readFileSync(ended.outputs['plan-markdown-path'] ?? '', 'utf8')).toContain('unresolved merge conflict');
  },
);
