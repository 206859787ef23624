import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { keepFigures } from './figures.ts';
import { liveKeys, missing, recordedKeys, start, writeConnections, type Ended } from './process.ts';

const NO_STRACE = missing('strace', '-f', '-e', 'inject=fsync:error=EIO:when=1', 'true');
const AFTER = ['users/c0', 'users/c1', 'users/c2', 'users/c3'];

/** A lockfile with one record, and three connections still to be created. */
async function begun(): Promise<Rig> {
  const rig = await Rig.start();
  writeConnections(rig, 1);
  expect((await rig.live('apply')).exitCode).toBe(0);
  writeConnections(rig, 3, 1);
  rig.datadog.resetLog();
  return rig;
}

/** Runs an apply in which the nth call of a system function fails. With a path, only calls for that path count. */
function under(rig: Rig, injection: string, path?: string): Promise<Ended> {
  const syscall = injection.split(':')[0] ?? '';
  const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${syscall}`, '-e', `inject=${injection}`];
  const only = path === undefined ? [] : ['-P', join(rig.folder, path)];
  return start(rig, ['apply', '--concurrency', '2'], { under: [...strace, ...only] }).ended;
}

/**
 * Checks that the lockfile is intact after a disk error, and that a run on a working disk repairs everything without
 * repeating a change.
 */
async function expectMadeGood(rig: Rig, before: string): Promise<void> {
  const left = rig.read('connections.lock');
  const recorded = recordedKeys(rig.folder);
  expect(left === before || recorded.length > 1, 'the old lockfile, or a new one that is whole').toBe(true);
  const again = await rig.live('apply', { env: { CONNSYNC_SETTLE_MS: '600' } });
  expect(again, again.stderr).toMatchObject({ exitCode: 0 });
  expect(recordedKeys(rig.folder)).toEqual(AFTER);
  expect(liveKeys(rig)).toEqual(AFTER);
  expect(rig.datadog.oracle.duplicates).toBe(0);
  expect(readdirSync(rig.folder).toSorted(), 'no temporary file is left').toEqual(['connections', 'connections.lock']);
}

describe.skipIf(NO_STRACE !== undefined)(`a disk that fails${NO_STRACE === undefined ? '' : ` (${NO_STRACE})`}`, () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['fdatasync', 'error=ENOSPC', undefined],
    ['fdatasync', 'error=EIO', undefined],
    ['fsync', 'error=ENOSPC', undefined],
    ['fsync', 'error=EROFS', undefined],
    ['rename', 'error=EACCES', undefined],
    ['rename', 'error=ENOSPC', undefined],
    ['write', 'error=ENOSPC', 'connections.lock.journal'],
    ['write', 'error=EIO', 'connections.lock.journal'],
    ['openat', 'error=EROFS', 'connections.lock.journal'],
    ['openat', 'error=EACCES', 'connections.lock.journal'],
    ['ftruncate', 'error=EIO', 'connections.lock.journal'],
    ['unlink', 'error=EACCES', 'connections.lock.journal'],
    ['fdatasync', 'signal=SIGKILL', undefined],
    ['fsync', 'signal=SIGKILL', undefined],
    ['rename', 'signal=SIGKILL', undefined],
  ];

  test.concurrent.each(cases)(
    'at any %s with %s (%s) keeps the old lockfile intact and loses nothing',
    async (syscall, fault, path) => {
      let runs = 0;
      for (let nth = 1, untouched = false; !untouched && nth < 40; nth += 1) {
        await using rig = await begun();
        const before = rig.read('connections.lock');
        const ended = await under(rig, `${syscall}:${fault}:when=${nth}`, path);
        runs += 1;
        const killed = ended.signal === 'SIGKILL' || ended.exitCode === 137;
        untouched = ended.exitCode === 0;
        if (!untouched && !killed) {
          expect(ended, ended.stderr).toMatchObject({ exitCode: 5 });
          expect(ended.stderr).not.toContain('a bug in connsync');
          expect(ended.stderr).toContain('→');
        }
        await expectMadeGood(rig, before);
      }
      expect(runs, 'at least one call was made to fail').toBeGreaterThan(1);
      keepFigures(`disk: ${syscall} ${fault} ${path ?? ''}`.trim(), { runs });
    },
    1_200_000,
  );

  test('and refuses the very first intent prevents every request', async () => {
    await using rig = await begun();
    const ended = await under(rig, 'fdatasync:error=ENOSPC:when=1+');
    expect(ended.exitCode).toBe(5);
    expect(rig.writes()).toEqual([]);
  });

  test('receives the lockfile’s bytes before its name, and its name before the run ends', async () => {
    await using rig = await begun();
    const log = join(rig.folder, 'log');
    const trace = ['strace', '-f', '-qq', '-y', '-o', log, '-e', 'trace=fsync,fdatasync,rename'];
    expect((await start(rig, ['apply'], { under: trace }).ended).exitCode).toBe(0);
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .flatMap((line) => /(fsync|fdatasync|rename)\((.*)\)\s+= 0/.exec(line)?.slice(1, 3).join(' ') ?? []);
    const at = (pattern: RegExp): number => calls.findIndex((call) => pattern.test(call));
    const order = [
      at(/^fsync .*connections-?|^fsync .*connsync-test-[^/>]*>/),
      at(/^fsync .*connections\.lock\.[0-9a-f]+\.tmp>/),
      at(/^rename .*connections\.lock"/),
    ];
    expect(at(/^fdatasync .*journal>/)).toBeGreaterThanOrEqual(0);
    expect(
      order.every((place) => place >= 0),
      calls.join('\n'),
    ).toBe(true);
    expect(order[1]).toBeLessThan(order[2] ?? 0);
    expect(calls.at(-1)).toMatch(/^fsync .*connsync-test-[^/>]*>/);
  });
});
