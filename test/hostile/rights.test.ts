import { spawn } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, manifest, Rig } from '../rig/rig.ts';

/** The built command as somebody who is not root: to root no folder is read-only. */
async function asNobody(
  rig: Rig,
  args: string,
): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
  const somebodyElse = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(process.execPath, [CLI, ...args.split(' ')], {
    cwd: rig.folder,
    env: { ...rig.keys },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...somebodyElse,
  });
  let stderr = '';
  child.stderr.on('data', (text) => void (stderr += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stderr };
}

describe.skipIf(process.platform === 'win32')('in a folder that may only be read', () => {
  test('validate, plan and drift do all that they do elsewhere', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    chmodSync(rig.folder, 0o555);
    for (const command of ['validate', 'plan', 'plan --offline', 'drift', 'doctor'])
      expect(await asNobody(rig, command), command).toMatchObject({ exitCode: 0 });
    chmodSync(rig.folder, 0o755);
    expect(readdirSync(rig.folder)).toEqual(['connections']);
  });

  test('an apply ends with 5 before it sends anything', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    chmodSync(rig.folder, 0o555);
    const { exitCode, stderr } = await asNobody(rig, 'apply');
    chmodSync(rig.folder, 0o755);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('disk-failure');
    expect(rig.writes()).toEqual([]);
  });

  test('a manifest that may not be read is an error, and never taken for absent', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    chmodSync(join(rig.folder, 'connections/b.yaml'), 0o200);
    chmodSync(rig.folder, 0o755);
    const { exitCode } = await asNobody(rig, 'apply --prune --yes');
    expect(exitCode).toBe(3);
    expect(rig.sent()).toEqual([]);
  });
});
