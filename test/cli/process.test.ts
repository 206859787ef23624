import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, manifest, Rig } from '../rig/rig.ts';

describe('the built command in its own process', () => {
  test('prints the package’s version with --version', async () => {
    await using rig = await Rig.start();
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      readonly version: string;
    };
    for (const flag of ['--version', '-V'])
      expect(await rig.spawn(flag)).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('validates, plans, applies and settles', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    expect(await rig.spawn('validate')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await rig.spawn('apply', { env: rig.keys })).exitCode).toBe(0);
    expect((await rig.spawn('plan', { env: rig.keys })).stdout).toContain('No changes. 1 unchanged.');
    expect(rig.datadog.requests[0]?.userAgent).toMatch(/^connsync\/\d+\.\d+\.\d+ \(node .+; os .+; arch .+\)$/);
  });

  test('prints no key in a failing run', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const key = rig.keys['DD_API_KEY'] ?? '';
    rig.datadog.answerNext({
      where: ({ path }) => path.endsWith('/connections'),
      status: 403,
      body: { errors: [`no such key ${key}, nor ${Buffer.from(key).toString('base64')}`] },
      times: 9,
    });
    const ended = await rig.spawn('plan --verbose', { env: rig.keys });
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toContain('Datadog returned 403');
    expect(ended.stdout + ended.stderr).not.toContain(key);
    expect(ended.stdout + ended.stderr).not.toContain(Buffer.from(key).toString('base64'));
  });

  test('ends quietly if the reader closes the pipe', async () => {
    await using rig = await Rig.start();
    for (let index = 0; index < 300; index += 1)
      rig.write(`connections/c${index}.yaml`, manifest(`users/c${index}`, [`field_${index}`]));
    const child = spawn('sh', ['-c', `"${process.execPath}" "${CLI}" plan | head -1`], {
      cwd: rig.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => void (stderr += text));
    child.stdout.resume();
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('');
  });

  test('lets requests in flight finish on SIGINT, records them, and ends with 130', async () => {
    await using rig = await Rig.start();
    for (let index = 0; index < 20; index += 1)
      rig.write(`connections/c${index}.yaml`, manifest(`users/c${index}`, [`field_${index}`]));
    rig.datadog.latencyMs = 100;
    const child = spawn(process.execPath, [CLI, 'apply', '--concurrency', '2'], {
      cwd: rig.folder,
      env: { ...rig.keys },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stopped = false;
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString();
      if (!stopped && stdout.includes('✓ users/')) stopped = child.kill('SIGINT');
    });
    child.stderr.resume();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
    const created = rig.datadog.connections('users').map(({ id }) => `users/${id}`);
    expect(created.length).toBeGreaterThan(0);
    expect(created.length).toBeLessThan(20);
    const recorded = [...rig.read('connections.lock').matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key);
    expect(recorded.toSorted()).toEqual(created.toSorted());
    expect(stdout).toContain('not attempted.');
    rig.datadog.latencyMs = 0;
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toHaveLength(20);
  });

  test('emulator prints its address first, serves it, and ends with 0', async () => {
    await using rig = await Rig.start();
    const child = spawn(process.execPath, [CLI, 'emulator', '--data', 'data'], {
      cwd: rig.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const first = await new Promise<string>((resolve) =>
      child.stdout.once('data', (text: Buffer) => resolve(text.toString())),
    );
    expect(first).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
    const url = first.trim().split(' ').at(-1) ?? '';
    rig.write('connections/a.yaml', manifest('users/a'));
    expect((await rig.run('apply', { env: { ...rig.keys, DD_API_URL: url } })).exitCode).toBe(0);
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(rig.read('data/connections.json')).toContain('"a"');
  });

  test('demo runs to the end and leaves nothing behind', async () => {
    await using rig = await Rig.start();
    const ended = await rig.spawn('demo', { env: { ...rig.keys, TMPDIR: rig.folder } });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const commands = [...ended.stdout.matchAll(/^\$ (.+)$/gm)].map(([, command]) => command);
    expect(commands).toEqual(['connsync validate', 'connsync plan', 'connsync apply --yes', 'connsync plan']);
    expect(ended.stdout).toContain('Apply complete!');
    expect(ended.stdout).toContain('No changes.');
    expect(rig.sent()).toEqual([]);
    const { readdirSync } = await import('node:fs');
    // Node 22 and later keep their own cache of compiled code in this folder.
    expect(readdirSync(rig.folder).filter((name) => name !== 'node-compile-cache')).toEqual([]);
  });
});
