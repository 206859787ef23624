import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../src/emulator/faults/random.ts';
import { Rig } from '../rig/rig.ts';
import { keepFigures, SEED, sizeOf } from './figures.ts';
import { liveKeys, recordedKeys, start, writeConnections } from './process.ts';

const SIGNALS = sizeOf('SIGNALS', 3);
const CONNECTIONS = sizeOf('SIGNAL_CONNECTIONS', 60);

describe('a signal', () => {
  test(
    `at any time of an apply of ${CONNECTIONS} ends it, with everything recorded that was done`,
    async () => {
      const random = randomFrom(SEED);
      let slowest = 0;
      let created = 0;
      for (let round = 0; round < SIGNALS; round += 1) {
        await using rig = await Rig.start();
        writeConnections(rig, CONNECTIONS);
        rig.datadog.latencyMs = random.between(1, 40);
        const { child, ended } = start(rig, ['apply', '--concurrency', '8']);
        await new Promise((resolve) => setTimeout(resolve, random.between(60, 1_100)));
        const sent = performance.now();
        const signal = random.oneOf<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP']);
        child.kill(signal);
        const end = await ended;
        slowest = Math.max(slowest, performance.now() - sent);
        // A process that does not handle signals yet simply dies. In that case it sent nothing.
        const expected = end.signal === null && end.exitCode !== 0 ? (signal === 'SIGINT' ? 130 : 143) : end.exitCode;
        expect(end.exitCode, end.stderr).toBe(expected);
        expect(recordedKeys(rig.folder)).toEqual(liveKeys(rig));
        created += liveKeys(rig).length;
        rig.datadog.latencyMs = 0;
        expect((await rig.live('apply')).exitCode).toBe(0);
        expect(liveKeys(rig)).toHaveLength(CONNECTIONS);
        expect(rig.datadog.oracle.duplicates).toBe(0);
      }
      keepFigures('signals', { rounds: SIGNALS, created, slowestMs: Math.round(slowest) });
    },
    300_000 + SIGNALS * 60_000,
  );

  test('does not make an apply wait for an answer longer than that', async () => {
    await using rig = await Rig.start({ faults: { rules: [{ kind: 'hang', methods: ['POST'] }] } });
    writeConnections(rig, 20);
    // Nothing but the signal ends these requests.
    const { child, ended } = start(rig, ['apply', '--timeout', '1h']);
    await rigHas(rig, 'POST');
    child.kill('SIGINT');
    const end = await ended;
    expect(end.exitCode).toBe(130);
    expect(end.stdout).toContain('16 not attempted');
    rig.datadog.setFaults(undefined);
    expect((await start(rig, ['apply']).ended).exitCode).toBe(0);
    expect(rig.datadog.oracle.duplicates).toBe(0);
    expect(liveKeys(rig)).toHaveLength(20);
  });

  test('that comes twice ends it immediately, and the next run finishes without repeating a change', async () => {
    await using rig = await Rig.start();
    writeConnections(rig, 20);
    rig.datadog.latencyMs = 1_500;
    const { child, ended } = start(rig, ['apply']);
    await rigHas(rig, 'POST');
    // Two signals at once would be one to a process that is too busy to take the first.
    const again = setInterval(() => child.kill('SIGINT'), 100);
    const end = await ended;
    clearInterval(again);
    expect(end.exitCode).toBe(130);
    expect(end.stdout, 'it did not wait for what was in flight').not.toContain('not attempted');
    rig.datadog.latencyMs = 0;
    const next = await start(rig, ['apply']).ended;
    expect(next, next.stderr).toMatchObject({ exitCode: 0 });
    expect(recordedKeys(rig.folder)).toHaveLength(20);
    expect(rig.datadog.oracle.duplicates).toBe(0);
    expect([...rig.datadog.oracle.creates.values()]).toEqual(Array.from({ length: 20 }, () => 1));
  });
});

async function rigHas(rig: Rig, method: string): Promise<void> {
  while (!rig.datadog.requests.some((request) => request.method === method))
    await new Promise((resolve) => setTimeout(resolve, 10));
}
