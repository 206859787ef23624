import { describe, expect, test } from 'vitest';
import { problem } from '../../src/core/diagnostic.ts';
import { createBody } from '../../src/core/wire/bodies.ts';
import { curlReporter } from '../../src/reporters/curl.ts';
import { field, spec } from '../core/samples.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { creation, deletion, ended, LOOK, planned, started, problemEvent, written } from './samples.ts';
import { FakeCurl, HAS_CURL, sh } from './shell.ts';

const open = (sinks: Parameters<typeof curlReporter>[0]): ReturnType<typeof curlReporter> => curlReporter(sinks, LOOK);

/** Live connections, recorded connections and manifests that require one action of every kind. */
async function rigWithEveryAction(): Promise<Rig> {
  const rig = await Rig.start();
  for (const id of ['change', 'retype', 'rejoin', 'drop', 'gone'])
    rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`${id}_1`, `${id}_2`]));
  await rig.live('apply');
  rig.datadog.drop('users', 'gone');
  rig.remove('connections/gone.yaml');
  rig.remove('connections/drop.yaml');
  const hostile = `    description: "it's $(touch pwned) \`x\` \\\\ \\n \\u202E \\" ##[x] !"\n`;
  rig.write(
    'connections/change.yaml',
    manifest('users/change', ['change_1', 'new']).replace('    type: string\n', `    type: string\n${hostile}`),
  );
  rig.write(
    'connections/retype.yaml',
    manifest('users/retype', ['retype_1', 'retype_2']).replace('type: string', 'type: number'),
  );
  rig.write(
    'connections/rejoin.yaml',
    manifest('users/rejoin', ['rejoin_1', 'rejoin_2']).replace('join_type: email', 'join_type: user_id'),
  );
  rig.write('connections/fresh.yaml', manifest('accounts/fresh', ['fresh'], "metadata:\n  it's: \"a 'quote'\"\n"));
  rig.write('connections/same.yaml', manifest('users/same', ['same']));
  const fields = [{ id: 'same', source_name: 'same_column', type: 'string' }];
  rig.datadog.seed('users', {
    id: 'same',
    type: 'ref_table',
    join_attribute: 'user_email',
    join_type: 'email',
    fields,
  });
  rig.datadog.resetLog();
  return rig;
}

const WRITES = '--prune --allow-replace --max-deletes 100%';

function writes(rig: Rig): readonly object[] {
  return rig.datadog.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path, body, status }) => ({ method, path, body, status }));
}

describe('the curl script of a plan', () => {
  test.skipIf(!HAS_CURL)('sends exactly the requests of an apply when sh runs it', async () => {
    await using applied = await rigWithEveryAction();
    await using scripted = await rigWithEveryAction();
    expect((await applied.live(`apply ${WRITES} --yes --concurrency 1`)).exitCode).toBe(0);

    const script = (await scripted.live(`plan ${WRITES} --format curl`)).stdout;
    expect(writes(scripted)).toEqual([]);
    const ran = await sh(script, scripted.folder, { PATH: process.env['PATH'] ?? '', ...scripted.keys });
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(writes(scripted)).toEqual(writes(applied));
    expect(writes(applied).map((request) => Object.values(request).at(0))).toEqual([
      'POST',
      'PUT',
      'DELETE',
      'DELETE',
      'POST',
      'PUT',
      'PUT',
    ]);
    const withoutTimes = (rig: Rig): object[] =>
      rig.datadog.connections('users').map(({ id, type, join, fields }) => ({ id, type, join, fields }));
    expect(withoutTimes(scripted)).toEqual(withoutTimes(applied));
    expect((await scripted.live('plan')).stdout).toContain('Plan: 0 to add, 0 to change, 0 to destroy.');
  });

  test('names every action before its requests, including adopt and forget, which have none', async () => {
    await using rig = await rigWithEveryAction();
    const { stdout, stderr } = await rig.live(`plan ${WRITES} --format curl`);
    expect(stderr).toBe('');
    const comments = stdout.split('\n').filter((line) => /^# \w+ (?:users|accounts)\//.test(line));
    expect(comments).toEqual([
      '# create accounts/fresh',
      '# update users/change',
      '# delete users/drop',
      '# forget users/gone: no request, connsync apply only records it',
      '# replace users/rejoin',
      '# update users/retype',
      '# adopt users/same: no request, connsync apply only records it',
    ]);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      '#!/bin/sh',
      `# Plan: 2 to add, 2 to change, 2 to destroy. 1 replacement. 1 to adopt. 1 to forget.`,
    ]);
    expect(stdout).toContain(
      `curl --fail-with-body -sS -X DELETE "$API/api/v2/product-analytics/users/mapping/connection/drop" -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY"\n`,
    );
    expect(stdout).not.toMatch(/a{32}|b{40}|##\[|\u202E/);
  });

  test('stops before its first request if a guard refuses the plan', async () => {
    using curl = new FakeCurl();
    await using rig = await rigWithEveryAction();
    const { stdout, exitCode } = await rig.live('plan --prune --format curl');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('# An apply would be refused: users/rejoin would be replaced\n');
    const { ran, calls } = await curl.calls(stdout);
    expect({ exitCode: ran.exitCode, calls }).toEqual({ exitCode: 7, calls: [] });
    expect((await curl.calls(stdout.replace('\nexit 7\n', '\n'))).calls).toHaveLength(7);
  });

  test('stops at the first request that is refused', async () => {
    const { out } = await written(open, [
      started('plan'),
      ...planned([deletion('users/a'), deletion('users/b')]),
      ended(),
    ]);
    using curl = new FakeCurl();
    const { ran, calls } = await curl.calls(out, 22);
    expect(ran.exitCode).toBe(22);
    expect(calls).toHaveLength(1);
  });

  test('requires both keys, and uses the site unless DD_API_URL is set', async () => {
    const { out } = await written(open, [started('plan', 'datadoghq.eu'), ...planned([deletion('users/a')]), ended()]);
    expect(out).toContain('API="${DD_API_URL:-https://api.datadoghq.eu}"\n');
    using curl = new FakeCurl();
    const ran = await sh(out, curl.folder, { PATH: process.env['PATH'] ?? '', DD_API_KEY: 'x' });
    expect(ran.exitCode).not.toBe(0);
    expect(ran.stderr).toContain('DD_APP_KEY');
  });

  test('is empty if no plan was possible, and stderr says why', async () => {
    const events = [started('plan'), problemEvent(problem('bad-value', 'no', { file: 'a.yaml', line: 2 })), ended(3)];
    const { out, err } = await written(open, events);
    expect(out).toBe('#!/bin/sh\n# Nothing was planned: 1 error.\nexit 3\n');
    expect(err).toContain('a.yaml:2  no');
  });

  test('omits warnings with --quiet', async () => {
    const events = [started('plan'), problemEvent(problem('unusual-id', 'odd')), ...planned([]), ended()];
    expect((await written(open, events)).err).toContain('odd');
    expect((await written((sinks) => curlReporter(sinks, { ...LOOK, quiet: true }), events)).err).toBe('');
  });

  test.each([
    ['x', 200_000],
    ['\u{20AC}', 90_000],
    ["'", 300_000],
  ])('passes a body of many %j through stdin, because it is too long for an argument', async (character, count) => {
    const to = spec({ fields: [field('plan', { description: character.repeat(count) })] });
    const { out } = await written(open, [started('plan'), ...planned([creation('users/a', to)]), ended()]);
    using curl = new FakeCurl();
    const { ran, calls } = await curl.calls(out);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(calls[0]?.slice(-3, -1)).toEqual(['--data', '@-']);
    expect(calls[0]?.at(-1)).toBe(`${JSON.stringify(createBody({ entity: 'users', id: 'a', spec: to }))}\n`);
  });

  test('stops at an id that cannot be part of a URL, and sends nothing else', async () => {
    const { out } = await written(open, [
      started('plan'),
      ...planned([deletion('users/..'), deletion('users/a')]),
      ended(),
    ]);
    using curl = new FakeCurl();
    const { ran, calls } = await curl.calls(out);
    expect({ exitCode: ran.exitCode, calls }).toEqual({ exitCode: 1, calls: [] });
  });
});
