import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printLockfile } from '../../src/core/lockfile.ts';
import type { Emulator } from '../../src/emulator/server.ts';
import { seedForty } from './forty.ts';
import { runDocument, type DocumentOptions } from './run-document.ts';

const GUIDES = join(import.meta.dirname, '../../docs/guides');

/** Events that happen elsewhere while a page is read. */
const MEANWHILE: NonNullable<DocumentOptions['meanwhile']> = {
  'ana edits users/billing in Datadog': (datadog) => relabel(datadog, 'billing', 'plan', 'Subscription plan'),
  'ana edits users/billing again': (datadog) => relabel(datadog, 'billing', 'plan', 'Subscription'),
  'ana edits users/billing a third time': (datadog) => relabel(datadog, 'billing', 'plan', 'Abo'),
  'a colleague renames a field of users/zendesk-owner': (datadog) =>
    relabel(datadog, 'zendesk-owner', undefined, 'Answers the tickets'),
  'Datadog does the next create, and its answer is lost': (datadog) =>
    datadog.setFaults({ rules: [{ kind: 'drop-after', methods: ['POST'], times: 1 }] }),
  'Datadog takes long over the next update': (datadog) =>
    datadog.setFaults({ rules: [{ kind: 'hang', methods: ['PUT'] }] }),
  'Datadog is quick again': (datadog) => datadog.setFaults(undefined),
  'users/billing is applied, a colleague renames its field in Datadog, and its manifest gets a typo': (
    datadog,
    folder,
  ) => {
    const spec = {
      type: 'ref_table',
      join_attribute: 'user_email',
      join_type: 'email',
      fields: [{ id: 'plan', source_name: 'plan_code', type: 'string', display_name: 'Plan' }],
    };
    datadog.seed('users', { id: 'billing', ...spec });
    const header = { site: 'datadoghq.com', manifests: ['connections'] };
    const records = new Map([['users/billing', { key: 'users/billing', spec }]]);
    writeFileSync(join(folder, 'connections.lock'), printLockfile({ header, records }));
    const manifest = join(folder, 'connections/users/billing.yaml');
    mkdirSync(dirname(manifest), { recursive: true });
    writeFileSync(
      manifest,
      'entity: users\nid: billing\ntype: ref_table\njoin_attribute: user_email\njoin_type: email\nfields:\n' +
        '  - id: plan\n    source_name: plan_code\n    type: string\n    displayname: Plan\n',
    );
    relabel(datadog, 'billing', 'plan', 'Subscription plan');
  },
};

/** Pages that need existing files before they begin, and pages with a block that cannot run here. */
const SPECIAL: Readonly<Record<string, { readonly options?: DocumentOptions; readonly leftOut?: readonly string[] }>> =
  {
    'bringing-forty-in.md': { options: { before: seedForty }, leftOut: ['keys of an organisation'] },
    'drift.md': { leftOut: ['Ana did it already'] },
    'first-connection.md': { leftOut: ['keys of an organisation'] },
  };

/** Returns every field if none is named. */
function relabel(datadog: Emulator, id: string, field: string | undefined, display_name: string): void {
  datadog.edit(
    'users',
    id,
    (connection) => ({
      ...connection,
      fields: connection.fields.map((one) => (one.id === (field ?? one.id) ? { ...one, display_name } : one)),
    }),
    'ana@acme.example',
  );
}

describe.concurrent('every command of a guide has the output that the guide shows', () => {
  test.each(readdirSync(GUIDES))('%s', { timeout: 600_000 }, async (name) => {
    const { options = {}, leftOut = [] } = SPECIAL[name] ?? {};
    await using ran = await runDocument(`docs/guides/${name}`, { ...options, meanwhile: MEANWHILE });
    expect(ran.wrong).toEqual([]);
    expect(ran.leftOut.map((left) => left.replace(/^\d+: /, ''))).toEqual(leftOut);
    expect(ran.commands).toBeGreaterThan(2);
  });
});

test('every command of the README has the output shown there, except those that need a clone or a network', async () => {
  await using ran = await runDocument('README.md', { meanwhile: MEANWHILE });
  expect(ran.wrong).toEqual([]);
  expect(ran.leftOut.map((left) => left.replace(/^\d+: /, ''))).toEqual([
    'it needs a clone and a network; CI does it',
    'the package is not published yet',
    'it needs a clone and a network',
  ]);
});
