import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const POST = 'POST /api/v2/product-analytics/users/mapping/connection';
const ATTRIBUTES = {
  type: 'ref_table',
  join_attribute: 'user_email',
  join_type: 'email',
  fields: [{ id: 'plan', source_name: 'plan_column', type: 'string' }],
};

async function rigWithMany(): Promise<Rig> {
  const rig = await Rig.start();
  for (let index = 0; index < 40; index += 1)
    rig.write(`connections/users/c${index}.yaml`, manifest(`users/c${index}`, [`field_${index}`]));
  rig.write(
    'connections/accounts/two.yaml',
    `${manifest('accounts/one', ['one'])}---\n${manifest('accounts/two', ['two'])}`,
  );
  return rig;
}

describe('a first apply of 42 connections in 41 files', () => {
  test('validates, plans, does a dry run, applies, applies again, and applies one more connection', async () => {
    await using rig = await rigWithMany();

    const valid = JSON.parse((await rig.run('validate --format json')).stdout) as object;
    expect(valid).toEqual({ formatVersion: '1.0', manifests: 41, connections: 42, problems: [] });

    const offline = await rig.run('plan');
    expect(offline.exitCode).toBe(0);
    expect(offline.stdout.trimEnd().split('\n').at(-1)).toBe('Plan: 42 to add, 0 to change, 0 to destroy.');
    expect(offline.stdout).toContain('offline, lockfile only');
    expect(rig.sent()).toEqual([]);

    const dry = await rig.live('apply --dry-run');
    expect(dry.stdout).toContain('Plan: 42 to add, 0 to change, 0 to destroy.');
    expect(rig.sent()).toHaveLength(3);
    expect(rig.writes()).toEqual([]);
    expect(existsSync(join(rig.folder, 'connections.lock'))).toBe(false);

    rig.datadog.resetLog();
    rig.datadog.latencyMs = 20;
    const applied = await rig.live('apply --concurrency 7');
    expect(applied).toMatchObject({ exitCode: 0 });
    expect(applied.stdout.trimEnd().split('\n').at(-1)).toBe(
      'Apply complete! Resources: 42 added, 0 changed, 0 destroyed.',
    );
    expect(rig.writes()).toHaveLength(42);
    expect(rig.datadog.peak).toBe(7);
    expect(rig.datadog.connections('users')).toHaveLength(40);
    expect(existsSync(join(rig.folder, 'connections.lock.journal'))).toBe(false);
    expect(existsSync(join(rig.folder, 'connections.lock.lock'))).toBe(false);
    const lockfile = rig.read('connections.lock');

    rig.datadog.resetLog();
    expect((await rig.live('apply')).stdout).toContain('No changes. 42 unchanged.');
    expect(rig.writes()).toEqual([]);
    expect(rig.read('connections.lock')).toBe(lockfile);

    rig.datadog.resetLog();
    rig.write('connections/users/more.yaml', manifest('users/more', ['more']));
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.writes()).toEqual([POST]);
  });

  test('sends four requests at a time by default, and connsync.yaml can change that', async () => {
    await using rig = await rigWithMany();
    rig.datadog.latencyMs = 10;
    await rig.live('apply');
    expect(rig.datadog.peak).toBe(4);
    await using other = await rigWithMany();
    other.datadog.latencyMs = 10;
    other.write('connsync.yaml', 'version: 1\nconcurrency: 2\n');
    await other.live('apply');
    expect(other.datadog.peak).toBe(2);
  });
});

describe('one connection refused with 400', () => {
  const REFUSAL = { errors: [{ title: 'Bad Request', detail: 'field "arr" is used by audience "Whales"' }] };

  async function refused(
    format: string,
  ): Promise<{ readonly rig: Rig; readonly ended: Awaited<ReturnType<Rig['live']>> }> {
    const rig = await Rig.start();
    for (const id of ['a', 'b', 'c']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`field_${id}`]));
    rig.datadog.answerNext({
      method: 'POST',
      status: 400,
      body: REFUSAL,
      headers: { 'x-request-id': 'req-42' },
      where: ({ body }) => JSON.stringify(body).includes('"b"'),
    });
    return { rig, ended: await rig.live(`apply --format ${format}`) };
  }

  test('does not stop the others from being created and recorded, and the next apply retries nothing', async () => {
    const { rig, ended } = await refused('human');
    await using _ = rig;
    expect(ended.exitCode).toBe(4);
    expect(rig.datadog.connections('users').map(({ id }) => id)).toEqual(['a', 'c']);
    expect(rig.writes()).toHaveLength(3);
    expect(rig.read('connections.lock').match(/"key":"users\/\w"/g)).toEqual(['"key":"users/a"', '"key":"users/c"']);
    expect(ended.stdout).toContain(
      'Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed. 1 failed. 0 not attempted.',
    );
    expect(ended.stderr).toContain(
      'users/b  POST /api/v2/product-analytics/users/mapping/connection  request-id req-42',
    );
    expect(ended.stderr).toContain('400 Bad Request: field "arr" is used by audience "Whales"');
    rig.datadog.resetLog();
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.writes()).toEqual([POST]);
  });

  test('appears in the JSON document with every outcome and the whole error', async () => {
    const { rig, ended } = await refused('json');
    await using _ = rig;
    const document = JSON.parse(ended.stdout) as {
      readonly outcomes: readonly { readonly key: string; readonly status: string }[];
    };
    expect(document).toMatchObject({ applied: 2, failed: 1, skipped: 0 });
    expect(document.outcomes.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toMatchObject([
      { kind: 'create', key: 'users/a', status: 'applied', attempts: 1 },
      {
        key: 'users/b',
        status: 'failed',
        attempts: 1,
        error: {
          status: 400,
          method: 'POST',
          path: '/api/v2/product-analytics/users/mapping/connection',
          requestId: 'req-42',
          message: expect.stringContaining('field "arr" is used by audience "Whales"') as string,
        },
      },
      { key: 'users/c', status: 'applied' },
    ]);
  });

  test('appears in the NDJSON events as it happens', async () => {
    const { rig, ended } = await refused('ndjson');
    await using _ = rig;
    const events = ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({
      type: 'start',
      formatVersion: '1.0',
      command: 'apply',
      seq: 1,
      compared: ['lockfile', 'live'],
    });
    expect(events.find(({ type }) => type === 'failed')).toMatchObject({
      key: 'users/b',
      kind: 'create',
      error: { message: expect.stringContaining('Whales') as string },
    });
    expect(events.at(-1)).toMatchObject({ type: 'end', exitCode: 4, applied: 2, failed: 1, skipped: 0 });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(new Set(events.map(({ run }) => run)).size).toBe(1);
  });
});

describe('an apply without requests', () => {
  test('adopts an equal connection that is already live', async () => {
    await using rig = await Rig.start();
    rig.datadog.seed('users', { id: 'a', ...ATTRIBUTES });
    rig.write('connections/a.yaml', manifest('users/a'));
    const ended = await rig.live('apply');
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).toContain('1 adopted.');
    expect(rig.writes()).toEqual([]);
    expect(rig.read('connections.lock')).toContain('"key":"users/a"');
  });

  test('forgets the record of a deleted connection once its manifest is gone', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    await rig.live('apply');
    rig.datadog.drop('users', 'b');
    rig.remove('connections/b.yaml');
    rig.datadog.resetLog();
    expect((await rig.live('apply')).stdout).toContain('1 forgotten.');
    expect(rig.writes()).toEqual([]);
    expect(rig.read('connections.lock')).not.toContain('users/b');
  });

  test('duplicates nothing after the lockfile was lost', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await rig.live('apply');
    const lockfile = rig.read('connections.lock');
    rig.remove('connections.lock');
    rig.datadog.resetLog();
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.writes()).toEqual([]);
    expect(rig.read('connections.lock')).toBe(lockfile);
  });

  test('records a change that only affects the owner', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await rig.live('apply');
    rig.datadog.resetLog();
    rig.write('connections/a.yaml', manifest('users/a', ['plan'], 'connsync:\n  owner: team-growth\n'));
    expect((await rig.live('apply')).stdout).toContain('No changes.');
    expect(rig.writes()).toEqual([]);
    expect(rig.read('connections.lock')).toContain('"owner":"team-growth"');
  });
});

describe('a lost answer', () => {
  test('is resolved with a list, and the change adopted if it was done', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.answerNext({
      method: 'POST',
      status: 502,
      body: '<html>bad gateway</html>',
      where: () => (rig.datadog.seed('users', { id: 'a', ...ATTRIBUTES }), true),
    });
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(0);
    expect(rig.writes()).toEqual([POST]);
    expect(rig.read('connections.lock')).toContain('users/a');
  });

  test('is followed by a retry once no list has shown the request for as long as it may be in flight', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.answerNext({ method: 'POST', status: 502 });
    const ended = await rig.live('apply', { env: { CONNSYNC_SETTLE_MS: '300' } });
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('retried once');
    expect(rig.writes()).toEqual([POST, POST]);
    expect(rig.datadog.connections('users')).toHaveLength(1);
  });

  test('is given up after four attempts without effect, and stays open for the next apply', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.answerNext({ method: 'POST', status: 502, times: 4 });
    const ended = await rig.live('apply', { env: { CONNSYNC_SETTLE_MS: '100' } });
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('connsync sent it 4 times, and no list shows it');
    const plan = await rig.live('plan');
    expect(plan.stderr).toContain('unknown outcome: users/a');
    const again = await rig.live('apply', { env: { CONNSYNC_SETTLE_MS: '100' } });
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain('the create of users/a was not done and is planned again');
    expect(rig.datadog.connections('users')).toHaveLength(1);
  });

  test('an id that another person took meanwhile is a conflict and never overwritten', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.answerNext({
      method: 'POST',
      status: 409,
      body: { errors: ['already exists'] },
      where: () => (rig.datadog.seed('users', { id: 'a', ...ATTRIBUTES, join_attribute: 'other' }), true),
    });
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('a connection with this id exists and differs in join_attribute');
    expect(rig.datadog.connections('users')).toMatchObject([{ join: { attribute: 'other' } }]);
  });
});

test('credentials rejected in mid-run stop the rest and keep what was done recorded', async () => {
  await using rig = await Rig.start();
  for (const id of ['a', 'b', 'c', 'd']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`field_${id}`]));
  rig.datadog.answerNext({
    method: 'POST',
    status: 403,
    body: { errors: ['Forbidden'] },
    where: ({ body }) => JSON.stringify(body).includes('"b"'),
  });
  const ended = await rig.live('apply --concurrency 1');
  expect(ended.exitCode).toBe(6);
  expect(rig.writes()).toHaveLength(2);
  expect(rig.read('connections.lock').match(/"key"/g)).toHaveLength(1);
  expect(ended.stdout).toContain('1 failed. 2 not attempted.');
});

describe('confirmation', () => {
  test.each([
    ['y', 0, 1],
    ['yes', 0, 1],
    ['n', 7, 0],
    ['', 7, 0],
  ])('on a terminal the answer %o ends with %i after %i writes', async (typed, exitCode, writes) => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const ended = await rig.live('apply', { typed: `${typed}\n` });
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toContain('Apply these changes? [y/N] ');
    expect(ended.stdout).not.toContain('[y/N]');
    expect(rig.writes()).toHaveLength(writes);
  });

  test('--yes asks nothing, and neither does a plan without actions', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    expect((await rig.live('apply --yes', { typed: '' })).stderr).not.toContain('[y/N]');
    expect(await rig.live('apply', { typed: '' })).toMatchObject({ exitCode: 0 });
  });
});

describe('an apply refuses', () => {
  test('another team’s connection with different contents, which it leaves unchanged', async () => {
    await using rig = await Rig.start();
    rig.datadog.seed('users', { id: 'a', ...ATTRIBUTES, join_attribute: 'other' });
    rig.write('connections/a.yaml', manifest('users/a'));
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(7);
    expect(ended.stderr).toContain('--adopt');
    expect(rig.writes()).toEqual([]);
  });

  test('a missing folder, although a plan without it is bad input', async () => {
    await using rig = await Rig.start();
    expect((await rig.live('apply')).exitCode).toBe(7);
    expect((await rig.live('plan')).exitCode).toBe(3);
    expect((await rig.live('apply --dry-run')).exitCode).toBe(3);
  });

  test('an empty set of manifests while something is recorded', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await rig.live('apply');
    rig.remove('connections/a.yaml');
    const ended = await rig.live('apply');
    expect(ended.exitCode).toBe(7);
    expect(ended.stderr).toContain('--allow-empty');
    expect((await rig.live('apply --allow-empty')).exitCode).toBe(0);
    expect(rig.datadog.connections('users')).toHaveLength(1);
  });
});

describe('an interrupted apply', () => {
  async function interrupted(format: string, ids: readonly string[]): Promise<Awaited<ReturnType<Rig['live']>>> {
    await using rig = await Rig.start();
    for (const id of ids) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`field_${id}`]));
    rig.datadog.latencyMs = 100;
    const stop = new AbortController();
    const looking = setInterval(() => {
      if (rig.writes().length > 0) stop.abort();
    }, 5);
    const ended = await rig.live(`apply --concurrency 1 --format ${format}`, { stop: stop.signal });
    clearInterval(looking);
    return ended;
  }

  test.each(['human', 'github'])('whose only action is complete ends with 130: %s', async (format) => {
    const { exitCode, stdout } = await interrupted(format, ['a']);
    expect(exitCode).toBe(130);
    expect(stdout).toContain('Apply complete! Resources: 1 added, 0 changed, 0 destroyed.');
    expect(stdout).not.toContain('incomplete');
  });

  test.each(['human', 'github'])('reports which one of two actions is incomplete: %s', async (format) => {
    const { exitCode, stdout } = await interrupted(format, ['a', 'b']);
    expect(exitCode).toBe(130);
    expect(stdout).toContain(
      'Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed. 0 failed. 1 not attempted.',
    );
  });
});
