import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';
import { keepFigures, SEED, sizeOf } from '../machinery/figures.ts';
import { failingRun } from './failing-runs.ts';

const RUNS = sizeOf('CANARIES', 40);

test(
  `no key appears in any stream or file after ${RUNS} failing runs`,
  async () => {
    const exits = new Map<number | null, number>();
    for (let index = 0; index < RUNS; index += 1) {
      const run = await failingRun(SEED + index);
      expect(run, JSON.stringify(run)).toMatchObject({ leaks: [] });
      expect(run.exitCode, JSON.stringify(run)).not.toBe(1);
      exits.set(run.exitCode, (exits.get(run.exitCode) ?? 0) + 1);
    }
    // Most of these runs end with 3, 4 or 6, and the codes vary.
    expect(exits.size).toBeGreaterThan(3);
    expect(exits.get(0) ?? 0).toBeLessThan(RUNS / 2);
    keepFigures('failing runs searched for keys', { runs: RUNS, found: 0 });
  },
  600_000 + RUNS * 20_000,
);

describe('keys', () => {
  test.each(['--api-key', '--app-key', '--dd-api-key', '--application-key', '--token', '--bearer-token'])(
    'are never taken from a flag such as %s',
    async (flag) => {
      await using rig = await Rig.start();
      rig.write('connections/a.yaml', manifest('users/a'));
      expect((await rig.run(`plan ${flag} ${'c'.repeat(32)}`)).exitCode).toBe(3);
    },
  );

  test('are not in the environment of child processes, and neither are variables that make a library print them', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const probe = `process.on('exit', () => require('fs').writeFileSync('children.txt', require('child_process').execFileSync(process.execPath, ['-p', 'JSON.stringify(process.env)'], { env: { ...process.env, NODE_OPTIONS: '' } })));`;
    rig.write('probe.cjs', probe);
    const token = { DATADOG_API_KEY: rig.keys['DD_API_KEY'] ?? '', DATADOG_APP_KEY: rig.keys['DD_APP_KEY'] ?? '' };
    const env = {
      ...rig.keys,
      ...token,
      DEBUG: '*',
      LEFT: 'alone',
      NODE_OPTIONS: `--require ${join(rig.folder, 'probe.cjs')}`,
    };
    expect((await rig.spawn('plan', { env })).exitCode).toBe(0);
    const seen = JSON.parse(readFileSync(join(rig.folder, 'children.txt'), 'utf8')) as Readonly<Record<string, string>>;
    expect(seen).toMatchObject({ LEFT: 'alone' });
    expect(Object.keys(seen).filter((name) => /^(?:DD|DATADOG)_.*(?:KEY|TOKEN)$|^DEBUG$/.test(name))).toEqual([]);
    expect(JSON.stringify(seen)).not.toContain(rig.keys['DD_API_KEY']);
  });

  test('may be surrounded by white space, but not contain it', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const key = 'd'.repeat(16);
    expect((await rig.live('plan', { env: { DD_API_KEY: `\n ${key}${key}\t\n` } })).exitCode).toBe(0);
    const ended = await rig.live('plan', { env: { DD_API_KEY: `${key} ${key}` } });
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout + ended.stderr).not.toContain(key);
  });

  test('in a connection end the run, because a committed file would contain them too', async () => {
    await using rig = await Rig.start();
    const { DD_API_KEY: key = '' } = rig.keys;
    rig.datadog.seed('users', {
      id: 'x',
      type: 'ref_table',
      join_attribute: 'y',
      join_type: 'email',
      metadata: { note: `key ${Buffer.from(key).toString('base64')}` },
    });
    const ended = await rig.live('import --all');
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain("with one of this run's keys in it");
    expect((await rig.live('plan')).exitCode).not.toBe(0);
  });
});
