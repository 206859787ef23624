import { spawn } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, manifest, Rig } from '../rig/rig.ts';

/** Runs the built command as a user without root rights, because root can write to every folder. */
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

describe.skipIf(process.platform === 'win32')('in a read-only folder', () => {
  test('validate, plan and drift work as anywhere else', async () => {
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

  test('a manifest that is not readable is an error and never treated as absent', async () => {
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
