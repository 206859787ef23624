import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { CLI, manifest, Rig } from '../rig/rig.ts';
import { complaints, undescribed, type Published } from './published.ts';

const BARE = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };
const NAMED = (name: string): string => `    display_name: ${name}\n`;

test('valid manifests produce a validate document without problems', async () => {
  await using rig = await Rig.start();
  rig.write('connections/two.yaml', `${manifest('users/a')}---\n${manifest('accounts/b')}`);
  const document = await documentOf(rig, 'validate', 'validate', 0);
  expect(document).toEqual({ formatVersion: '1.0', manifests: 1, connections: 2, problems: [] });
});

test('a plan with every kind of action, refused by guards, with drift and an orphan matches the schema', async () => {
  await using rig = await Rig.start();
  await live(rig);
  const document = await documentOf(rig, 'plan', 'plan --prune', 0);
  const { actions, refusals } = document as PlanDocument;
  expect(new Set(actions.map(({ kind }) => kind))).toEqual(
    new Set(['create', 'update', 'replace', 'delete', 'adopt', 'forget']),
  );
  expect(actions.some(({ takeover }) => takeover === true)).toBe(true);
  expect(refusals.length).toBeGreaterThan(1);

  const orphaned = await documentOf(rig, 'plan', 'plan --on-drift keep', 0);
  expect(orphaned).toHaveProperty('summary.orphaned', 1);
  expect(orphaned).toHaveProperty('target.org', rig.datadog.organisation);
  const offline = await documentOf(rig, 'plan', 'plan --offline --prune', 0);
  expect(offline).toHaveProperty('compared', ['lockfile']);
});

test('an apply that the guards refuse matches the schema', async () => {
  await using rig = await Rig.start();
  await live(rig);
  rig.datadog.resetLog();
  const document = await documentOf(rig, 'plan', 'apply', 7);
  expect(document).toMatchObject({ outcomes: [], applied: 0, failed: 0, skipped: 0 });
  expect(await eventsOf(rig, 'apply', 7)).not.toContain('started');
  expect(rig.writes()).toEqual([]);
});

test('the same plan as events matches the schema', async () => {
  await using rig = await Rig.start();
  await live(rig);
  const events = await eventsOf(rig, 'plan --prune', 0);
  expect(events.filter((type) => type === 'action').length).toBeGreaterThan(6);
  expect(events).toContain('planned');
});

test('an apply that creates, adopts, forgets, waits, and has one refusal matches the schema', async () => {
  await using first = await Rig.start();
  await oneIsRefused(first);
  const document = await documentOf(first, 'plan', 'apply', 4);
  expect(document).toMatchObject({ applied: 3, failed: 1, skipped: 0 });
  expect(JSON.stringify(document)).toContain('no such table');
  for (const line of first.read('connections.lock').trimEnd().split('\n')) passes('lockfile', JSON.parse(line));

  await using second = await Rig.start();
  await oneIsRefused(second);
  const events = await eventsOf(second, 'apply', 4);
  for (const type of ['loaded', 'waiting', 'started', 'applied', 'failed', 'recorded']) expect(events).toContain(type);
});

test('an apply that is rejected halfway leaves out the rest', async () => {
  await using rig = await Rig.start();
  for (const id of ['a', 'b', 'c']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [id]));
  rig.datadog.answerNext({ method: 'POST', status: 403, body: '<html>Forbidden</html>' });
  const document = await documentOf(rig, 'plan', 'apply --concurrency 1', 6);
  expect(document).toMatchObject({ applied: 0, failed: 1, skipped: 2 });
  rig.datadog.answerNext({ method: 'POST', status: 403, body: '<html>Forbidden</html>' });
  expect(await eventsOf(rig, 'apply --concurrency 1', 6)).toContain('skipped');
});

test('records with every member, and with members of live-only connections, match the lockfile schema', async () => {
  await using rig = await Rig.start();
  const metadata = 'metadata:\n  source: "crm"\nconnsync:\n  owner: team-growth\n  protect: true\n';
  const field = `fields:\n  - id: plan\n    source_name: "0123"\n    type: string\n    description: ""\n    groups: [B, A]\n`;
  rig.write('connections/whole.yaml', `${manifest('users/whole ü', [])}${field}${metadata}`);
  rig.write(
    'connections/bare.json',
    JSON.stringify({ entity: 'accounts', id: '-', type: 't', join_attribute: 'j', join_type: 'u' }),
  );
  await run(rig, 'apply', 0);
  const lines = rig.read('connections.lock').trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) passes('lockfile', JSON.parse(line));
});

describe.each<readonly [string, string, Readonly<Record<string, string>>, string, number]>([
  ['a broken manifest', 'plan', { 'connections/a.yaml': 'entity: users\njoin_atribute: x\n' }, 'unknown-property', 3],
  ['a broken manifest', 'apply', { 'connections/a.yaml': '- nothing\n' }, 'wrong-type', 3],
  ['broken YAML', 'validate', { 'connections/a.yaml': 'entity: [\n' }, 'yaml-syntax', 3],
  [
    'two manifests for one key',
    'validate',
    { 'connections/a.yaml': manifest('users/a'), 'connections/b.yaml': manifest('users/a') },
    'duplicate-key',
    3,
  ],
  ['no folder', 'validate', {}, 'missing-folder', 3],
  ['no folder', 'plan --offline', {}, 'missing-folder', 3],
  [
    'broken settings',
    'plan',
    { 'connsync.yaml': 'version: 1\nsite: datadoghq.org\n', 'connections/a.yaml': manifest('users/a') },
    'bad-site',
    3,
  ],
  ['an unknown site', 'plan --site evil.com/#', { 'connections/a.yaml': manifest('users/a') }, 'bad-site', 3],
  [
    'conflicting flags',
    'plan --live --offline',
    { 'connections/a.yaml': manifest('users/a') },
    'conflicting-settings',
    3,
  ],
  ['an offline apply', 'apply --offline', { 'connections/a.yaml': manifest('users/a') }, 'conflicting-settings', 3],
  [
    'a damaged lockfile',
    'plan',
    { 'connections/a.yaml': manifest('users/a'), 'connections.lock': '{"lockfileVersion":1\n' },
    'lockfile-damaged',
    5,
  ],
  [
    'an unresolved merge',
    'apply',
    { 'connections/a.yaml': manifest('users/a'), 'connections.lock': '<<<<<<< ours\n' },
    'lockfile-conflict',
    5,
  ],
  [
    'a lockfile of another site',
    'plan',
    {
      'connections/a.yaml': manifest('users/a'),
      'connections.lock': '{"lockfileVersion":1,"site":"datadoghq.eu","manifests":["connections"]}\n',
    },
    'site-mismatch',
    6,
  ],
])('%s in %s', (_, args, files, code, exitCode) => {
  const command = args.startsWith('validate') ? 'validate' : 'plan';
  const ready = async (): Promise<Rig> => {
    const rig = await Rig.start();
    for (const [file, text] of Object.entries(files)) rig.write(file, text);
    return rig;
  };
  // The lockfile would choose its own site, but the environment takes precedence.
  const env = { DD_SITE: 'datadoghq.com' };

  test(`prints a document that contains ${code}, and ends with ${exitCode}`, async () => {
    await using rig = await ready();
    const document = await documentOf(rig, command, args, exitCode, env);
    expect(document.problems.map((problem) => problem.code)).toContain(code);
    if (command === 'plan') expect(document).toMatchObject({ actions: [], checksum: null });
    expect(rig.writes()).toEqual([]);
  });

  test('prints events from the first to the last', async () => {
    await using rig = await ready();
    expect(await eventsOf(rig, args, exitCode, env)).toContain('problem');
  });
});

describe.each([
  ['plan --live', 'credentials-missing'],
  ['apply', 'credentials-missing'],
])('%s without keys', (args, code) => {
  test(`prints a document with ${code}, and events`, async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const none = { DD_API_KEY: '', DD_APP_KEY: '' };
    const document = await documentOf(rig, 'plan', args, 6, none);
    expect(document.problems.map((problem) => problem.code)).toEqual([code]);
    expect(await eventsOf(rig, args, 6, none)).toContain('problem');
  });
});

/** Manifests, records and live connections that together require every kind of action. */
async function live(rig: Rig): Promise<void> {
  for (const id of ['plan-skipped', 'edited', 'joined', 'gone', 'forgotten', 'clicked'])
    rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [id], NAMED('Name')));
  await run(rig, 'apply', 0);
  rig.write('connections/edited.yaml', manifest('users/edited', ['added', 'edited'], NAMED('Other')));
  rig.write('connections/joined.yaml', manifest('users/joined', ['joined']).replace('user_email', 'email'));
  rig.write('connections/new.yaml', manifest('users/new', ['new'], 'connsync:\n  owner: team-growth\n'));
  rig.write('connections/here.yaml', manifest('users/here', []));
  rig.write('connections/taken.yaml', manifest('users/taken', ['taken']));
  rig.remove('connections/gone.yaml');
  rig.remove('connections/forgotten.yaml');
  for (const id of ['here', 'taken', 'stranger']) rig.datadog.seed('users', { id, ...BARE });
  rig.datadog.drop('users', 'forgotten');
  rig.datadog.edit('users', 'clicked', (connection) => ({ ...connection, fields: [] }));
  rig.datadog.edit('users', 'plan-skipped', (connection) => ({
    ...connection,
    fields: [...(connection.fields ?? []), { id: 'theirs', source_name: 's', type: 'string' }],
  }));
}

/** A create, an adopt and a forget that succeed behind a rate limit, and a create that Datadog refuses. */
async function oneIsRefused(rig: Rig): Promise<void> {
  rig.write('connections/old.yaml', manifest('users/old'));
  await run(rig, 'apply', 0);
  rig.remove('connections/old.yaml');
  rig.datadog.drop('users', 'old');
  rig.datadog.seed('users', { id: 'here', ...BARE });
  rig.write('connections/here.yaml', manifest('users/here', []));
  rig.write('connections/bad.yaml', manifest('users/bad', ['bad']));
  rig.write('connections/new.yaml', manifest('users/new', ['new']));
  rig.datadog.answerNext({ method: 'GET', status: 429, headers: { 'x-ratelimit-reset': '1' } });
  rig.datadog.answerNext({
    method: 'POST',
    status: 400,
    body: { errors: ['no such table'] },
    where: ({ body }) => JSON.stringify(body).includes('"bad"'),
  });
}

test('drift matches the schema as a document and as events, also without credentials', async () => {
  await using rig = await Rig.start();
  for (const id of ['same', 'edited', 'gone'])
    rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`f_${id}`]));
  await run(rig, 'apply', 0);
  rig.datadog.edit('users', 'edited', (connection) => ({
    ...connection,
    fields: [...connection.fields, { id: 'added', source_name: 'x', type: 'string' }],
  }));
  rig.datadog.drop('users', 'gone');
  rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
  const document = await documentOf(rig, 'drift', 'drift', 0);
  expect(document).toMatchObject({ summary: { 'in-sync': 1, changed: 1, missing: 1, unmanaged: 1 } });
  expect(await eventsOf(rig, 'drift --detailed-exitcode', 2)).toEqual([
    'start',
    'loaded',
    'progress',
    'drift',
    'drift',
    'drift',
    'drift',
    'drift-summary',
    'end',
  ]);
  expect(await documentOf(rig, 'drift', 'drift', 6, { DD_API_KEY: '', DD_APP_KEY: '' })).toMatchObject({
    problems: [{ code: 'credentials-missing' }],
  });
  expect(await eventsOf(rig, 'import --all', 0)).toContain('file-written');
});

test('an init with existing files describes what was written, appended and kept', async () => {
  await using rig = await Rig.start();
  rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
  rig.write('.gitignore', 'mine\n');
  rig.write('.vscode/settings.json', '{}\n');
  const types = await eventsOf(rig, 'init --from-live --yes', 0);
  expect(types).toEqual(expect.arrayContaining(['start', 'loaded', 'file-written', 'file-skipped', 'recorded', 'end']));
  expect(await eventsOf(rig, 'init', 7)).toEqual(['start', 'problem', 'end']);
});

interface Document {
  readonly problems: readonly { readonly code: string }[];
}

interface PlanDocument extends Document {
  readonly actions: readonly { readonly kind: string; readonly takeover?: true }[];
  readonly refusals: readonly unknown[];
}

async function documentOf(rig: Rig, name: Published, args: string, exitCode: number, env = {}): Promise<Document> {
  const document: unknown = JSON.parse(await run(rig, `${args} --format json`, exitCode, env));
  passes(name, document);
  return document as Document;
}

/** Returns the types of a run's events, in order, after every line has passed validation. */
async function eventsOf(rig: Rig, args: string, exitCode: number, env = {}): Promise<readonly string[]> {
  const lines = (await run(rig, `${args} --format ndjson`, exitCode, env)).trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { type: string; run: string; seq: number; exitCode?: number });
  for (const event of events) passes('events', event);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map(({ run: id }) => id)).size).toBe(1);
  expect([events[0]?.type, events.at(-1)?.type, events.at(-1)?.exitCode]).toEqual(['start', 'end', exitCode]);
  return events.map(({ type }) => type);
}

function passes(name: Published, value: unknown): void {
  expect(complaints(name, value)).toEqual([]);
  expect(undescribed(name, value)).toEqual([]);
}

/** Runs the built command in its own process and returns its stdout, after it ended as expected. */
async function run(rig: Rig, args: string, exitCode: number, env = {}): Promise<string> {
  const options = { cwd: rig.folder, env: { PATH: process.env['PATH'], ...rig.keys, ...env } };
  return await new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, ...args.split(' ')], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (code === exitCode) resolve(stdout);
      else reject(new Error(`connsync ${args} ended with ${String(code)}, not with ${exitCode}:\n${stdout}${stderr}`));
    });
  });
}
