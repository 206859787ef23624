import { spawn } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { reaped } from '../rig/children.ts';
import { CLI, manifest, Rig } from '../rig/rig.ts';

/** Another user's rights from here on. Node itself has started by then, wherever it is installed. */
const DROP_RIGHTS = `if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }`;

/** A rig, with a folder beside it that holds a copy of the command: the clone may be below a folder that others can't enter. */
async function startRig(): Promise<{ readonly rig: Rig; readonly program: Rig } & AsyncDisposable> {
  const [rig, program] = [await Rig.start(), await Rig.start()];
  cpSync(dirname(CLI), join(program.folder, 'dist'), { recursive: true });
  writeFileSync(join(program.folder, 'drop-rights.cjs'), DROP_RIGHTS);
  for (const { folder } of [rig, program]) chmodSync(folder, 0o755);
  return {
    rig,
    program,
    [Symbol.asyncDispose]: async () => {
      for (const one of [rig, program]) await one[Symbol.asyncDispose]();
    },
  };
}

/** The built command as a user who isn't root: to root no folder is read-only. */
async function asOtherUser(
  { rig, program }: { readonly rig: Rig; readonly program: Rig },
  args: string,
): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
  const preload = ['--require', join(program.folder, 'drop-rights.cjs')];
  const child = reaped(
    spawn(process.execPath, [...preload, join(program.folder, 'dist/cli.cjs'), ...args.split(' ')], {
      cwd: rig.folder,
      env: { ...rig.keys },
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  let stderr = '';
  child.stderr.on('data', (text) => void (stderr += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stderr };
}

/** Returns why other users can't read what a test writes, or undefined if they can. */
function closedFolder(): string | undefined {
  if (process.platform === 'win32') return 'Windows has no such rights';
  for (let folder = tmpdir(); ; folder = dirname(folder)) {
    if (process.getuid?.() === 0 && (statSync(folder).mode & 0o001) === 0) return `others can't enter ${folder}`;
    if (folder === dirname(folder)) return undefined;
  }
}
const CLOSED = closedFolder();

describe.skipIf(CLOSED !== undefined)(
  `in a folder that may only be read${CLOSED === undefined ? '' : ` (${CLOSED})`}`,
  () => {
    test('validate, plan and drift do all that they do elsewhere', async () => {
      await using both = await startRig();
      const { rig } = both;
      rig.write('connections/a.yaml', manifest('users/a'));
      chmodSync(rig.folder, 0o555);
      for (const command of ['validate', 'plan', 'plan --offline', 'drift', 'doctor'])
        expect(await asOtherUser(both, command), command).toMatchObject({ exitCode: 0 });
      chmodSync(rig.folder, 0o755);
      expect(readdirSync(rig.folder)).toEqual(['connections']);
    });

    test('an apply ends with 5 before it sends anything', async () => {
      await using both = await startRig();
      const { rig } = both;
      rig.write('connections/a.yaml', manifest('users/a'));
      chmodSync(rig.folder, 0o555);
      const { exitCode, stderr } = await asOtherUser(both, 'apply');
      chmodSync(rig.folder, 0o755);
      expect(exitCode).toBe(5);
      expect(stderr).toContain('disk-failure');
      expect(rig.writes()).toEqual([]);
    });

    test('a manifest that may not be read is an error, and never taken for absent', async () => {
      await using both = await startRig();
      const { rig } = both;
      rig.write('connections/a.yaml', manifest('users/a'));
      rig.write('connections/b.yaml', manifest('users/b', ['other']));
      chmodSync(join(rig.folder, 'connections/b.yaml'), 0o200);
      chmodSync(rig.folder, 0o755);
      const { exitCode } = await asOtherUser(both, 'apply --prune --yes');
      expect(exitCode).toBe(3);
      expect(rig.sent()).toEqual([]);
    });
  },
);
