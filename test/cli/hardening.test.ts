import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const BASE = '/api/v2/product-analytics/users/mapping/connection';
const MOVED = manifest('users/a').replace('join_type: email', 'join_type: user_id');

async function applied(...keys: readonly string[]): Promise<Rig> {
  const rig = await Rig.start();
  for (const key of keys)
    rig.write(
      `connections/${key}.yaml`,
      manifest(key, key === 'users/a' ? ['plan'] : [`f_${key.replace(/\W/g, '_')}`]),
    );
  expect((await rig.live('apply')).exitCode).toBe(0);
  rig.datadog.resetLog();
  return rig;
}

describe('folders and the lockfile’s header', () => {
  test('a filtered apply over another folder does not add it to the folders that prune covers', async () => {
    await using rig = await applied('users/a', 'users/b');
    rig.write('other/c.yaml', manifest('users/c', ['third']));
    expect((await rig.live('apply --dir other --lockfile connections.lock --target users/c')).exitCode).toBe(0);
    expect(rig.read('connections.lock').split('\n')[0]).toContain('"manifests":["connections"]');
    expect(
      (await rig.live('plan --dir other --lockfile connections.lock --prune --max-deletes 100%')).stdout,
    ).toContain('No changes. 1 unchanged. 2 orphaned, left alone.');
  });

  test('an import into another folder adds it, so that neither folder alone prunes', async () => {
    await using rig = await applied('users/a');
    rig.datadog.seed('users', { id: 'theirs', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    expect((await rig.live('import users/theirs --dir sales --lockfile connections.lock')).exitCode).toBe(0);
    expect(rig.read('connections.lock').split('\n')[0]).toContain('"manifests":["connections","sales"]');
    expect((await rig.live('apply --prune --yes')).exitCode).toBe(0);
    expect(rig.writes()).toEqual([]);
    expect((await rig.live('plan --dir connections --dir sales --prune')).stdout).toContain('No changes. 2 unchanged.');
  });

  test('the order and repetition of --dir change no byte', async () => {
    await using rig = await applied('users/a');
    rig.write('more/b.yaml', manifest('users/b', ['other']));
    await rig.live('apply --dir connections --dir more');
    const lockfile = rig.read('connections.lock');
    await rig.live('apply --dir more --dir connections --lockfile connections.lock');
    await rig.live('apply --dir connections --dir more --dir more');
    expect(rig.read('connections.lock')).toBe(lockfile);
  });
});

describe('a live-only field', () => {
  test('survives a replace', async () => {
    await using rig = await applied('users/a');
    rig.datadog.edit('users', 'a', (connection) => ({
      ...connection,
      fields: [...connection.fields, { id: 'theirs', source_name: 'x', type: 'string' }],
    }));
    rig.write('connections/users/a.yaml', MOVED);
    expect((await rig.live('apply --allow-replace --yes')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toMatchObject([
      { join: { type: 'user_id' }, fields: [{ id: 'plan' }, { id: 'theirs' }] },
    ]);
  });
});

describe('a half-done change of our own is never taken for drift', () => {
  test.each(['revert', 'keep', 'refuse'])(
    'a replace whose create was refused is finished with on_drift %s',
    async (onDrift) => {
      await using rig = await applied('users/a');
      rig.write('connections/users/a.yaml', MOVED);
      rig.datadog.answerNext({ method: 'POST', status: 400, body: { errors: ['not now'] } });
      expect((await rig.live(`apply --allow-replace --yes --on-drift ${onDrift}`)).exitCode).toBe(4);
      rig.datadog.resetLog();
      expect((await rig.live(`apply --on-drift ${onDrift}`)).exitCode).toBe(0);
      expect(rig.writes()).toEqual([`POST ${BASE}`]);
    },
  );

  test('a field that was removed and not added again is added with on_drift keep too', async () => {
    await using rig = await applied('users/a');
    rig.write('connections/users/a.yaml', manifest('users/a').replace('type: string', 'type: number'));
    rig.datadog.answerNext({
      method: 'PUT',
      status: 400,
      body: { errors: ['no'] },
      where: ({ body }) => JSON.stringify(body).includes('fields_to_add'),
    });
    expect((await rig.live('apply')).exitCode).toBe(4);
    rig.write('connections/users/a.yaml', manifest('users/a'));
    expect((await rig.live('apply --on-drift keep')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toMatchObject([{ fields: [{ id: 'plan', type: 'string' }] }]);
  });

  test('an open replace of a killed run is finished as ours, and its intent survives an apply of other connections', async () => {
    await using rig = await applied('users/a', 'users/b');
    const { fileStore } = await import('../../src/state/file-store.ts');
    const { writeAtomically } = await import('../../src/files/atomic-write.ts');
    const path = join(rig.folder, 'connections.lock');
    await fileStore({ path, shown: 'connections.lock', write: writeAtomically, now: () => 0 }).intend([
      { op: 'replace', key: 'users/a', digest: 'd', target: { site: 'datadoghq.com' } },
    ]);
    rig.datadog.drop('users', 'a');
    expect((await rig.live('apply --target users/b')).exitCode).toBe(0);
    expect(existsSync(`${path}.journal`)).toBe(true);
    expect((await rig.live('doctor')).stdout).toContain('1 unfinished actions');
    expect((await rig.live('apply --on-drift keep', { env: { CONNSYNC_SETTLE_MS: '300' } })).exitCode).toBe(0);
    expect(
      rig.datadog
        .connections('users')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['a', 'b']);
    expect(existsSync(`${path}.journal`)).toBe(false);
  });
});

describe('normalised values', () => {
  const QUICK = { env: { CONNSYNC_SETTLE_MS: '300' } };

  test('of an update are reported once and never sent again, and survive edits next to them', async () => {
    await using rig = await applied('users/a');
    const labelled = (label: string, more = ''): string =>
      manifest('users/a').replace('id: plan\n', `id: plan\n    display_name: "${label}"${more}\n`);
    rig.write('connections/users/a.yaml', labelled('Plan'));
    await rig.live('apply', QUICK);
    rig.datadog.setFaults({ normalise: 'trim' });
    rig.write('connections/users/a.yaml', labelled('My Plan '));
    const first = await rig.live('apply', QUICK);
    expect(first.stderr).toContain('fields[plan].display_name is now "My Plan"');
    rig.datadog.resetLog();
    expect((await rig.live('apply', QUICK)).stdout).toContain('No changes.');
    rig.write('connections/users/a.yaml', labelled('My Plan ', '\n    description: more'));
    await rig.live('apply', QUICK);
    expect(rig.writes()).toHaveLength(1);
    rig.datadog.resetLog();
    expect((await rig.live('apply', QUICK)).stdout).toContain('No changes.');
  });

  test('do not include a removal that the server ignores: it is offered again, and not attributed to anyone else', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a', ['plan', 'old']));
    await rig.live('apply', QUICK);
    rig.write('connections/a.yaml', manifest('users/a', ['plan']));
    rig.datadog.answerNext({ method: 'PUT', status: 200 });
    const ignored = await rig.live('apply --yes', QUICK);
    expect(ignored.exitCode).toBe(4);
    expect(ignored.stderr).toContain('Datadog accepted the update, but did not apply fields[old]');
    const again = await rig.live('plan', QUICK);
    expect(again.stdout).toContain('fields[old]');
    expect(again.stdout).not.toContain('drift');
  });
});

describe('a lagging list', () => {
  test('that shows a re-added field as removed is awaited, not attributed to the server', async () => {
    await using rig = await applied('users/a');
    rig.write('connections/users/a.yaml', manifest('users/a').replace('type: string', 'type: number'));
    rig.datadog.setFaults({
      listLagMs: 600,
      rules: [{ kind: 'limited', methods: ['PUT'], after: 2, times: 1, ms: 1_000 }],
    });
    const slow = { env: { CONNSYNC_SETTLE_MS: '3000' } };
    const first = await rig.live('apply', slow);
    expect(rig.writes().filter((write) => write.startsWith('PUT'))).toHaveLength(3);
    expect(first.stderr).not.toContain('Datadog changed the values');
    expect(rig.read('connections.lock')).not.toContain('normalised');
  });
});

describe('a disputed record', () => {
  test('still clears values that were ours', async () => {
    await using rig = await applied('users/a');
    const before = rig.read('connections.lock').trimEnd().split('\n')[1] ?? '';
    rig.write('connections/users/a.yaml', manifest('users/a', ['plan', 'more']));
    await rig.live('apply');
    rig.write('connections.lock', `${rig.read('connections.lock')}${before}\n`);
    rig.write('connections/users/a.yaml', manifest('users/a', ['plan']));
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toMatchObject([{ fields: [{ id: 'plan' }] }]);
    expect((await rig.live('plan')).stdout).toContain('No changes. 1 unchanged.');
  });
});

describe('foreseeable failures', () => {
  test.each([
    ['plan --out no/such/folder/p.json', 5],
    ['plan --target=', 3],
    [`plan --target users/${'a*'.repeat(9)}b`, 3],
    ['plan --exclude users/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}', 3],
    [`plan --offline --target users/${'a*'.repeat(8)}b`, 0],
    ['apply --plan /dev/zero', 3],
    ['apply --plan .', 3],
    ['plan --exclude=', 3],
    ['plan --trace no/such/folder/t.json', 5],
  ])('%s ends with %i', async (args, exitCode) => {
    await using rig = await applied('users/a');
    const ended = await rig.live(args);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).not.toContain('bug in connsync');
  });

  test('a lockfile whose folder cannot be created ends with 5', async () => {
    await using rig = await applied('users/a');
    rig.write('file', '');
    expect((await rig.live('apply --lockfile file/x.lock')).exitCode).toBe(5);
  });

  test('a plan file belongs to one organisation', async () => {
    await using rig = await applied('users/a');
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    await rig.live('plan --out plan.json');
    rig.remove('connections.lock');
    await using other = await Rig.start();
    expect((await rig.run('apply --plan plan.json', { env: other.keys })).exitCode).toBe(6);
    expect(other.writes()).toEqual([]);
    expect((await rig.live('apply --plan plan.json --site datadoghq.eu')).exitCode).toBe(6);
    rig.write('connections/c.yaml', 'entity: [\n');
    expect((await rig.live('apply --plan plan.json --site datadoghq.eu')).exitCode).toBe(3);
  });

  test('state rebuild moves nothing before it can write a better lockfile', async () => {
    await using rig = await applied('users/a');
    rig.write('connections.lock', 'damaged\n');
    expect((await rig.run('state rebuild')).exitCode).toBe(6);
    expect(rig.read('connections.lock')).toBe('damaged\n');
    rig.write('connections.lock.damaged', 'older\n');
    expect((await rig.live('state rebuild')).exitCode).toBe(0);
    expect(rig.read('connections.lock.damaged')).toBe('older\n');
    expect(rig.read('connections.lock.damaged.2')).toBe('damaged\n');
  });

  test('accept --all keeps what it did and reports what it cannot do', async () => {
    await using rig = await applied('users/a', 'users/b');
    for (const [id, field] of [
      ['a', 'theirs'],
      ['b', 'not/sayable'],
    ] as const) {
      rig.datadog.edit('users', id, (connection) => ({
        ...connection,
        fields: [...connection.fields, { id: field, source_name: 'x', type: 'string' }],
      }));
    }
    const ended = await rig.live('accept --all');
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain("can't write Datadog's version of users/b to ");
    expect(rig.read('connections.lock')).toContain('theirs');
    expect(rig.read('connections/users/a.yaml')).toContain('theirs');
  });

  test('an imported orphan keeps its owner and protection', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a', ['plan'], 'connsync:\n  protect: true\n  owner: team-x\n'));
    await rig.live('apply');
    const lockfile = rig.read('connections.lock');
    rig.remove('connections/a.yaml');
    expect((await rig.live('import users/a')).exitCode).toBe(0);
    expect(rig.read('connections/users/a.yaml')).toContain('connsync:\n  protect: true\n  owner: team-x\n');
    expect(rig.read('connections.lock')).toBe(lockfile);
  });

  test('a lockfile’s header never redirects an apply to the emulator', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.write('connections.lock', '{"lockfileVersion":1,"site":"local","manifests":["connections"]}\n');
    expect((await rig.run('apply')).exitCode).toBe(6);
    mkdirSync(join(rig.folder, 'empty'));
    expect(existsSync(join(rig.folder, '.connsync'))).toBe(false);
  });
});
