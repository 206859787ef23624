import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const CRM = {
  type: 'ref_table',
  join_attribute: 'user_email',
  join_type: 'email',
  metadata: { source: 'crm' },
  fields: [{ id: 'tier', source_name: 'yes', type: 'string', display_name: 'Tier: 1', groups: ['Commercial'] }],
};

describe('import', () => {
  test('writes what a person would write, records it, and leaves no changes to plan', async () => {
    await using rig = await Rig.start();
    rig.datadog.seed('users', { id: 'crm', ...CRM });
    rig.datadog.seed('accounts', { id: 'billing', ...CRM, metadata: {} });
    const ended = await rig.live('import --all');
    expect(ended.exitCode).toBe(0);
    expect(rig.read('connections/users/crm.yaml')).toBe(
      [
        '# yaml-language-server: $schema=https://unpkg.com/connsync@0.0.0-test/schemas/connection.schema.json',
        'entity: users',
        'id: crm',
        'type: ref_table',
        'join_attribute: user_email',
        'join_type: email',
        'fields:',
        '  - id: tier',
        '    source_name: "yes"',
        '    type: string',
        '    display_name: "Tier: 1"',
        '    groups: [Commercial]',
        'metadata:',
        '  source: crm',
        '',
      ].join('\n'),
    );
    expect((await rig.live('validate')).stdout).toMatch(/^✓ 2 manifests valid, 2 connections \(/);
    expect((await rig.live('plan')).stdout).toContain('No changes. 2 unchanged.');
    expect(rig.writes()).toEqual([]);
  });

  test('points editors at a schema next to the manifests if there is one', async () => {
    await using rig = await Rig.start();
    rig.write('schemas/connection.schema.json', '{}');
    rig.datadog.seed('users', { id: 'crm', ...CRM });
    await rig.live('import users/crm');
    expect(rig.read('connections/users/crm.yaml').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../schemas/connection.schema.json',
    );
  });

  test('accepts keys or a whole entity, and rejects an empty argument list as bad input', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b']) for (const entity of ['users', 'accounts']) rig.datadog.seed(entity, { id, ...CRM });
    expect((await rig.live('import')).exitCode).toBe(3);
    expect((await rig.live('import users/a')).exitCode).toBe(0);
    expect((await rig.live('import --all --entity accounts')).exitCode).toBe(0);
    expect(readdirSync(join(rig.folder, 'connections'), { recursive: true }).toSorted()).toEqual([
      'accounts',
      'accounts/a.yaml',
      'accounts/b.yaml',
      'users',
      'users/a.yaml',
    ]);
    expect((await rig.live('plan')).stdout).toContain('No changes. 3 unchanged. 1 unmanaged, left alone.');
  });

  test('never overwrites a file: it reports it and imports the rest', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b']) rig.datadog.seed('users', { id, ...CRM });
    rig.write('connections/users/a.yaml', manifest('users/other', ['x']));
    const ended = await rig.live('import --all');
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('connections/users/a.yaml exists; connsync does not overwrite it');
    expect(rig.read('connections/users/a.yaml')).toBe(manifest('users/other', ['x']));
    expect(existsSync(join(rig.folder, 'connections/users/b.yaml'))).toBe(true);
    expect(rig.read('connections.lock')).toContain('users/b');
    expect(rig.read('connections.lock')).not.toContain('users/a');
  });

  test.each([
    ['.hidden', /^_[0-9a-f]{16}\.yaml$/],
    ['x'.repeat(220), /^_[0-9a-f]{16}\.yaml$/],
    ['Größe 名前', /^Größe 名前\.yaml$|^_[0-9a-f]{16}\.yaml$/],
  ])('writes a file for the id %o that can be read again', async (id, name) => {
    await using rig = await Rig.start();
    rig.datadog.seed('users', { id, ...CRM });
    expect((await rig.live('import --all')).exitCode).toBe(0);
    expect(readdirSync(join(rig.folder, 'connections/users'))).toEqual([expect.stringMatching(name)]);
    expect((await rig.live('plan')).stdout).toContain('No changes. 1 unchanged.');
  });

  test('reports an id that no manifest can contain, and leaves it alone', async () => {
    await using rig = await Rig.start();
    rig.datadog.seed('users', { id: 'a/b', ...CRM });
    const ended = await rig.live('import --all');
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain("can't write ");
    expect(existsSync(join(rig.folder, 'connections/users'))).toBe(false);
  });

  test('reports a connection that is not live or already has a manifest', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.seed('users', { id: 'a', ...CRM });
    expect((await rig.live('import users/nobody')).exitCode).toBe(4);
    const ended = await rig.live('import users/a');
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toContain('connsync accept users/a');
  });
});

describe('accept', () => {
  const TEXT = `# Ours: ask growth before you touch it\n${manifest('users/a').replace('id: plan\n', 'id: plan # the plan\n')}\n# the end\n`;

  async function drifted(): Promise<Rig> {
    const rig = await Rig.start();
    rig.write('connections/a.yaml', TEXT);
    await rig.live('apply');
    rig.datadog.edit(
      'users',
      'a',
      (connection) => ({
        ...connection,
        fields: [
          ...connection.fields.map((field) => ({ ...field, source_name: 'theirs' })),
          { id: 'added', source_name: 'new_column', type: 'number' },
        ],
      }),
      'ana@acme.example',
    );
    rig.datadog.resetLog();
    return rig;
  }

  test('copies drift into the manifest, keeps its comments, and leaves no changes to plan', async () => {
    await using rig = await drifted();
    const ended = await rig.live('accept users/a');
    expect(ended.exitCode, ended.stderr).toBe(0);
    const text = rig.read('connections/a.yaml');
    expect(text).toContain('# Ours: ask growth before you touch it');
    expect(text).toContain('id: plan # the plan');
    expect(text).toContain('source_name: theirs');
    expect(text).toContain('  - id: added\n    source_name: new_column\n    type: number\n');
    expect(text.trimEnd().endsWith('# the end')).toBe(true);
    expect((await rig.live('plan')).stdout).toContain('No changes. 1 unchanged.');
    expect((await rig.live('drift')).stdout).toContain('0 drifted');
    expect(rig.writes()).toEqual([]);
  });

  test('leaves changes made only in Git to the next apply', async () => {
    await using rig = await drifted();
    rig.write('connections/a.yaml', TEXT.replace('type: string\n', 'type: string\n    display_name: Mine\n'));
    expect((await rig.live('accept --all')).exitCode).toBe(0);
    const plan = JSON.parse((await rig.live('plan --format json')).stdout) as {
      readonly actions: readonly { readonly changes: object }[];
    };
    expect(plan.actions[0]?.changes).toEqual([{ path: 'fields[plan].display_name', to: 'Mine', cause: 'git' }]);
  });

  test('of one document keeps the other documents of its file byte for byte', async () => {
    await using rig = await Rig.start();
    const other = `# second\n${manifest('users/b', ['other'])}`;
    rig.write('connections/two.yaml', `${TEXT}---\n${other}`);
    await rig.live('apply');
    rig.datadog.edit('users', 'a', (connection) => ({
      ...connection,
      fields: connection.fields.map((field) => ({ ...field, source_name: 'theirs' })),
    }));
    expect((await rig.live('accept users/a')).exitCode).toBe(0);
    expect(rig.read('connections/two.yaml').endsWith(`---\n${other}`)).toBe(true);
    expect(rig.read('connections/two.yaml')).toContain('source_name: theirs');
  });

  test.each([
    [
      'a connection that was deleted in Datadog',
      'users/a',
      (rig: Rig) => rig.datadog.drop('users', 'a'),
      4,
      'was deleted in Datadog',
    ],
    ['an unknown connection', 'users/x', () => undefined, 4, 'neither in the lockfile nor in Datadog'],
    [
      'an unmanaged connection',
      'users/s',
      (rig: Rig) => rig.datadog.seed('users', { id: 's', ...CRM }),
      4,
      'connsync import users/s',
    ],
  ])('rejects %s', async (_name, key, move, exitCode, expected) => {
    await using rig = await drifted();
    move(rig);
    const ended = await rig.live(`accept ${key}`);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toContain(expected);
    expect(rig.read('connections/a.yaml')).toBe(TEXT);
  });
});
