import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings } from '../../src/manifest/settings.ts';
import { combine, loadManifest } from '../../src/manifest/load.ts';
import { walkManifests } from '../../src/files/walk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('generated files are up to date', () => {
  expect(execFileSync(process.execPath, ['.ci/generate.mjs', '--check'], { cwd: ROOT, encoding: 'utf8' })).toBe('');
});

test('the example manifests validate without a warning', () => {
  const { files, problems, missing } = walkManifests(['connections'], { cwd: ROOT, maxFiles: 100 });
  const loaded = files.map((file) => loadManifest(readFileSync(join(ROOT, file), 'utf8'), file));
  const { desired, problems: found, connections } = combine(loaded);
  expect([...problems, ...found, ...missing]).toEqual([]);
  expect(desired.size).toBe(connections);
  expect(desired.get('users/crm-integration')?.spec).toEqual({
    type: 'ref_table',
    join_attribute: 'user_email',
    join_type: 'email',
    fields: [
      {
        id: 'customer_tier',
        source_name: 'subscription_tier',
        type: 'string',
        display_name: 'Customer Tier',
        description: 'Customer subscription tier from `CRM`',
      },
      {
        id: 'lifetime_value',
        source_name: 'ltv',
        type: 'number',
        display_name: 'Lifetime Value',
        description: 'Customer lifetime value in `USD`',
      },
    ],
  });
});

interface Snippets {
  readonly defaultSnippets?: readonly { readonly body: unknown }[];
  readonly definitions?: Readonly<Record<string, Snippets>>;
}

function schema(name: string): Snippets {
  return JSON.parse(readFileSync(join(ROOT, 'schemas', `${name}.schema.json`), 'utf8')) as Snippets;
}

/** Returns a snippet's text with its defaults: `${1|users,accounts|}` and `${2:crm}` give `users` and `crm`. */
function filledIn({ defaultSnippets = [] }: Snippets): readonly unknown[] {
  return defaultSnippets.map(({ body }): unknown =>
    JSON.parse(JSON.stringify(body).replace(/\$\{\d+[|:]([^,|}]*)[^}]*\}/g, '$1')),
  );
}

test('the editor snippets are valid manifests', () => {
  const connection = schema('connection');
  const [manifest] = filledIn(connection);
  expect(loadManifest(JSON.stringify(manifest), 'a.json').problems).toEqual([]);
  const [field] = filledIn(connection.definitions?.['field'] ?? {});
  const [connsync] = filledIn(connection.definitions?.['connsync'] ?? {});
  const whole = { ...(manifest as object), fields: [field], connsync };
  expect(loadManifest(JSON.stringify(whole), 'a.json')).toMatchObject({
    problems: [],
    documents: [{ key: 'users/crm-contacts' }],
  });
  const [settings] = filledIn(schema('settings'));
  expect(loadSettings(JSON.stringify(settings), 'connsync.yaml').problems).toEqual([]);
});
