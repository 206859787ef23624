import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { keepFigures, SEED, sizeOf } from './figures.ts';
import { faultsOf, STYLES } from './kills.ts';
import { liveKeys, recordedKeys, start, writeConnections } from './process.ts';

const DAYS = sizeOf('DAYS', 1);

describe.concurrent('on a bad day', () => {
  test.each(STYLES.slice(0, sizeOf('STYLES', 2)))(
    'with four of ten requests failing, 120 creates are done in at most three runs and three calls each (second create: %s)',
    async (style) => {
      for (let day = 0; day < DAYS; day += 1) {
        await using rig = await Rig.start({ faults: faultsOf({ faultRate: 0.4, style }, SEED + day) });
        writeConnections(rig, 120);
        let runs = 0;
        for (let exitCode: number | null = null; exitCode !== 0 && runs < 3; runs += 1) {
          const end = await start(rig, ['apply', '--concurrency', '16', '--timeout', '550ms']).ended;
          ({ exitCode } = end);
          if (exitCode !== 0) expect(end, end.stderr).toMatchObject({ exitCode: 4 });
        }
        const calls = rig.datadog.requests.length;
        rig.datadog.setFaults({ duplicates: style });
        expect(recordedKeys(rig.folder)).toHaveLength(120);
        expect(liveKeys(rig)).toEqual(recordedKeys(rig.folder));
        expect(rig.datadog.oracle.duplicates).toBe(0);
        expect(calls).toBeLessThanOrEqual(3 * 120);
        rig.datadog.resetLog();
        expect((await rig.live('apply')).exitCode).toBe(0);
        expect(rig.writes(), 'the next apply sends no write').toEqual([]);
        keepFigures(`40 % faults, second create: ${style}`, { runs, calls, creates: 120, duplicates: 0 });
      }
    },
    900_000 * DAYS,
  );

  test.each([
    ['drops every connection', 'dead', '30s'],
    ['answers 5xx', 'error-before', '30s'],
    ['never answers', 'hang', '2s'],
  ] as const)(
    'when Datadog %s halfway through, an apply stops soon, and the next one finishes',
    async (_, kind, timeout) => {
      const workers = 8;
      await using rig = await Rig.start({ faults: { rules: [{ kind, after: 30 }] } });
      writeConnections(rig, 100);
      const end = await start(rig, ['apply', '--concurrency', String(workers), '--timeout', timeout]).ended;
      expect(end, end.stderr).toMatchObject({ exitCode: 4 });
      expect(end.stdout).toMatch(/\d+ not attempted\./);
      const after = rig.datadog.requests.length - 29;
      expect(after).toBeLessThanOrEqual(10 + workers + 3);
      expect(recordedKeys(rig.folder)).toEqual(liveKeys(rig));
      keepFigures(`outage: ${kind}`, { callsAfterIt: after, seconds: Math.round(end.ms / 1_000) });
      rig.datadog.setFaults(undefined);
      const again = await rig.live('apply', { env: { CONNSYNC_SETTLE_MS: '600' } });
      expect(again, again.stderr).toMatchObject({ exitCode: 0 });
      expect(liveKeys(rig)).toHaveLength(100);
      expect(rig.datadog.oracle.duplicates).toBe(0);
    },
    900_000,
  );
});
