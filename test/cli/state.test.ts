import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

async function appliedKeys(...keys: readonly string[]): Promise<Rig> {
  const fieldOf = (key: string): string => `f_${key.replace(/\W/g, '_')}`;
  return await Rig.applied(
    Object.fromEntries(keys.map((key) => [`connections/${key}.yaml`, manifest(key, [fieldOf(key)])])),
  );
}

describe('drift', () => {
  test('shows all three sides next to each other, with the author and the next step', async () => {
    await using rig = await appliedKeys('users/same', 'users/edited', 'users/gone');
    rig.datadog.edit(
      'users',
      'edited',
      (connection) => ({
        ...connection,
        fields: connection.fields.map((field) => ({ ...field, source_name: 'theirs' })),
      }),
      'ana@acme.example',
    );
    rig.datadog.drop('users', 'gone');
    rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    const document = JSON.parse((await rig.live('drift --format json')).stdout) as {
      readonly connections: readonly object[];
    };
    expect(document).toMatchObject({
      formatVersion: '1.0',
      target: { site: 'datadoghq.com', org: rig.datadog.organisation },
      summary: { 'in-sync': 1, changed: 1, missing: 1, unmanaged: 1 },
    });
    expect(document.connections).toMatchObject([
      {
        key: 'users/edited',
        state: 'changed',
        updatedBy: 'ana@acme.example',
        changes: [
          { path: 'fields[f_users_edited].source_name', from: 'f_users_edited_column', to: 'theirs', cause: 'drift' },
        ],
      },
      { key: 'users/gone', state: 'missing', changes: [] },
      { key: 'users/same', state: 'in-sync', changes: [] },
      { key: 'users/stranger', state: 'unmanaged', changes: [] },
    ]);
    const { stdout, exitCode } = await rig.live('drift');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('edited in Datadog by ana@acme.example');
    expect(stdout).toContain('1 drifted, 1 missing, 1 unmanaged, 1 in sync.');
    expect(stdout).toContain('connsync accept users/edited');
    expect(stdout).toContain('connsync import users/stranger');
    expect((await rig.live('drift --detailed-exitcode')).exitCode).toBe(2);
    expect(rig.writes()).toEqual([]);
  });

  test('does not report an unmanaged connection or a change made only in Git', async () => {
    await using rig = await appliedKeys('users/a');
    rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    rig.write('connections/users/a.yaml', manifest('users/a', ['other']));
    expect((await rig.live('drift --detailed-exitcode')).exitCode).toBe(0);
  });

  test('without manifests and lockfile checks users and accounts', async () => {
    await using rig = await Rig.start();
    rig.write('connections/.keep', '');
    expect((await rig.live('drift')).exitCode).toBe(0);
    expect(rig.sent().filter((request) => request.endsWith('connections'))).toHaveLength(2);
  });

  test('requires credentials', async () => {
    await using rig = await appliedKeys('users/a');
    expect((await rig.run('drift')).exitCode).toBe(6);
  });
});

describe('state', () => {
  test('list and show print the records', async () => {
    await using rig = await appliedKeys('users/a', 'accounts/b');
    expect((await rig.run('state list')).stdout).toBe('accounts/b\nusers/a\n');
    expect(JSON.parse((await rig.run('state list --format json')).stdout)).toMatchObject({
      site: 'datadoghq.com',
      connections: [{ key: 'accounts/b' }, { key: 'users/a' }],
    });
    expect(JSON.parse((await rig.run('state show users/a')).stdout)).toMatchObject({
      key: 'users/a',
      spec: { join_type: 'email' },
    });
    expect((await rig.run('state show users/nobody')).exitCode).toBe(3);
  });

  test('rm stops managing a connection and sends nothing to Datadog', async () => {
    await using rig = await appliedKeys('users/a', 'users/b');
    expect((await rig.run('state rm users/b')).exitCode).toBe(0);
    expect(rig.read('connections.lock')).not.toContain('users/b');
    expect(rig.sent()).toEqual([]);
    expect(rig.datadog.connections('users')).toHaveLength(2);
    expect((await rig.run('state rm users/b')).exitCode).toBe(3);
  });

  test('rebuild repairs a damaged lockfile without losing records, and the plan is empty', async () => {
    await using rig = await appliedKeys('users/a', 'users/b');
    const before = rig.read('connections.lock');
    rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    rig.write('connections.lock', before.replace('email', 'emall'));
    expect((await rig.live('plan')).exitCode).toBe(5);
    const ended = await rig.live('state rebuild');
    expect(ended.exitCode).toBe(0);
    expect(rig.read('connections.lock')).toBe(before);
    expect(rig.read('connections.lock.damaged')).toContain('emall');
    expect((await rig.live('plan')).stdout).toContain('No changes. 2 unchanged. 1 unmanaged, left alone.');
    expect(rig.writes()).toEqual([]);
  });

  test('rebuild never makes a later apply clear values that the server or another person set', async () => {
    await using rig = await appliedKeys('users/a');
    rig.datadog.edit('users', 'a', (connection) => ({
      ...connection,
      fields: connection.fields.map((field) => ({ ...field, display_name: 'Filled in' })),
    }));
    await rig.live('state rebuild');
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.writes()).toEqual([]);
  });

  test('reads a union merge of two branches as both', async () => {
    await using rig = await appliedKeys('users/a');
    const base = rig.read('connections.lock');
    rig.write('connections/users/b.yaml', manifest('users/b', ['f_b']));
    await rig.live('apply');
    const one = rig.read('connections.lock');
    rig.write('connections.lock', base);
    rig.write('connections/users/c.yaml', manifest('users/c', ['f_c']));
    await rig.live('apply');
    const two = rig.read('connections.lock');
    const merged = [...new Set([...two.split('\n'), ...one.split('\n')])].filter((line) => line !== '').join('\n');
    rig.write('connections.lock', `${merged}\n`);
    expect((await rig.live('plan')).stdout).toContain('No changes. 3 unchanged.');
  });

  test('warns about two specs for one key offline without an action, and live settles them', async () => {
    await using rig = await appliedKeys('users/a');
    const before = rig.read('connections.lock');
    rig.write('connections/users/a.yaml', manifest('users/a', ['f_users_a', 'more']));
    await rig.live('apply');
    const lines = rig.read('connections.lock').trimEnd().split('\n');
    rig.write('connections.lock', `${[...lines, before.trimEnd().split('\n')[1]].join('\n')}\n`);
    const offline = await rig.run('plan');
    expect(offline.stdout).toContain('No changes.');
    expect(offline.stderr).toContain('two different records');
    expect((await rig.live('apply')).stdout).toContain('No changes. 1 unchanged.');
    expect(rig.read('connections.lock').trimEnd().split('\n')).toEqual(lines);
  });
});

describe('doctor', () => {
  test('passes with a working setup', async () => {
    await using rig = await appliedKeys('users/a');
    const ended = await rig.live('doctor');
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('API key ending aaaa (DD_API_KEY)');
    expect(ended.stdout).toContain(rig.datadog.organisation);
    expect(ended.stdout).not.toContain('aaaaaaaa');
    expect(rig.writes()).toEqual([]);
  });

  test.each([
    ['missing credentials', {}, '', 6, 'credentials'],
    ['a damaged lockfile', undefined, 'lock', 5, 'lockfile'],
    ['a broken manifest', undefined, 'manifest', 3, 'manifests'],
  ])('reports %s as a failure with its next step', async (_name, env, breaks, exitCode, name) => {
    await using rig = await appliedKeys('users/a');
    if (breaks === 'lock') rig.write('connections.lock', 'x\n');
    if (breaks === 'manifest') rig.write('connections/x.yaml', 'entity: [\n');
    const ended = env === undefined ? await rig.live('doctor --format json') : await rig.run('doctor --format json');
    expect(ended.exitCode).toBe(exitCode);
    const { checks } = JSON.parse(ended.stdout) as {
      readonly checks: readonly { readonly name: string; readonly state: string; readonly hint?: string }[];
    };
    const found = checks.find((check) => check.name === name);
    expect(found).toMatchObject({ state: 'failure' });
    expect(found?.hint).toBeDefined();
  });

  test('reports rejected keys and a wrong clock', async () => {
    await using rig = await appliedKeys('users/a');
    rig.datadog.answerNext({
      where: ({ path }) => path.endsWith('/connections'),
      status: 403,
      body: { errors: ['Forbidden'] },
      headers: { date: 'Mon, 01 Jan 2001 00:00:00 GMT' },
      times: 3,
    });
    const ended = await rig.live('doctor');
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toContain('403');
    expect(ended.stdout).toContain("set this machine's clock");
  });
});
