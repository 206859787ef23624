import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printLockfile, parseLockfile } from '../../src/core/lockfile.ts';
import { recorded } from '../core/samples.ts';
import { manifest, Rig } from '../rig/rig.ts';

async function team(...ids: readonly string[]): Promise<Rig> {
  const rig = await Rig.start();
  for (const id of ids) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`field_${id}`]));
  return rig;
}

/** Runs an action while the create of `id` is in flight. */
function during(rig: Rig, id: string, happens: () => void): void {
  rig.datadog.answerNext({
    method: 'POST',
    status: 201,
    where: ({ body }) => {
      if (!JSON.stringify(body).includes(`"id":"${id}"`)) return false;
      rig.datadog.seed('users', {
        id,
        type: 'ref_table',
        join_attribute: 'user_email',
        join_type: 'email',
        fields: [{ id: `field_${id}`, source_name: `field_${id}_column`, type: 'string' }],
      });
      happens();
      return true;
    },
  });
}

function keysIn(text: string): readonly string[] {
  return [...parseLockfile(text, 'connections.lock').records.keys()];
}

describe('a lockfile that changes during an apply', () => {
  test('is merged with the completed changes, key by key', async () => {
    await using rig = await team('a', 'b');
    await rig.live('apply');
    rig.write('connections/c.yaml', manifest('users/c', ['field_c']));
    during(rig, 'c', () => {
      const { header, records } = parseLockfile(rig.read('connections.lock'), 'connections.lock');
      const theirs = new Map([...records].filter(([key]) => key !== 'users/b'));
      rig.write('connections.lock', printLockfile({ header, records: theirs.set('users/d', recorded('users/d')) }));
    });
    const ended = await rig.live('apply');
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(keysIn(rig.read('connections.lock'))).toEqual(['users/a', 'users/c', 'users/d']);
  });

  test('with another record for the same key is reported in full, ends with 5, and is repaired by the next apply', async () => {
    await using rig = await team('a');
    await rig.live('apply');
    rig.write('connections/c.yaml', manifest('users/c', ['field_c']));
    during(rig, 'c', () => {
      const { header, records } = parseLockfile(rig.read('connections.lock'), 'connections.lock');
      rig.write(
        'connections.lock',
        printLockfile({ header, records: new Map([...records, ['users/c', recorded('users/c')]]) }),
      );
    });
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain('both runs changed users/c');
    expect(ended.stderr).toMatch(/^\{"key":"users\/c","spec":\{.*"field_c".*"sha":"[0-9a-f]{16}"\}$/m);
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toHaveLength(2);
    expect((await rig.live('plan')).stdout).toContain('No changes. 2 unchanged.');
  });
});

describe('a completed change that cannot be recorded', () => {
  test.each(['human', 'json', 'ndjson', 'markdown', 'github'])(
    'is printed in full and ends with 5 in format %s, and the next apply owns it',
    async (format) => {
      await using rig = await team('a', 'b');
      during(rig, 'b', () => mkdirSync(join(rig.folder, 'connections.lock')));
      const ended = await rig.live(`apply --concurrency 1 --format ${format}`);
      expect(ended.exitCode).toBe(5);
      const lines = [...ended.stderr.matchAll(/^\{"key":"(users\/[ab])".*"sha":"[0-9a-f]{16}"\}$/gm)];
      expect(lines.map(([, key]) => key)).toEqual(['users/a', 'users/b']);
      renameSync(join(rig.folder, 'connections.lock'), join(rig.folder, 'elsewhere'));
      rig.remove('connections');
      rig.write('connections/other.yaml', manifest('users/other', ['field_other']));
      const next = await rig.live('apply');
      expect(next.exitCode).toBe(0);
      expect(keysIn(rig.read('connections.lock')), 'although no manifest names them').toEqual([
        'users/a',
        'users/b',
        'users/other',
      ]);
      expect(readdirSync(rig.folder).filter((name) => name.startsWith('connections.lock'))).toEqual([
        'connections.lock',
      ]);
    },
  );
});

describe('an intent that cannot be made durable', () => {
  test('sends nothing', async () => {
    await using rig = await team('a');
    mkdirSync(join(rig.folder, 'connections.lock.journal'));
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(5);
    expect(rig.writes()).toEqual([]);
    expect(existsSync(join(rig.folder, 'connections.lock'))).toBe(false);
  });
});

describe('the state that an interrupted apply left open', () => {
  /** A journal as a killed run leaves it. */
  async function interrupted(rig: Rig, intent: object): Promise<void> {
    const { printLine } = await import('../../src/state/journal-text.ts');
    const target = { site: 'datadoghq.com' };
    const line = printLine({ seq: 1, t: Date.now(), state: 'intent', intent: { target, ...intent } as never });
    writeFileSync(join(rig.folder, 'connections.lock.journal'), line);
  }

  const REPLACE = {
    op: 'replace',
    key: 'users/a',
    digest: 'd',
    before: recorded('users/a').spec,
    after: { ...recorded('users/a').spec, join_type: 'user_id' },
    record: { key: 'users/a', spec: { ...recorded('users/a').spec, join_type: 'user_id' } },
  };

  test('with an interrupted replace is reported by every command that reads the state, and the next apply finishes it from the journal', async () => {
    await using rig = await team('a');
    await rig.live('apply');
    rig.write('connections/a.yaml', manifest('users/a', ['plan']).replace('join_type: email', 'join_type: user_id'));
    rig.datadog.drop('users', 'a');
    await interrupted(rig, REPLACE);
    const message = 'the replacement of users/a was interrupted, possibly between its delete and its create';
    for (const command of [
      'plan',
      'plan --offline',
      'drift',
      'import --all',
      'state list',
      'state show users/a',
      'apply --dry-run',
    ])
      expect((await rig.live(command)).stderr, command).toContain(message);
    rig.datadog.resetLog();
    const ended = await rig.live('apply', { env: { CONNSYNC_SETTLE_MS: '100' } });
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).toContain('No changes. 1 unchanged.');
    expect(ended.stderr).toContain('and is now complete');
    expect(rig.writes()).toHaveLength(1);
    expect(rig.datadog.connections('users')).toMatchObject([{ id: 'a', join: { type: 'user_id' } }]);
    expect(existsSync(join(rig.folder, 'connections.lock.journal'))).toBe(false);
    expect((await rig.live('plan')).stderr).toBe('');
  });

  test('with a completed create is recorded, whatever the manifests contain by then', async () => {
    await using rig = await team('b');
    await rig.live('apply');
    const { spec } = recorded('users/a');
    rig.datadog.seed('users', { id: 'a', ...spec, fields: [...(spec.fields ?? [])] });
    await interrupted(rig, {
      op: 'create',
      key: 'users/a',
      digest: 'd',
      after: spec,
      record: { key: 'users/a', spec },
    });
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toContain('the create of users/a succeeded and is now recorded');
    expect(keysIn(rig.read('connections.lock'))).toEqual(['users/a', 'users/b']);
  });

  test('with a half-done update is not drift', async () => {
    await using rig = await team('a');
    await rig.live('apply');
    const before = recorded('users/a', {
      ...recorded('users/a').spec,
      fields: [{ id: 'field_a', source_name: 'field_a_column', type: 'string' }],
    }).spec;
    const after = { ...before, fields: [{ id: 'field_a', source_name: 'field_a_column', type: 'number' }] };
    rig.write('connections/a.yaml', manifest('users/a', ['field_a']).replace('type: string', 'type: number'));
    rig.datadog.edit('users', 'a', (connection) => ({ ...connection, fields: [] }));
    await interrupted(rig, {
      op: 'update',
      key: 'users/a',
      digest: 'd',
      before,
      after,
      record: { key: 'users/a', spec: after },
    });
    const ended = await rig.live('apply --on-drift refuse', { env: { CONNSYNC_SETTLE_MS: '100' } });
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(rig.datadog.connections('users')).toMatchObject([{ fields: [{ id: 'field_a', type: 'number' }] }]);
  });
});
