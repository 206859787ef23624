import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { LanguageServer, type Completion } from './language-server.ts';

const MODELINE = '# yaml-language-server: $schema=../../schemas/connection.schema.json\n';
const SETTINGS_MODELINE = '# yaml-language-server: $schema=../schemas/settings.schema.json\n';
const WHOLE = 'entity: users\nid: a\ntype: ref_table\njoin_attribute: user_email\njoin_type: email\n';
/** The settings that the documentation recommends for editors, as the extension passes them to the server. */
const RECOMMENDED = recommended();

let server: LanguageServer;
let files = 0;

beforeAll(async () => {
  server = await LanguageServer.start();
}, 60_000);
afterAll(() => {
  server[Symbol.dispose]();
});

/** Each check uses its own file, because the server caches the files it has seen. */
function manifestFile(): string {
  files += 1;
  return `connections/users/m${files}.yaml`;
}

function settingsFile(): string {
  files += 1;
  return `environment${files}/connsync.yaml`;
}

function labels(found: readonly Completion[]): readonly string[] {
  return found.map(({ label }) => label);
}

function documentationOf(found: readonly Completion[], label: string): string {
  const documentation = found.find((item) => item.label === label)?.documentation ?? '';
  return typeof documentation === 'string' ? documentation : documentation.value;
}

describe('an editor, over a manifest with the first line', { timeout: 300_000 }, () => {
  test.each([
    [
      'at the top',
      'entity: users\n|>',
      ['id', 'type', 'join_attribute', 'join_type', 'fields', 'metadata', 'connsync'],
    ],
    ['inside a field', 'fields:\n  - |>\n', ['id', 'source_name', 'type', 'display_name', 'description', 'groups']],
    ['inside the connsync block', 'connsync:\n  |>\n', ['protect', 'owner', 'allow', 'renamed_fields']],
  ])('offers every name %s, each with its meaning', async (_where, text, names) => {
    const found = await server.complete(manifestFile(), MODELINE + text);
    expect(labels(found)).toEqual(expect.arrayContaining(names));
    for (const name of names) expect(documentationOf(found, name), name).not.toBe('');
  });

  test.each([
    ['entity: |>\n', ['users', 'accounts']],
    ['type: |>\n', ['ref_table']],
    ['join_type: |>\n', ['email', 'user_id', 'account_id']],
    ['fields:\n  - id: x\n    type: |>\n', ['string', 'number']],
    ['connsync:\n  allow: [|>]\n', ['replace']],
    ['connsync:\n  protect: |>\n', ['true', 'false']],
  ])('offers the values after %j', async (text, values) => {
    expect(labels(await server.complete(manifestFile(), MODELINE + text))).toEqual(values);
  });

  test('offers whole connections in an empty file, and inserting one gives a valid manifest', async () => {
    const found = await server.complete(manifestFile(), `${MODELINE}|>`);
    for (const label of ['connection', 'account connection']) {
      const inserted = found.find((item) => item.label === label)?.insertText ?? '';
      const { problems } = loadManifest(`${filledIn(inserted)}\n`, 'a.yaml');
      expect(problems, inserted).toEqual([]);
    }
  });

  test('offers a whole field in a list, and inserting it gives a valid manifest', async () => {
    const found = await server.complete(manifestFile(), `${MODELINE}${WHOLE}fields:\n  - |>\n`);
    const inserted = found.find(
      (item) => item.label === 'field' && item.insertText?.includes('display_name'),
    )?.insertText;
    // An editor prefixes every further line with the indentation of the line before.
    const field = filledIn(inserted ?? '').replaceAll('\n', '\n  ');
    expect(loadManifest(`${WHOLE}fields:\n  - ${field}\n`, 'a.yaml').problems).toEqual([]);
  });

  test.each([
    ['en|>tity: users\n', '`users` or `accounts`'],
    ['id: cr|>m\n', 'Your id for the connection'],
    ['join_type: em|>ail\n', '**replace**'],
    ['fie|>lds:\n  - id: x\n', 'query as `@<id>`'],
    ['fields:\n  - sou|>rce_name: x\n', "The column's name in the data source"],
    ['conn|>sync:\n  protect: true\n', '**never sends**'],
    ['connsync:\n  renamed|>_fields: {a: b}\n', '`{tier: customer_tier}`'],
    ['connsync:\n  allow: [rep|>lace]\n', 'delete the connection and create it again'],
  ])('explains %j', async (text, explanation) => {
    expect(await server.hover(manifestFile(), MODELINE + text)).toContain(explanation);
  });

  test.each([
    ['join_atribute: user_email', 'Property join_atribute is not allowed.', 4],
    ['fields: []\nsource: crm', 'Property source is not allowed.', 5],
    ['', 'Missing property "join_attribute".', 1],
    ['join_attribute: 12', 'Incorrect type. Expected "string".', 4],
  ])('marks %j', async (line, message, at) => {
    const text = WHOLE.replace('join_attribute: user_email', line);
    const found = await server.open(manifestFile(), MODELINE + text);
    expect(found).toContainEqual(
      expect.objectContaining({
        message,
        range: expect.objectContaining({ start: expect.objectContaining({ line: at }) as unknown }) as unknown,
      }),
    );
  });

  test('marks nothing in a valid manifest', async () => {
    expect(await server.open(manifestFile(), MODELINE + WHOLE)).toEqual([]);
    for (const example of ['users/crm-integration', 'users/billing']) {
      const text = readFileSync(join(import.meta.dirname, `../../connections/${example}.yaml`), 'utf8');
      expect(await server.open(`connections/${example}.yaml`, text)).toEqual([]);
    }
  });
});

describe('an editor, over connsync.yaml', { timeout: 300_000 }, () => {
  test('offers names and values, each with its meaning', async () => {
    const names = await server.complete(settingsFile(), `${SETTINGS_MODELINE}version: 1\n|>`);
    expect(labels(names)).toEqual(
      expect.arrayContaining(['site', 'manifests', 'lockfile', 'prune', 'on_drift', 'max_deletes', 'concurrency']),
    );
    const values = await server.complete(settingsFile(), `${SETTINGS_MODELINE}on_drift: |>\n`);
    expect(labels(values)).toEqual(['revert', 'keep', 'refuse']);
    expect(documentationOf(values, 'keep')).toContain('apply only what changed in Git');
    const sites = await server.complete(settingsFile(), `${SETTINGS_MODELINE}site: |>\n`);
    expect(documentationOf(sites, 'datadoghq.eu')).toContain('EU1');
    expect(documentationOf(sites, 'local')).toContain('no network');
  });

  test('marks invalid settings and explains valid ones', async () => {
    const found = await server.open(settingsFile(), `${SETTINGS_MODELINE}version: 1\nprune_all: true\n`);
    expect(found.map(({ message }) => message)).toEqual(['Property prune_all is not allowed.']);
    expect(await server.hover(settingsFile(), `${SETTINGS_MODELINE}max_|>deletes: 30%\n`)).toContain(
      '`30%` (the default)',
    );
  });
});

test('the language server made no network request', () => {
  expect(server.asked()).toBe('');
});

test('and a server that is left its catalogue of schemas would have asked', { timeout: 300_000 }, async () => {
  using other = await LanguageServer.start({ schemaStore: { enable: true } });
  await expect.poll(() => other.asked(), { timeout: 300_000 }).toContain('schemastore.org');
});

describe('with the settings that the documentation recommends', { timeout: 300_000 }, () => {
  test('needs no schema comment in manifests and connsync.yaml, and makes no network request', async () => {
    using other = await LanguageServer.start(RECOMMENDED);
    const message = 'Property oops is not allowed.';
    for (const file of ['connections/a.yaml', 'connections/users/b.yml'])
      expect((await other.open(file, `${WHOLE}oops: 1\n`)).map((found) => found.message)).toEqual([message]);
    expect((await other.open('connsync.yaml', 'version: 1\noops: 1\n')).map((found) => found.message)).toEqual([
      message,
    ]);
    expect(await other.open('docker-compose.yaml', 'oops: 1\n')).toEqual([]);
    expect(other.asked()).toBe('');
  });
});

/** Returns a snippet with its first suggestions accepted. */
function filledIn(snippet: string): string {
  return snippet
    .replace(/\$\{\d+\|([^,|]*)[^}]*\}/g, '$1')
    .replace(/\$\{\d+:([^}]*)\}/g, '$1')
    .replace(/\$\{?\d+\}?/g, '');
}

function recommended(): Readonly<Record<string, unknown>> {
  const page = readFileSync(join(import.meta.dirname, '../../docs/editors.md'), 'utf8');
  const [, block = '{}'] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const all = JSON.parse(block) as Readonly<Record<string, unknown>>;
  return { schemas: all['yaml.schemas'], schemaStore: { enable: all['yaml.schemaStore.enable'] } };
}
