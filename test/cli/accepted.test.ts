import { describe, expect, test } from 'vitest';
import { parseLockfile } from '../../src/core/lockfile.ts';
import { manifest, Rig } from '../rig/rig.ts';

const QUICK = { CONNSYNC_SETTLE_MS: '300' };
const A = 'connections/a.yaml';

const recordOf = (rig: Rig, key: string): unknown =>
  parseLockfile(rig.read('connections.lock'), 'connections.lock').records.get(key);

async function applied(): Promise<Rig> {
  return Rig.applied({ [A]: manifest('users/a', ['plan']) });
}

const labelled = (text: string): string =>
  manifest('users/a', ['plan']).replace('id: plan\n', `id: plan\n    display_name: ${text}\n`);

describe('a PUT that Datadog accepts without effect', () => {
  test('fails the action, keeps the former record, and is planned again', async () => {
    await using rig = await applied();
    const before = recordOf(rig, 'users/a');
    rig.write(A, labelled('Tier'));
    rig.datadog.answerNext({ method: 'PUT', status: 200 });
    const ended = await rig.live('apply --yes --format json', { env: QUICK });
    expect(ended.exitCode).toBe(4);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      applied: 0,
      failed: 1,
      outcomes: [{ key: 'users/a', status: 'failed', error: { method: 'PUT' } }],
    });
    expect(ended.stdout).toContain('did not apply fields[plan].display_name');
    expect(recordOf(rig, 'users/a')).toEqual(before);
    expect((await rig.live('plan')).stdout).toContain('1 to change');
    expect((await rig.live('apply --yes', { env: QUICK })).exitCode).toBe(0);
    expect((await rig.live('plan')).stdout).toContain('No changes.');
  });

  test('that should add a field fails as well', async () => {
    await using rig = await applied();
    rig.write(A, manifest('users/a', ['plan', 'tier']));
    rig.datadog.answerNext({ method: 'PUT', status: 200 });
    const ended = await rig.live('apply --yes', { env: QUICK });
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('did not apply fields[tier]');
    expect(rig.read('connections.lock')).not.toContain('tier');
  });

  test('that should remove a field keeps it in the record', async () => {
    await using rig = await Rig.applied({ [A]: manifest('users/a', ['plan', 'tier']) });
    rig.write(A, manifest('users/a', ['plan']));
    rig.datadog.answerNext({ method: 'PUT', status: 200 });
    const ended = await rig.live('apply --yes', { env: QUICK });
    expect(ended.exitCode).toBe(4);
    expect(rig.read('connections.lock')).toContain('tier');
    expect((await rig.live('plan --format json')).stdout).toContain('fields[tier]');
  });
});

describe('a POST that Datadog accepts', () => {
  /** Creates another connection than the one that was sent. */
  const creating = (rig: Rig, change: object) => () => {
    const connection = { id: 'a', type: 'ref_table', join_attribute: 'user_email', join_type: 'email', fields: [] };
    rig.datadog.seed('users', { ...connection, ...change });
    return true;
  };

  test('and drops a field fails, and the record is what the list shows', async () => {
    await using rig = await Rig.start();
    rig.write(A, manifest('users/a', ['plan']));
    rig.datadog.answerNext({ method: 'POST', status: 201, where: creating(rig, {}) });
    const ended = await rig.live('apply --yes', { env: QUICK });
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('did not apply fields[plan]');
    expect(rig.read('connections.lock')).not.toContain('"fields"');
    expect((await rig.live('apply --yes', { env: QUICK })).exitCode).toBe(0);
    expect((await rig.live('plan')).stdout).toContain('No changes.');
  });

  test('and stores another join fails, and the next plan offers the change', async () => {
    await using rig = await Rig.start();
    rig.write(A, manifest('users/a', []));
    rig.datadog.answerNext({ method: 'POST', status: 201, where: creating(rig, { join_attribute: 'other' }) });
    const ended = await rig.live('apply --yes', { env: QUICK });
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('did not apply join_attribute');
    expect((await rig.live('plan')).stdout).toContain('1 replacement');
  });
});

describe('a DELETE', () => {
  test('that Datadog accepts without effect fails, and the record stays', async () => {
    await using rig = await Rig.applied({ [A]: manifest('users/a'), 'connections/b.yaml': manifest('users/b') });
    rig.remove(A);
    rig.datadog.answerNext({ method: 'DELETE', status: 204 });
    const ended = await rig.live('apply --prune --yes', { env: QUICK });
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('its list still shows the connection');
    expect(rig.read('connections.lock')).toContain('users/a');
  });

  test('is awaited in a lagging list, so that the next run adopts no ghost', async () => {
    await using rig = await Rig.applied({ [A]: manifest('users/a'), 'connections/b.yaml': manifest('users/b') });
    const text = rig.read(A);
    rig.remove(A);
    rig.datadog.setFaults({ listLagMs: 700 });
    expect((await rig.live('apply --prune --yes', { env: { CONNSYNC_SETTLE_MS: '5000' } })).exitCode).toBe(0);
    rig.write(A, text);
    expect((await rig.live('plan')).stdout).toContain('1 to add');
  });

  test('of a connection that is gone already is reported so, and not counted as destroyed', async () => {
    await using rig = await Rig.applied({ [A]: manifest('users/a'), 'connections/b.yaml': manifest('users/b') });
    rig.remove(A);
    rig.datadog.answerNext({
      method: 'DELETE',
      status: 404,
      where: () => (rig.datadog.drop('users', 'a'), true),
    });
    const ended = await rig.live('apply --prune --yes', { env: QUICK });
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('already gone');
    expect(ended.stdout).toContain('0 destroyed. 1 already gone.');
  });
});
