import { describe, expect, test } from 'vitest';
import { recordedKeys, liveKeys } from '../machinery/process.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { quiet, typesOf, WatchProcess, type EventLine } from './watch-process.ts';

const NAMED = (name: string): string => `    display_name: ${name}\n`;

/** Returns a rig in which connections a and b are applied. */
const APPLIED = {
  'connections/a.yaml': manifest('users/a', ['a']),
  'connections/b.yaml': manifest('users/b', ['b']),
};

function lists(rig: Rig): number {
  return rig.sent().filter((request) => request.endsWith('/mapping/connections')).length;
}

async function ended(watching: WatchProcess, mark: number): Promise<readonly EventLine[]> {
  return watching.until((events) => {
    const types = typesOf(events);
    return types.includes('recorded') && types.lastIndexOf('planned') > types.lastIndexOf('recorded');
  }, mark);
}

describe('the live state', () => {
  test('is listed once, and every save is planned against that list', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig);
    await watching.waitFor('planned');
    for (const name of ['one', 'two', 'three']) {
      const { mark } = watching;
      rig.write('connections/a.yaml', manifest('users/a', ['a'], NAMED(name)));
      await watching.waitFor('planned', mark);
    }
    expect(watching.events[0]).toMatchObject({ compared: ['lockfile', 'live'] });
    expect(lists(rig)).toBe(1);
    expect(rig.writes()).toEqual([]);
    await watching.stop();
  });

  test('is listed again at the interval, and drift is reported with its author as it appears and disappears', async () => {
    await using rig = await Rig.applied(APPLIED);
    rig.write('connections/a.yaml', manifest('users/a', ['a'], NAMED('A')));
    expect((await rig.live('apply')).exitCode).toBe(0);
    rig.datadog.resetLog();
    await using watching = new WatchProcess(rig, '--interval 1s');
    await watching.waitFor('planned');
    const edited = watching.mark;
    const before = rig.datadog.connections('users').find(({ id }) => id === 'a');
    rig.datadog.edit('users', 'a', (connection) => ({
      ...connection,
      fields: connection.fields.map((field) => ({ ...field, display_name: 'Clicked' })),
    }));
    const events = await watching.waitFor('drift', edited);
    expect(events.find(({ type }) => type === 'drift')).toMatchObject({
      key: 'users/a',
      state: 'changed',
      changes: [{ path: 'fields[a].display_name', from: 'A', to: 'Clicked' }],
      updatedBy: expect.stringContaining('@') as unknown,
    });
    const again = watching.mark;
    await watching.until((later) => typesOf(later).filter((type) => type === 'scheduled').length >= 2, again);
    expect(typesOf(watching.since(again))).not.toContain('drift');
    const back = watching.mark;
    rig.datadog.edit('users', 'a', (connection) => ({ ...connection, ...before }));
    await watching.waitFor('drift', back, { key: 'users/a', state: 'in-sync' });
    const dropped = watching.mark;
    rig.datadog.drop('users', 'b');
    await watching.waitFor('drift', dropped, { key: 'users/b', state: 'missing' });
    await watching.stop();
    expect(rig.writes()).toEqual([]);
  });

  test('keeps the last lists if Datadog is unreachable once, and this is reported', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, '--interval 1s --max-retries 0');
    await watching.waitFor('planned');
    rig.datadog.answerNext({ method: 'GET', status: 500 });
    await watching.until((events) => typesOf(events).includes('problem'));
    const { mark } = watching;
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    expect(await watching.waitFor('planned', mark)).toContainEqual(
      expect.objectContaining({ type: 'action', kind: 'create', key: 'users/c' }),
    );
    await watching.stop();
  });

  test('ends the watch with 6 if the keys are rejected', async () => {
    await using rig = await Rig.applied(APPLIED);
    rig.datadog.answerNext({ method: 'GET', status: 403, where: ({ path }) => path.endsWith('/connections') });
    await using watching = new WatchProcess(rig);
    expect((await watching.ended).exitCode).toBe(6);
    expect(watching.events.at(-1)).toMatchObject({ type: 'end', exitCode: 6 });
    expect(typesOf(watching.events)).toContain('problem');
  });
});

describe('with --apply', () => {
  test('creates and updates on a save and records it, but does not start with pending changes', async () => {
    await using rig = await Rig.applied(APPLIED);
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    await quiet();
    expect(rig.writes()).toEqual([]);
    const { mark } = watching;
    rig.write('connections/a.yaml', manifest('users/a', ['a'], NAMED('A')));
    const events = await ended(watching, mark);
    expect(
      events.filter(({ type }) => type === 'applied').map(({ kind, key }) => `${String(kind)} ${String(key)}`),
    ).toEqual(expect.arrayContaining(['update users/a', 'create users/c']));
    expect(recordedKeys(rig.folder)).toEqual(['users/a', 'users/b', 'users/c']);
    const quietly = watching.mark;
    await quiet();
    expect(watching.since(quietly)).toEqual([]);
    expect((await watching.stop()).exitCode).toBe(130);
    expect(watching.events.at(-1)).toMatchObject({ type: 'end', applied: 2, failed: 0, skipped: 0 });
  });

  test('never prunes or replaces, whatever the flags, and reports both as held back', async () => {
    await using rig = await Rig.applied(APPLIED);
    rig.write('connections/d.yaml', manifest('users/d', ['d']));
    expect((await rig.live('apply')).exitCode).toBe(0);
    rig.datadog.resetLog();
    await using watching = new WatchProcess(rig, '--apply --yes --prune --allow-replace --max-deletes 100%');
    await watching.waitFor('planned');
    const { mark } = watching;
    rig.remove('connections/a.yaml');
    rig.write('connections/b.yaml', manifest('users/b', ['b']).replace('user_email', 'other'));
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    const events = await ended(watching, mark);
    expect(events).toContainEqual(expect.objectContaining({ type: 'action-deferred', kind: 'delete', key: 'users/a' }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'action-deferred', kind: 'replace', key: 'users/b' }),
    );
    await quiet();
    expect(liveKeys(rig)).toEqual(['users/a', 'users/b', 'users/c', 'users/d']);
    expect(rig.writes().every((request) => request.startsWith('POST '))).toBe(true);
    await watching.stop();
  });

  test('applies nothing if a file is broken', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    const { mark } = watching;
    rig.write('connections/b.yaml', 'entity: [');
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    await watching.waitFor('plan-skipped', mark);
    await quiet();
    expect(rig.writes()).toEqual([]);
    const fixedAt = watching.mark;
    rig.write('connections/b.yaml', manifest('users/b', ['b']));
    await ended(watching, fixedAt);
    expect(liveKeys(rig)).toEqual(['users/a', 'users/b', 'users/c']);
  });

  test('applies saves that happen during an apply after it has ended', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    rig.datadog.latencyMs = 300;
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    await watching.waitFor('started');
    rig.write('connections/d.yaml', manifest('users/d', ['d']));
    await watching.waitFor('applied', 0, { key: 'users/d' });
    expect(rig.datadog.oracle.duplicates).toBe(0);
    const applies = typesOf(watching.events).filter((type) => type === 'started' || type === 'applied');
    expect(applies).toEqual(['started', 'applied', 'started', 'applied']);
    rig.datadog.latencyMs = 0;
  });

  test('reports what a guard refuses and does not apply it', async () => {
    await using rig = await Rig.applied(APPLIED);
    rig.datadog.seed('users', { id: 'taken', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    const { mark } = watching;
    rig.write('connections/taken.yaml', manifest('users/taken', ['t'], NAMED('T')).replace('user_email', 'x'));
    await watching.waitFor('problem', mark, { code: 'takeover' });
    await quiet();
    expect(rig.writes()).toEqual([]);
  });

  test.each([
    ['--apply', 7, 'not-confirmed'],
    ['--apply --yes --offline', 3, 'conflicting-settings'],
    ['--yes', 3, 'conflicting-settings'],
    ['--yes --offline', 3, 'conflicting-settings'],
    ['--live --offline', 3, 'conflicting-settings'],
    ['--site datadoghq.org', 3, 'bad-site'],
  ])('%s off a terminal ends with %i', async (args, exitCode, code) => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, args);
    expect((await watching.ended).exitCode).toBe(exitCode);
    expect(watching.events.filter(({ type }) => type === 'problem')).toEqual([expect.objectContaining({ code })]);
    expect(rig.writes()).toEqual([]);
  });

  test('watch requires keys and ends with 6 without them', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, '--apply --yes', {});
    expect((await watching.ended).exitCode).toBe(6);
    expect(typesOf(watching.events)).toEqual(expect.arrayContaining(['problem', 'end']));
  });
});

describe('a signal', () => {
  test('ends the watch with 130 immediately, even during a list', async () => {
    await using rig = await Rig.applied(APPLIED);
    rig.datadog.latencyMs = 3_600_000;
    await using watching = new WatchProcess(rig);
    await watching.waitFor('loaded');
    expect((await watching.stop()).exitCode).toBe(130);
    rig.datadog.latencyMs = 0;
  });

  test('lets a running apply record its changes', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    rig.datadog.latencyMs = 400;
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    await watching.waitFor('started');
    expect((await watching.stop()).exitCode).toBe(130);
    expect(recordedKeys(rig.folder)).toEqual(liveKeys(rig));
    rig.datadog.latencyMs = 0;
  });
});

test('watch works with --site local without a key', async () => {
  await using rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a', ['a']));
  await using watching = new WatchProcess(rig, '--site local --apply --yes --interval 1s', {});
  await watching.waitFor('planned');
  const { mark } = watching;
  rig.write('connections/b.yaml', manifest('users/b', ['b']));
  await ended(watching, mark);
  const other = watching.mark;
  rig.write('connections/b.yaml', manifest('users/b', ['b'], NAMED('B')));
  expect(await ended(watching, other)).toContainEqual(
    expect.objectContaining({ type: 'applied', kind: 'update', key: 'users/b' }),
  );
  expect(await rig.run('plan --site local --detailed-exitcode')).toMatchObject({ exitCode: 0 });
  expect((await watching.stop()).exitCode).toBe(130);
});
