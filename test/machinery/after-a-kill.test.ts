import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { manifest, Rig, type Ended } from '../rig/rig.ts';
import { liveKeys, recordedKeys, start } from './process.ts';

const FLAGS = ['--yes', '--allow-replace', '--max-deletes', '100%'];
const SETTLE = { CONNSYNC_SETTLE_MS: '2000' };
const MOVED = manifest('users/a').replace('join_type: email', 'join_type: user_id');

/** The next run, in this process: it is the killed one that needs one of its own. */
function apply(rig: Rig, ...flags: readonly string[]): Promise<Ended> {
  return rig.live(['apply', ...FLAGS, ...flags].join(' '), { env: SETTLE });
}

function journal(rig: Rig): readonly string[] {
  const text = textOf(rig, 'connections.lock.journal');
  return text === '' ? [] : text.split('\n');
}

/** Returns the text of a file that a running apply may remove at any time; empty if it is gone. */
function textOf(rig: Rig, file: string): string {
  try {
    return readFileSync(join(rig.folder, file), 'utf8');
  } catch {
    return '';
  }
}

/** Runs an apply that receives a signal a moment after its journal has the given number of lines of the given state. */
async function interrupted(
  rig: Rig,
  state: 'intent' | 'done',
  count: number,
  { signal = 'SIGKILL', flags = [] }: { signal?: NodeJS.Signals; flags?: readonly string[] } = {},
): Promise<void> {
  const run = start(rig, ['apply', ...FLAGS, ...flags], { env: SETTLE });
  while (run.child.exitCode === null && run.child.signalCode === null) {
    const lines = journal(rig).filter((line) => line.includes(`"state":"${state}"`));
    if (lines.length >= count) {
      await sleep(80);
      run.child.kill(signal);
      break;
    }
    await sleep(5);
  }
  await run.ended;
}

/** Returns a rig with one applied connection, or with the given manifests. */
async function team(...keys: readonly string[]): Promise<Rig> {
  const rig = await Rig.start();
  for (const key of keys)
    rig.write(`connections/${key}.yaml`, manifest(key, [key === 'users/a' ? 'plan' : `f_${key.at(-1)}`]));
  if (keys.length > 0) expect((await apply(rig)).exitCode).toBe(0);
  return rig;
}

describe.concurrent('after a kill', () => {
  test('a replace whose create is in flight is awaited, not created a second time', async () => {
    await using rig = await team('users/a');
    rig.datadog.setFaults({ duplicates: 'accept', rules: [{ kind: 'late', methods: ['POST'], times: 1, ms: 900 }] });
    rig.write('connections/users/a.yaml', MOVED);
    await interrupted(rig, 'intent', 2);
    expect((await apply(rig)).exitCode).toBe(0);
    await sleep(1_000);
    expect(rig.datadog.oracle.duplicates).toBe(0);
    expect(liveKeys(rig)).toEqual(['users/a']);
  });

  test('a replace that was interrupted is finished, and not created again by a plan whose list lags', async () => {
    await using rig = await team('users/a');
    rig.datadog.setFaults({ duplicates: 'accept', rules: [{ kind: 'drop-before', methods: ['POST'] }] });
    rig.write('connections/users/a.yaml', MOVED);
    await interrupted(rig, 'intent', 2);
    expect(liveKeys(rig)).toEqual([]);
    rig.datadog.setFaults({ duplicates: 'accept', listLagMs: 1_000 });
    expect((await apply(rig)).exitCode).toBe(0);
    expect(rig.datadog.oracle.duplicates).toBe(0);
    expect(liveKeys(rig)).toEqual(['users/a']);
  });

  test.each(['SIGKILL', 'SIGINT'] as const)(
    'a lagging list is awaited, although the create is known to be done (%s)',
    async (signal) => {
      await using rig = await Rig.start({ faults: { duplicates: 'accept', listLagMs: 1_200 } });
      rig.write('connections/a.yaml', manifest('users/a'));
      await interrupted(rig, 'done', 1, { signal });
      expect((await apply(rig)).exitCode).toBe(0);
      expect(rig.datadog.oracle.duplicates).toBe(0);
      expect(journal(rig)).toEqual([]);
    },
  );

  test('an update that a list does not show yet is not drift', async () => {
    await using rig = await team('users/a');
    rig.datadog.setFaults({ listLagMs: 1_000 });
    rig.write('connections/users/a.yaml', manifest('users/a', ['plan', 'more']));
    await interrupted(rig, 'done', 1);
    expect((await apply(rig, '--on-drift', 'refuse')).exitCode).toBe(0);
  });

  test('a key with an unknown state is left alone', async () => {
    await using rig = await Rig.start({
      faults: { duplicates: 'accept', rules: [{ kind: 'late', methods: ['POST'], times: 1, ms: 1_500 }] },
    });
    rig.write('connections/a.yaml', manifest('users/a'));
    await interrupted(rig, 'intent', 1);
    rig.datadog.setFaults({
      duplicates: 'accept',
      rules: [{ kind: 'error-before', status: 500, methods: ['GET'], paths: ['connections'], times: 3 }],
    });
    const blind = await apply(rig, '--max-retries', '0');
    expect(blind, blind.stderr).toMatchObject({ exitCode: 4 });
    expect(blind.stdout).toContain('not attempted');
    expect((await apply(rig)).exitCode).toBe(0);
    expect(rig.datadog.oracle.duplicates).toBe(0);
  });

  test('and another kill after the recovery, connsync still owns what it created', async () => {
    await using rig = await team('users/x');
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.setFaults({ rules: [{ kind: 'hang', methods: ['POST'], times: 1 }] });
    await interrupted(rig, 'intent', 1);
    rig.datadog.setFaults({ listLagMs: 800 });
    await interrupted(rig, 'done', 1);
    rig.datadog.setFaults(undefined);
    rig.remove('connections/a.yaml');
    const plan = await rig.live('plan');
    expect(plan.stdout).toContain('1 orphaned');
  });

  test('a replace whose create is refused in the recovery is deleted for good, and that is not drift', async () => {
    await using rig = await team('users/a', 'users/b');
    rig.write('connections/users/a.yaml', MOVED);
    rig.datadog.setFaults({ rules: [{ kind: 'hang', methods: ['POST'], times: 1 }] });
    await interrupted(rig, 'intent', 2);
    rig.datadog.setFaults({ rules: [{ kind: 'error-before', status: 400, methods: ['POST'] }] });
    const refused = await apply(rig);
    expect(refused.stderr).toContain('stopped between its delete and its create and cannot be completed');
    rig.datadog.setFaults(undefined);
    expect((await apply(rig, '--on-drift', 'keep')).exitCode).toBe(0);
    expect(liveKeys(rig)).toEqual(['users/a', 'users/b']);
  });

  test('the journal belongs to its site and organisation', async () => {
    await using rig = await Rig.start({ faults: { listLagMs: 1_200 } });
    await using other = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await interrupted(rig, 'done', 1);
    const env = { ...SETTLE, DD_API_URL: other.datadog.url };
    for (const site of [['--site', 'datadoghq.eu'], []])
      expect((await rig.live(['apply', ...FLAGS, ...site].join(' '), { env })).exitCode).toBe(6);
    expect(other.writes()).toEqual([]);
    expect(existsSync(join(rig.folder, 'connections.lock'))).toBe(false);
  });

  test.each(['refuse', 'keep'])('a field whose move was interrupted is not drift with on_drift %s', async (onDrift) => {
    await using rig = await team('users/a');
    rig.write('connections/users/a.yaml', manifest('users/a').replace('type: string', 'type: number'));
    rig.datadog.setFaults({ rules: [{ kind: 'hang', methods: ['PUT'], after: 2, times: 1 }] });
    await interrupted(rig, 'intent', 2);
    rig.datadog.setFaults(undefined);
    if (onDrift === 'keep') rig.write('connections/users/a.yaml', manifest('users/a'));
    const ended = await apply(rig, '--on-drift', onDrift);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    expect(ended.stderr + ended.stdout).not.toContain('outside Git');
    expect(rig.datadog.connections('users')[0]?.fields).toHaveLength(1);
  });

  test('a connection released by state rm is neither taken back nor pruned', async () => {
    await using rig = await team('users/a', 'users/b');
    rig.write('connections/users/a.yaml', manifest('users/a', ['plan', 'two']));
    rig.datadog.setFaults({ rules: [{ kind: 'late', methods: ['PUT'], times: 1, ms: 10 }] });
    await interrupted(rig, 'intent', 1);
    expect((await rig.live('state rm users/a')).exitCode).toBe(0);
    rig.remove('connections/users/a.yaml');
    expect((await apply(rig, '--prune')).exitCode).toBe(0);
    expect(liveKeys(rig)).toEqual(['users/a', 'users/b']);
  });

  test('a change that is recorded does not count again, although an old lockfile returns', async () => {
    await using rig = await team('users/x');
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.write('connections/b.yaml', manifest('users/b', ['f_b']));
    rig.datadog.setFaults({ rules: [{ kind: 'hang', methods: ['POST'], after: 2, times: 1 }] });
    await interrupted(rig, 'intent', 2, { flags: ['--concurrency', '1'] });
    rig.datadog.setFaults(undefined);
    const filtered = await apply(rig, '--target', 'users/a');
    expect(filtered.exitCode).toBe(0);
    expect(filtered.stderr, 'other open intents are reported').toContain('users/b');
    rig.remove('connections/a.yaml');
    expect((await apply(rig, '--target', 'users/a', '--prune')).exitCode).toBe(0);
    rig.datadog.seed('users', { id: 'a', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    expect((await apply(rig, '--target', 'users/a', '--prune')).exitCode).toBe(0);
    expect(liveKeys(rig)).toContain('users/a');
    expect(recordedKeys(rig.folder)).not.toContain('users/a');
  });

  test('a recovery that is refused ends only after all of its work has ended, with the lock still held', async () => {
    await using rig = await team('users/a');
    rig.write('connections/users/a.yaml', MOVED);
    rig.write('connections/b.yaml', manifest('accounts/b', ['z']));
    rig.datadog.setFaults({ rules: [{ kind: 'hang', methods: ['POST'] }] });
    await interrupted(rig, 'intent', 3);
    rig.datadog.setFaults({ rules: [{ kind: 'error-before', status: 403, methods: ['POST'] }] });
    const run = start(rig, ['apply', ...FLAGS], { env: { CONNSYNC_SETTLE_MS: '3000' } });
    let sentWhenGone: number | undefined;
    for (let seen = false; sentWhenGone === undefined && run.child.exitCode === null; await sleep(10)) {
      // At first, the lock is the one that the killed run left.
      const isLocked = textOf(rig, 'connections.lock.lock').includes(`"pid":${run.child.pid},`);
      seen ||= isLocked;
      if (seen && !isLocked) sentWhenGone = rig.sent().length;
    }
    const { exitCode } = await run.ended;
    expect(exitCode).toBe(6);
    expect(rig.sent(), 'nothing is sent once the lock is gone').toHaveLength(sentWhenGone ?? rig.sent().length);
  });

  test('an interrupted replace is not drift', async () => {
    await using rig = await team('users/a', 'users/c');
    rig.write('connections/users/a.yaml', MOVED);
    rig.datadog.setFaults({ rules: [{ kind: 'hang', methods: ['POST'], times: 1 }] });
    await interrupted(rig, 'intent', 2);
    rig.datadog.setFaults(undefined);
    const drift = await rig.live('drift');
    expect(drift.stdout).not.toContain('deleted outside Git');
    expect(drift.stderr).toContain('the replacement of users/a was interrupted');
  });
});

describe.concurrent('an answer in doubt', () => {
  test('stays open if a later attempt is denied', async () => {
    await using rig = await team('users/x');
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.write('connections/b.yaml', manifest('users/b', ['f_b']));
    rig.datadog.setFaults({
      listLagMs: 2_000,
      rules: [
        { kind: 'late', methods: ['POST'], after: 2, times: 1, ms: 1_800 },
        { kind: 'error-before', methods: ['POST'], status: 403, after: 2 },
      ],
    });
    rig.datadog.seed('users', {
      id: 'a',
      type: 'ref_table',
      join_attribute: 'user_email',
      join_type: 'email',
      fields: [{ id: 'plan', source_name: 'plan_column', type: 'string' }],
    });
    const ended = await apply(rig, '--concurrency', '1', '--timeout', '900ms');
    expect(ended.exitCode).toBe(6);
    rig.datadog.setFaults(undefined);
    await sleep(1_500);
    expect((await apply(rig)).exitCode).toBe(0);
    expect(recordedKeys(rig.folder)).toEqual(['users/a', 'users/b', 'users/x']);
    expect([...rig.datadog.oracle.creates.values()]).toEqual([1, 1]);
  });

  test('of an update that shows late is not mistaken for the server’s change', async () => {
    const labelled = (name: string): string =>
      manifest('users/a').replace('id: plan\n', `id: plan\n    display_name: ${name}\n`);
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', labelled('Old'));
    expect((await apply(rig)).exitCode).toBe(0);
    rig.datadog.setFaults({ listLagMs: 1_600 });
    rig.write('connections/a.yaml', labelled('New'));
    const ended = await apply(rig);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rig.read('connections.lock')).not.toContain('normalised');
  });

  test('of a create that Datadog changed is reported with the way out', async () => {
    await using rig = await Rig.start({
      faults: { normalise: 'lowercase', rules: [{ kind: 'drop-after', methods: ['POST'], times: 1 }] },
    });
    rig.write('connections/a.yaml', manifest('users/a').replace('id: plan\n', 'id: plan\n    display_name: Plan\n'));
    const ended = await apply(rig);
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('either this create as Datadog changed it, or someone else');
    expect(ended.stderr).toContain('connsync apply --adopt');
  });

  test('makes connsync report why it waits', async () => {
    await using rig = await Rig.start({ faults: { rules: [{ kind: 'drop-before', methods: ['POST'], times: 1 }] } });
    rig.write('connections/a.yaml', manifest('users/a'));
    const run = start(rig, ['apply', '--format', 'ndjson'], { env: { CONNSYNC_SETTLE_MS: '9000' } });
    await sleep(2_500);
    const second = start(rig, ['apply', '--format', 'ndjson', '--lock-timeout', '200ms']).ended;
    expect((await second).stdout).toContain('"reason":"another apply is running"');
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.exitCode).toBe(130);
    expect(ended.stdout).toContain('"reason":"checking the outcome of a request"');
  });
});
