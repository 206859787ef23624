import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const BASE = '/api/v2/product-analytics/users/mapping/connection';

/** Returns a rig on which these connections are already applied and whose request log is empty. */
async function appliedFiles(...manifests: readonly (readonly [string, string])[]): Promise<Rig> {
  return await Rig.applied(Object.fromEntries(manifests.map(([file, text]) => [`connections/${file}.yaml`, text])));
}

function bodies(rig: Rig): readonly unknown[] {
  return rig.datadog.requests.filter(({ method }) => method !== 'GET').map(({ body }) => body);
}

describe('update in place', () => {
  test('is one PUT with only the changed values, and then no further change', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a', ['plan', 'seats', 'old'])]);
    rig.write(
      'connections/a.yaml',
      `${manifest('users/a', ['plan', 'seats', 'region'])}    display_name: Region\n`.replace(
        'id: plan\n',
        'id: plan\n    display_name: Plan\n',
      ),
    );
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('Plan: 0 to add, 1 to change, 0 to destroy.');
    expect(ended.stdout).toContain('Apply complete! Resources: 0 added, 1 changed, 0 destroyed.');
    expect(rig.writes()).toEqual([`PUT ${BASE}`]);
    expect(bodies(rig)).toEqual([
      {
        data: {
          type: 'connection_id',
          id: 'a',
          attributes: {
            fields_to_add: [{ id: 'region', source_name: 'region_column', type: 'string', display_name: 'Region' }],
            fields_to_update: [{ field_id: 'plan', updated_display_name: 'Plan' }],
            fields_to_delete: ['old'],
          },
        },
      },
    ]);
    rig.datadog.resetLog();
    expect((await rig.live('apply')).stdout).toContain('No changes.');
    expect(rig.writes()).toEqual([]);
  });

  test('of a column is two PUTs, and the plan says that the field is unavailable in between', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')]);
    rig.write('connections/a.yaml', manifest('users/a').replace('plan_column', 'other_column'));
    const ended = await rig.live('apply');
    expect(ended.stdout).toContain('unavailable in between: plan');
    expect(bodies(rig)).toMatchObject([
      { data: { attributes: { fields_to_delete: ['plan'] } } },
      { data: { attributes: { fields_to_add: [{ source_name: 'other_column' }] } } },
    ]);
    expect((await rig.live('plan')).stdout).toContain('No changes.');
  });

  test('with a declared rename keeps the field, and later reports that the declaration can be removed', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a', ['tier'])]);
    rig.write(
      'connections/a.yaml',
      manifest('users/a', ['tier'], 'connsync:\n  renamed_fields: {tier: customer_tier}\n').replace(
        'id: tier',
        'id: customer_tier',
      ),
    );
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(bodies(rig)).toMatchObject([
      { data: { attributes: { fields_to_update: [{ field_id: 'tier', updated_field_id: 'customer_tier' }] } } },
    ]);
    const again = await rig.live('plan');
    expect(again.stdout).toContain('No changes.');
    expect(again.stderr).toContain('stale-rename');
  });

  test('clears a description that the manifest drops', async () => {
    await using rig = await appliedFiles([
      'a',
      manifest('users/a').replace('type: string\n', 'type: string\n    description: old words\n'),
    ]);
    rig.write('connections/a.yaml', manifest('users/a'));
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(bodies(rig)).toMatchObject([
      { data: { attributes: { fields_to_update: [{ field_id: 'plan', updated_description: '' }] } } },
    ]);
    expect((await rig.live('plan')).stdout).toContain('No changes.');
  });

  test('whose second PUT is refused leaves the field out, says so, and the next apply adds it again', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')]);
    rig.write('connections/a.yaml', manifest('users/a').replace('plan_column', 'other_column'));
    rig.datadog.answerNext({
      method: 'PUT',
      status: 400,
      body: { errors: ['no such column'] },
      where: ({ body }) => JSON.stringify(body).includes('fields_to_add'),
    });
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('no such column (an earlier request of this action succeeded)');
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toMatchObject([{ fields: [{ id: 'plan', source_name: 'other_column' }] }]);
  });

  test('resolves a lost answer from the live state', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')]);
    rig.write('connections/a.yaml', manifest('users/a').replace('id: plan\n', 'id: plan\n    display_name: Plan\n'));
    rig.datadog.answerNext({
      method: 'PUT',
      status: 504,
      where: () => (
        rig.datadog.edit('users', 'a', (connection) => ({
          ...connection,
          fields: connection.fields.map((field) => ({ ...field, display_name: 'Plan' })),
        })),
        true
      ),
    });
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.writes()).toHaveLength(1);
  });
});

describe('replace', () => {
  const MOVED = manifest('users/a').replace('join_type: email', 'join_type: user_id');

  test('without consent is refused and sends nothing', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')]);
    rig.write('connections/a.yaml', MOVED);
    const ended = await rig.live('apply --yes');
    expect(ended.exitCode).toBe(7);
    expect(ended.stdout).toContain('-/+ users/a  replace');
    expect(ended.stdout).toContain('forces replacement');
    expect(ended.stdout).toContain('temporarily removes @plan');
    expect(ended.stderr).toContain('--allow-replace');
    expect(rig.writes()).toEqual([]);
  });

  test.each([
    ['the flag', MOVED, '--allow-replace'],
    ['the manifest', `${MOVED}connsync:\n  allow: [replace]\n`, ''],
  ])('with the consent of %s is a DELETE and a POST', async (_name, text, flag) => {
    await using rig = await appliedFiles(['a', manifest('users/a')]);
    rig.write('connections/a.yaml', text);
    const ended = await rig.live(`apply --yes ${flag}`);
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('Plan: 1 to add, 0 to change, 1 to destroy. 1 replacement.');
    expect(rig.writes()).toEqual([`DELETE ${BASE}/a`, `POST ${BASE}`]);
    expect((await rig.live('plan')).stdout).toContain('No changes.');
  });

  test('off a terminal requires --yes', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')]);
    rig.write('connections/a.yaml', MOVED);
    expect((await rig.live('apply --allow-replace')).exitCode).toBe(7);
    expect(rig.writes()).toEqual([]);
  });

  test('whose POST is refused reports the deletion, and the next apply creates the connection', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')]);
    rig.write('connections/a.yaml', MOVED);
    rig.datadog.answerNext({ method: 'POST', status: 400, body: { errors: ['not now'] } });
    const ended = await rig.live('apply --yes --allow-replace');
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('not now (connsync deleted the connection and did not create it again)');
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toMatchObject([{ join: { type: 'user_id' } }]);
  });

  test('of a protected connection is refused even with consent', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a', ['plan'], 'connsync:\n  protect: true\n')]);
    rig.write('connections/a.yaml', MOVED);
    expect((await rig.live('apply --yes --allow-replace')).exitCode).toBe(7);
    expect(rig.writes()).toEqual([]);
  });
});

describe('prune', () => {
  test('is off by default: an orphan is reported and left alone', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')], ['b', manifest('users/b', ['other'])]);
    rig.remove('connections/b.yaml');
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('1 orphaned, left alone.');
    expect(ended.stderr).toContain('users/b is in the lockfile and in Datadog');
    expect(rig.writes()).toEqual([]);
  });

  test.each([
    ['--prune', 'version: 1\n'],
    ['', 'version: 1\nprune: true\n'],
  ])('deletes connections that only the lockfile has, by %o and %o', async (flag, settings) => {
    await using rig = await appliedFiles(['a', manifest('users/a')], ['b', manifest('users/b', ['other'])]);
    rig.write('connsync.yaml', settings);
    rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    rig.remove('connections/b.yaml');
    const ended = await rig.live(`apply --yes ${flag}`);
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('removes @other');
    expect(rig.writes()).toEqual([`DELETE ${BASE}/b`]);
    expect(rig.datadog.connections('users').map(({ id }) => id)).toEqual(['a', 'stranger']);
    expect(rig.read('connections.lock')).not.toContain('users/b');
  });

  test('--no-prune overrides the setting', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')], ['b', manifest('users/b', ['other'])]);
    rig.write('connsync.yaml', 'version: 1\nprune: true\n');
    rig.remove('connections/b.yaml');
    expect((await rig.live('apply --no-prune')).exitCode).toBe(0);
    expect(rig.writes()).toEqual([]);
  });

  test('never deletes a protected connection whose manifest is gone', async () => {
    await using rig = await appliedFiles(
      ['a', manifest('users/a')],
      ['b', manifest('users/b', ['other'], 'connsync:\n  protect: true\n')],
    );
    rig.remove('connections/b.yaml');
    const ended = await rig.live('apply --prune --yes');
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toContain('users/b has no manifest but is protected');
    expect(rig.writes()).toEqual([]);
  });

  test('over folders other than those of the lockfile deletes nothing and says so', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')], ['b', manifest('users/b', ['other'])]);
    rig.write('elsewhere/c.yaml', manifest('users/c', ['third']));
    const ended = await rig.live('apply --prune --yes --dir elsewhere --lockfile connections.lock');
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toContain('connsync does not prune');
    expect(rig.writes()).toEqual([`POST ${BASE}`]);
    expect(rig.read('connections.lock').split('\n')[0]).toContain('"manifests":["connections"]');
  });

  test('beyond the limit is refused with the number that would allow it', async () => {
    await using rig = await appliedFiles(
      ...['a', 'b', 'c', 'd'].map((id) => [id, manifest(`users/${id}`, [`f_${id}`])] as const),
    );
    for (const id of ['b', 'c', 'd']) rig.remove(`connections/${id}.yaml`);
    const ended = await rig.live('apply --prune --yes');
    expect(ended.exitCode).toBe(7);
    expect(ended.stderr).toContain('refusing to destroy 3 of 4 connections (limit: 30 %, here 1)');
    expect(rig.writes()).toEqual([]);
    expect((await rig.live('apply --prune --yes --max-deletes 3')).exitCode).toBe(0);
    expect(rig.writes()).toHaveLength(3);
  });

  test('of a connection that is already gone succeeds', async () => {
    await using rig = await appliedFiles(['a', manifest('users/a')], ['b', manifest('users/b', ['other'])]);
    rig.remove('connections/b.yaml');
    rig.datadog.answerNext({
      method: 'DELETE',
      status: 404,
      body: { errors: ['not found'] },
      where: () => (rig.datadog.drop('users', 'b'), true),
    });
    expect((await rig.live('apply --prune --yes')).exitCode).toBe(0);
  });
});

describe('order', () => {
  test('a field is released before another connection takes it, at any concurrency', async () => {
    await using rig = await appliedFiles(
      ['a', manifest('users/a', ['one'])],
      ['z', manifest('users/z', ['shared', 'two'])],
    );
    rig.write('connections/a.yaml', manifest('users/a', ['one', 'shared']));
    rig.write('connections/z.yaml', manifest('users/z', ['two']));
    rig.datadog.latencyMs = 20;
    const ended = await rig.live('apply --concurrency 16');
    expect(ended.exitCode).toBe(0);
    expect(bodies(rig)).toMatchObject([{ data: { id: 'z' } }, { data: { id: 'a' } }]);
    expect(rig.datadog.peak).toBe(1);
  });

  test('an action that waits for a failed action is not attempted', async () => {
    await using rig = await appliedFiles(
      ['a', manifest('users/a', ['one'])],
      ['z', manifest('users/z', ['shared', 'two'])],
    );
    rig.write('connections/a.yaml', manifest('users/a', ['one', 'shared']));
    rig.write('connections/z.yaml', manifest('users/z', ['two']));
    rig.datadog.answerNext({ method: 'PUT', status: 400, body: { errors: ['in use'] } });
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toContain('1 failed. 1 not attempted.');
    expect(rig.writes()).toHaveLength(1);
  });
});

describe('drift in an apply', () => {
  const edit = (rig: Rig): void =>
    rig.datadog.edit(
      'users',
      'a',
      (connection) => ({
        ...connection,
        fields: connection.fields.map((field) => ({ ...field, display_name: 'Theirs' })),
      }),
      'ana@acme.example',
    );
  const OURS = manifest('users/a').replace('id: plan\n', 'id: plan\n    display_name: Ours\n');

  test('is reverted by default, and shown separately from changes made in Git', async () => {
    await using rig = await appliedFiles(['a', OURS]);
    edit(rig);
    rig.write('connections/a.yaml', OURS.replace('source_name', 'description: mine\n    source_name'));
    const document = JSON.parse((await rig.live('plan --format json')).stdout) as object;
    expect(document).toMatchObject({
      actions: [
        {
          drifted: true,
          changes: [
            { path: 'fields[plan].display_name', from: 'Theirs', to: 'Ours', cause: 'drift' },
            { path: 'fields[plan].description', to: 'mine', cause: 'git' },
          ],
        },
      ],
      summary: { drifted: 1 },
    });
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toMatchObject([
      { fields: [{ display_name: 'Ours', description: 'mine' }] },
    ]);
  });

  test('is kept with on_drift: keep, while the rest is applied', async () => {
    await using rig = await appliedFiles(['a', OURS]);
    edit(rig);
    rig.write('connections/a.yaml', OURS.replace('source_name', 'description: mine\n    source_name'));
    expect((await rig.live('apply --on-drift keep')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toMatchObject([
      { fields: [{ display_name: 'Theirs', description: 'mine' }] },
    ]);
  });

  test('is refused with on_drift: refuse', async () => {
    await using rig = await appliedFiles(['a', OURS]);
    edit(rig);
    rig.write('connsync.yaml', 'version: 1\non_drift: refuse\n');
    expect((await rig.live('apply')).exitCode).toBe(7);
    expect(rig.writes()).toEqual([]);
    expect((await rig.live('apply --on-drift revert')).exitCode).toBe(0);
  });

  test('includes a connection deleted outside Git, which is created again', async () => {
    await using rig = await appliedFiles(['a', OURS]);
    rig.datadog.drop('users', 'a');
    const ended = await rig.live('apply');
    expect(ended.stdout).toContain('create again, deleted outside Git');
    expect(rig.writes()).toEqual([`POST ${BASE}`]);
  });
});

describe('a value that the server normalises', () => {
  test('is reported once and not written again forever', async () => {
    await using rig = await Rig.start();
    rig.write(
      'connections/a.yaml',
      manifest('users/a').replace('id: plan\n', 'id: plan\n    display_name: " Plan "\n'),
    );
    rig.datadog.answerNext({
      method: 'POST',
      status: 201,
      where: () => (
        rig.datadog.seed('users', {
          id: 'a',
          type: 'ref_table',
          join_attribute: 'user_email',
          join_type: 'email',
          fields: [{ id: 'plan', source_name: 'plan_column', type: 'string', display_name: 'Plan' }],
        }),
        true
      ),
    });
    const first = await rig.live('apply');
    expect(first.exitCode).toBe(0);
    expect(first.stderr).toContain('Datadog changed the values of users/a: fields[plan].display_name is now "Plan"');
    rig.datadog.resetLog();
    const second = await rig.live('apply');
    expect(second.stdout).toContain('No changes. 1 unchanged.');
    expect(second.stderr).toBe('');
    expect(rig.writes()).toEqual([]);
    rig.datadog.edit('users', 'a', (connection) => ({
      ...connection,
      fields: connection.fields.map((field) => ({ ...field, display_name: 'Theirs' })),
    }));
    expect((await rig.live('plan')).stdout).toContain('recorded " Plan "  live "Theirs"   an apply would revert it');
  });
});
