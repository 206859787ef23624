import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const KEPT = 'connections/keep.yaml';
const LOST = 'connections/team/q.yaml';

async function applied(): Promise<Rig> {
  return Rig.applied({ [KEPT]: manifest('users/keep'), [LOST]: manifest('users/q') });
}

type Change = (rig: Rig) => void | Promise<void>;
const at = (rig: Rig, file: string): string => join(rig.folder, file);

/** Ways in which a manifest is there but is not read, and the path that the problem names. */
const UNREAD: Readonly<Record<string, readonly [string, Change]>> = {
  'a manifest that became a link': [
    LOST,
    (rig) => {
      renameSync(at(rig, LOST), at(rig, 'q.moved'));
      symlinkSync('../../q.moved', at(rig, LOST));
    },
  ],
  'a folder of manifests that became a link': [
    'connections/team',
    (rig) => {
      renameSync(at(rig, 'connections/team'), at(rig, 'team'));
      symlinkSync('../team', at(rig, 'connections/team'));
    },
  ],
  'a folder of manifests that became a link to nothing': [
    'connections/team',
    (rig) => {
      rig.remove('connections/team');
      symlinkSync('../gone', at(rig, 'connections/team'));
    },
  ],
  'a pipe named like a manifest': [
    LOST,
    (rig) => {
      rig.remove(LOST);
      execFileSync('mkfifo', [at(rig, LOST)]);
    },
  ],
  'a socket named like a manifest': [
    LOST,
    async (rig) => {
      rig.remove(LOST);
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(at(rig, LOST), resolve));
      server.unref();
    },
  ],
  'a folder named like a manifest': [
    LOST,
    (rig) => {
      rig.remove(LOST);
      mkdirSync(at(rig, LOST));
    },
  ],
  'a manifest outside a sparse checkout': [
    LOST,
    (rig) => {
      const git = (...args: readonly string[]): void =>
        void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
          cwd: rig.folder,
          stdio: 'ignore',
        });
      git('init');
      git('add', '-A');
      git('commit', '-m', 'all');
      git('update-index', '--skip-worktree', LOST);
      rig.remove(LOST);
    },
  ],
};

describe.each(Object.entries(UNREAD))('%s', (_, [path, change]) => {
  test('is never taken for deleted: nothing is pruned, and a problem names the path', async () => {
    await using rig = await applied();
    await change(rig);
    const ended = await rig.live('apply --prune --yes --max-deletes 5');
    expect(rig.writes()).toEqual([]);
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toContain(path);
    expect(ended.stderr).toContain('this run prunes and forgets nothing');
    expect(rig.read('connections.lock')).toContain('"users/q"');
  });

  test('is never forgotten, even if its connection is gone from Datadog', async () => {
    await using rig = await applied();
    await change(rig);
    rig.datadog.drop('users', 'q');
    const plan = JSON.parse((await rig.live('plan --prune --format json')).stdout) as { readonly actions: unknown[] };
    expect(plan.actions).toEqual([]);
    await rig.live('apply --prune --yes --max-deletes 5');
    expect(rig.read('connections.lock')).toContain('"users/q"');
  });
});

test.each(['q.YML', 'q.YAML', 'q.Yaml', 'q.JSON'])('reads a manifest named %s', async (name) => {
  await using rig = await applied();
  if (name.endsWith('JSON')) {
    rig.remove(LOST);
    rig.write(`connections/team/${name}`, JSON.stringify({ entity: 'users', id: 'q', type: 'ref_table' }));
    expect((await rig.run('validate')).stdout).toContain(name);
    return;
  }
  renameSync(at(rig, LOST), at(rig, `connections/team/${name}`));
  const ended = await rig.live('apply --prune --yes --max-deletes 5');
  expect(ended.exitCode).toBe(0);
  expect(rig.writes()).toEqual([]);
});

test('a link to a file that is no manifest, and hidden names, do not stop pruning', async () => {
  await using rig = await applied();
  rig.remove(LOST);
  symlinkSync('keep.yaml', at(rig, 'connections/notes.txt'));
  symlinkSync('..', at(rig, 'connections/.hidden'));
  await rig.live('apply --prune --yes --max-deletes 5');
  expect(rig.writes()).toHaveLength(1);
});
