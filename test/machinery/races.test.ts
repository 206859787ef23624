import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { keepFigures, sizeOf } from './figures.ts';
import { liveKeys, recordedKeys, start, writeConnections } from './process.ts';

const PROCESSES = sizeOf('PROCESSES', 4);
const ROUNDS = sizeOf('RACES', 2);

describe('concurrent applies', () => {
  test(
    'over one lockfile run one after the other and repeat nothing',
    async () => {
      await using rig = await Rig.start();
      writeConnections(rig, 12);
      rig.datadog.latencyMs = 10;
      const runs = Array.from({ length: PROCESSES }, () => start(rig, ['apply', '--lock-timeout', '60s']).ended);
      for (const end of await Promise.all(runs)) expect(end, end.stderr).toMatchObject({ exitCode: 0 });
      expect(rig.writes()).toHaveLength(12);
      expect(recordedKeys(rig.folder)).toEqual(liveKeys(rig));
      expect(existsSync(join(rig.folder, 'connections.lock.lock'))).toBe(false);
      keepFigures('processes over one lockfile', { processes: PROCESSES, writes: 12 });
    },
    300_000 + PROCESSES * 20_000,
  );

  test('over one lockfile that do not wait name the lock holder and end with 5', async () => {
    await using rig = await Rig.start();
    writeConnections(rig, 4);
    rig.datadog.latencyMs = 300;
    const first = start(rig, ['apply']);
    while (!existsSync(join(rig.folder, 'connections.lock.lock')))
      await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await start(rig, ['apply']).ended;
    expect(second.exitCode).toBe(5);
    expect(second.stderr).toContain(`connections.lock is held by pid ${first.child.pid} (apply, `);
    expect(second.stderr).toContain('--lock-timeout 2m');
    expect((await first.ended).exitCode).toBe(0);
    const plan = await start(rig, ['plan']).ended;
    expect(plan.exitCode, 'a plan takes no lock').toBe(0);
  });

  test('take over a lock whose process was killed', async () => {
    await using rig = await Rig.start();
    writeConnections(rig, 4);
    rig.datadog.latencyMs = 300;
    const first = start(rig, ['apply']);
    while (!existsSync(join(rig.folder, 'connections.lock.lock')))
      await new Promise((resolve) => setTimeout(resolve, 5));
    first.child.kill('SIGKILL');
    await first.ended;
    expect(existsSync(join(rig.folder, 'connections.lock.lock'))).toBe(true);
    rig.datadog.latencyMs = 0;
    expect((await start(rig, ['apply']).ended).exitCode).toBe(0);
    expect(rig.datadog.oracle.duplicates).toBe(0);
  });

  test(
    'on two machines without shared state create nothing twice, if a second create is refused',
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await using rig = await Rig.start({
          faults: { seed: round, duplicates: round % 2 === 0 ? 'conflict' : 'bad-request' },
        });
        writeConnections(rig, 10);
        rig.datadog.latencyMs = 5;
        const other = mkdtempSync(join(tmpdir(), 'connsync-other-'));
        try {
          cpSync(join(rig.folder, 'connections'), join(other, 'connections'), { recursive: true });
          const ends = await Promise.all([start(rig, ['apply']).ended, start(rig, ['apply'], { cwd: other }).ended]);
          for (const end of ends) expect(end, end.stderr).toMatchObject({ exitCode: 0 });
          expect(rig.datadog.oracle.duplicates).toBe(0);
          expect(recordedKeys(rig.folder)).toEqual(liveKeys(rig));
          expect(recordedKeys(other)).toEqual(liveKeys(rig));
        } finally {
          rmSync(other, { recursive: true, force: true });
        }
      }
      keepFigures('two machines', { rounds: ROUNDS, duplicates: 0 });
    },
    300_000 + ROUNDS * 30_000,
  );
});
