import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { CLI, manifest, Rig, type Ended } from '../rig/rig.ts';

const LONG = process.env['CONNSYNC_LONG'] === '1';
const MANIFESTS = LONG ? 20_000 : 5_000;

/** Runs the built command in a shell with few file descriptors and little memory. */
async function confined(rig: Rig, args: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const script = `ulimit -n 64 && exec "$0" "$1" ${args}`;
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', script, process.execPath, CLI],
      { cwd: rig.folder, env: { ...env, NODE_OPTIONS: '--max-old-space-size=256' }, maxBuffer: 2 ** 28 },
      (error, stdout, stderr) => resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe(`${MANIFESTS} manifests with 64 file descriptors and a heap of 256 MiB`, () => {
  test('are planned offline', async () => {
    await using rig = await Rig.start();
    for (let index = 0; index < MANIFESTS; index += 1)
      rig.write(`connections/${index % 50}/c${index}.yaml`, manifest(`users/c${index}`, [`f${index}`]));
    const ended = await confined(rig, 'plan --offline --format json');
    expect(ended.stderr).toBe('');
    expect(ended.exitCode).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ summary: { create: MANIFESTS } });
  }, 120_000);

  test('leave enough of both for an apply of a hundred changes, thirty-two at a time', async () => {
    await using rig = await Rig.start();
    for (let index = 0; index < 100; index += 1)
      rig.write(`connections/c${index}.yaml`, manifest(`users/c${index}`, [`f${index}`]));
    const ended = await confined(rig, 'apply --concurrency 32', rig.keys);
    expect(ended.exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toHaveLength(100);
    expect(rig.datadog.peak).toBeLessThanOrEqual(32);
  }, 120_000);
});
