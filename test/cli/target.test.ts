import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const CANARY = {
  DD_API_KEY: 'canary0api0key0canary0api0key000',
  DD_APP_KEY: 'canary0app0key0canary0app0key000canary00',
};

async function rigWithOne(): Promise<Rig> {
  const rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a'));
  return rig;
}

describe('the live or offline mode', () => {
  test.each([
    ['plan', {}, 0, ['lockfile']],
    ['plan', CANARY, 0, ['lockfile', 'live']],
    ['plan', { DD_API_KEY: CANARY.DD_API_KEY }, 0, ['lockfile']],
    ['plan', { DATADOG_API_KEY: CANARY.DD_API_KEY, DATADOG_APP_KEY: CANARY.DD_APP_KEY }, 0, ['lockfile', 'live']],
    ['plan', { DD_BEARER_TOKEN: 'ddpat_canary' }, 0, ['lockfile', 'live']],
    ['plan --offline', CANARY, 0, ['lockfile']],
    ['plan --live', CANARY, 0, ['lockfile', 'live']],
    ['plan --live', {}, 6, ['lockfile', 'live']],
    ['plan --live', { DD_API_KEY: CANARY.DD_API_KEY }, 6, ['lockfile', 'live']],
    ['plan --live --offline', CANARY, 3, ['lockfile']],
    ['apply', {}, 6, ['lockfile', 'live']],
    ['apply --offline', CANARY, 3, ['lockfile']],
    ['apply --dry-run', {}, 0, ['lockfile']],
    ['apply --dry-run --offline', CANARY, 0, ['lockfile']],
  ])('is chosen for %s with %j, which ends with %i', async (args, env, exitCode, compared) => {
    await using rig = await rigWithOne();
    const ended = await rig.run(`${args} --format json`, { env: { DD_API_URL: rig.datadog.url, ...env } });
    expect(ended.exitCode).toBe(exitCode);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      compared,
      target: { environment: 'default', site: 'datadoghq.com' },
    });
    expect(rig.sent().length > 0).toBe(exitCode === 0 && compared.length === 2);
    for (const secret of Object.values(env)) expect(ended.stdout + ended.stderr).not.toContain(secret);
  });

  test('warns if only one of the two keys is set', async () => {
    await using rig = await rigWithOne();
    expect((await rig.run('plan', { env: { DD_APP_KEY: CANARY.DD_APP_KEY } })).stderr).toContain(
      'DD_APP_KEY is set and DD_API_KEY is not',
    );
  });
});

describe('contradictory settings', () => {
  test.each([
    [{ ...CANARY, DATADOG_API_KEY: 'another' }],
    [{ ...CANARY, DD_BEARER_TOKEN: 'ddpat_canary' }],
    [{ ...CANARY, DD_SITE: 'datadoghq.eu', DATADOG_SITE: 'datadoghq.com' }],
    [{ ...CANARY, DD_API_KEY: 'two words' }],
  ])('%j are bad input', async (env) => {
    await using rig = await rigWithOne();
    for (const command of ['plan', 'apply']) {
      const ended = await rig.run(command, { env: { ...env, DD_API_URL: rig.datadog.url } });
      expect(ended.exitCode).toBe(3);
      expect(ended.stderr).not.toContain('canary');
    }
    expect(rig.sent()).toEqual([]);
  });

  test('a flag overrides the environment, which overrides connsync.yaml, which overrides the lockfile, which overrides the default', async () => {
    await using rig = await rigWithOne();
    const site = async (args = 'plan', env: Readonly<Record<string, string>> = {}): Promise<string> => {
      const document = JSON.parse((await rig.run(`${args} --offline --format json`, { env })).stdout) as {
        readonly target: { readonly site: string };
      };
      return document.target.site;
    };
    expect(await site()).toBe('datadoghq.com');
    rig.write('connections.lock', '{"lockfileVersion":1,"site":"us5.datadoghq.com","manifests":["connections"]}\n');
    expect(await site()).toBe('us5.datadoghq.com');
    rig.write('connsync.yaml', 'version: 1\nsite: datadoghq.eu\n');
    expect(await site()).toBe('datadoghq.eu');
    expect(await site('plan', { DD_SITE: 'us3.datadoghq.com' })).toBe('us3.datadoghq.com');
    expect(await site('plan --site ap1.datadoghq.com', { DD_SITE: 'us3.datadoghq.com' })).toBe('ap1.datadoghq.com');
  });
});

describe('hostile sites and addresses', () => {
  test.each([
    'datadoghq.com@evil.com',
    'evil.com/#',
    'evil.com?',
    'evil.com/.datadoghq.com',
    'DATADOGHQ.COM',
    '',
    'datadoghq.com.evil.com',
  ])('the site %o is refused', async (site) => {
    await using rig = await rigWithOne();
    const ended = await rig.run(`apply --site=${site}`, { env: CANARY });
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout + ended.stderr).not.toContain('canary');
  });

  test.each([
    'http://10.0.0.1',
    'http://example.com',
    'https://user:pw@example.com',
    'ftp://127.0.0.1',
    'https://example.com/#x',
    'https://example.com/?x',
    'http://127.0.0.1.example.com',
    'nonsense',
  ])('the address %o is refused', async (url) => {
    await using rig = await rigWithOne();
    expect((await rig.run(`apply --api-url ${url}`, { env: CANARY })).exitCode).toBe(3);
    expect((await rig.run('apply', { env: { ...CANARY, DD_API_URL: url } })).exitCode).toBe(3);
  });

  test('neither a manifest nor connsync.yaml can set an address or a key', async () => {
    await using rig = await rigWithOne();
    for (const line of ['api_url: http://127.0.0.1', 'api_key: x', 'app_key: x']) {
      rig.write('connsync.yaml', `version: 1\n${line}\n`);
      expect((await rig.live('apply')).exitCode).toBe(3);
    }
    expect(rig.sent()).toEqual([]);
  });
});

describe('an untrustworthy server', () => {
  test('cannot redirect a request: a redirect ends the run', async () => {
    await using rig = await rigWithOne();
    await using thief = await Rig.start();
    rig.datadog.answerNext({
      status: 307,
      headers: { location: `${thief.datadog.url}/api/v2/product-analytics/users/mapping/connections` },
      times: 20,
    });
    const ended = await rig.live('apply --max-retries 0');
    expect(ended.exitCode).toBe(4);
    expect(thief.sent()).toEqual([]);
    expect(rig.writes()).toEqual([]);
  });

  test.each([
    ['a list without data', { data: { type: 'list_connections_response', attributes: {} } }],
    ['nothing', {}],
    ['HTML', '<html>hello</html>'],
    ['truncated JSON', '{"data":{"attributes":{"connections":['],
  ])('causes an error with %s, never an empty list', async (_name, body) => {
    await using rig = await rigWithOne();
    rig.datadog.answerNext({ where: ({ path }) => path.endsWith('/connections'), status: 200, body, times: 20 });
    const ended = await rig.live('apply --max-retries 0');
    expect(ended.exitCode).toBe(4);
    expect(rig.writes()).toEqual([]);
    expect(existsSync(join(rig.folder, 'connections.lock'))).toBe(false);
  });

  test.each([
    [401, 6],
    [403, 6],
    [404, 6],
    [500, 4],
  ])('that answers the list with %i ends the run with %i and Datadog’s message', async (status, exitCode) => {
    await using rig = await rigWithOne();
    rig.datadog.answerNext({
      where: ({ path }) => path.endsWith('/connections'),
      status,
      body: { errors: ['the words of Datadog'] },
      times: 20,
    });
    const ended = await rig.live('plan --max-retries 0');
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toContain('the words of Datadog');
    expect(ended.stdout + ended.stderr).not.toContain(rig.keys['DD_API_KEY']);
  });

  test('that is unreachable ends the run with 4', async () => {
    await using rig = await rigWithOne();
    const url = rig.datadog.url;
    await rig.datadog.close();
    expect((await rig.run('plan --max-retries 0', { env: { ...CANARY, DD_API_URL: url } })).exitCode).toBe(4);
  });
});

describe('the lockfile belongs to one target', () => {
  test('and another site ends with 6 before any write', async () => {
    await using rig = await rigWithOne();
    await rig.live('apply');
    rig.datadog.resetLog();
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    const ended = await rig.live('apply --site datadoghq.eu');
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toContain('connections.lock belongs to datadoghq.com');
    expect(rig.writes()).toEqual([]);
  });

  test('and another organisation ends with 6 before any write', async () => {
    await using rig = await rigWithOne();
    await rig.live('apply');
    await using other = await Rig.start();
    const ended = await rig.run('apply', { env: other.keys });
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toContain('organisation');
    expect(other.writes()).toEqual([]);
  });

  test('and an unknown organisation mismatches nothing, and keeps the recorded one', async () => {
    await using rig = await rigWithOne();
    await rig.live('apply');
    rig.datadog.answerNext({ where: ({ path }) => path === '/api/v2/validate', status: 404, times: 5 });
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.read('connections.lock')).toContain(`"org":"${rig.datadog.organisation}"`);
  });

  test.each([
    ['damaged', 'nonsense\n', 5],
    ['of a newer version', '{"lockfileVersion":2,"site":"datadoghq.com","manifests":["connections"]}\n', 5],
    ['with conflict markers', '<<<<<<< ours\n', 5],
  ])('and ends the run with 5 before any request if it is %s', async (_name, text, exitCode) => {
    await using rig = await rigWithOne();
    rig.write('connections.lock', text);
    for (const command of ['plan', 'apply', 'plan --offline'])
      expect((await rig.live(command)).exitCode).toBe(exitCode);
    expect(rig.sent()).toEqual([]);
    expect(rig.read('connections.lock')).toBe(text);
  });

  test('only one apply runs at a time', async () => {
    await using rig = await rigWithOne();
    rig.datadog.latencyMs = 150;
    const [one, two] = await Promise.all([rig.live('apply'), rig.live('apply')]);
    expect([one.exitCode, two.exitCode]).toEqual(expect.arrayContaining([0, 5]));
    expect(rig.writes()).toHaveLength(1);
    rig.remove('connections.lock');
    const both = await Promise.all([rig.live('apply --lock-timeout 5s'), rig.live('apply --lock-timeout 5s')]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });
});

describe('the exit code of a run with several errors', () => {
  test('is for a broken manifest before a damaged lockfile, then missing credentials, then a guard', async () => {
    await using rig = await Rig.start();
    rig.write('connections.lock', 'nonsense\n');
    rig.write('connections/a.yaml', 'entity: [\n');
    expect((await rig.run('apply')).exitCode).toBe(3);
    rig.write('connections/a.yaml', manifest('users/a'));
    expect((await rig.run('apply')).exitCode).toBe(5);
    rig.write('connections.lock', '{"lockfileVersion":1,"site":"datadoghq.com","manifests":["connections"]}\n');
    expect((await rig.run('apply')).exitCode).toBe(6);
    rig.remove('connections');
    expect((await rig.run('apply')).exitCode).toBe(6);
    expect((await rig.live('apply')).exitCode).toBe(7);
  });

  test('is for the manifest, plans nothing, sends nothing, and the document lists every problem', async () => {
    await using rig = await rigWithOne();
    rig.write('connections/b.yaml', 'entity: users\nid: b\n');
    for (const command of ['plan', 'apply', 'diff']) {
      const ended = await rig.live(`${command} --format json`);
      expect(ended.exitCode).toBe(3);
      const document = JSON.parse(ended.stdout) as { readonly problems: readonly object[] };
      expect(document).toMatchObject({ actions: [], checksum: null });
      expect(document.problems).toHaveLength(3);
    }
    expect(rig.sent()).toEqual([]);
  });
});

describe('--site local', () => {
  test('works without an account, keeps its data under .connsync/local, and plan creates nothing', async () => {
    await using rig = await rigWithOne();
    expect((await rig.run('plan --site local')).stdout).toContain('Plan: 1 to add');
    expect(existsSync(join(rig.folder, '.connsync'))).toBe(false);
    expect((await rig.run('apply --site local')).exitCode).toBe(0);
    expect((await rig.run('plan --site local')).stdout).toContain('No changes. 1 unchanged.');
    expect(existsSync(join(rig.folder, '.connsync/local/connections.lock'))).toBe(true);
    expect(existsSync(join(rig.folder, 'connections.lock'))).toBe(false);
  });

  test('with another address is bad input, and keys are ignored', async () => {
    await using rig = await rigWithOne();
    expect((await rig.run(`plan --site local --api-url ${rig.datadog.url}`)).exitCode).toBe(3);
    expect((await rig.run('plan --site local', { env: CANARY })).exitCode).toBe(0);
  });
});

test('a trace contains every request and no key', async () => {
  await using rig = await rigWithOne();
  await rig.live('apply --trace trace.ndjson');
  const lines = rig
    .read('trace.ndjson')
    .trimEnd()
    .split('\n')
    .slice(1) // Skip the line that describes the run.
    .map((line) => JSON.parse(line) as { readonly method: string; readonly path: string });
  expect(lines.map(({ method, path }) => `${method} ${path}`)).toEqual(rig.sent());
  expect(rig.read('trace.ndjson')).not.toContain(rig.keys['DD_API_KEY']);
});

test('a dry run that tries to write is stopped by its own transport', async () => {
  await using rig = await rigWithOne();
  rig.datadog.resetLog();
  for (const command of ['plan', 'diff', 'apply --dry-run', 'validate']) await rig.live(command);
  expect(rig.writes()).toEqual([]);
});
