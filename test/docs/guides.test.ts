import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/server.ts';
import { seedForty } from './forty.ts';
import { runDocument, type DocumentOptions } from './run-document.ts';

const GUIDES = join(import.meta.dirname, '../../docs/guides');

/** What happens elsewhere while a page is read. */
const MEANWHILE: NonNullable<DocumentOptions['meanwhile']> = {
  'ana edits users/billing in Datadog': (datadog) => relabel(datadog, 'billing', 'plan', 'Subscription plan'),
  'ana edits users/billing again': (datadog) => relabel(datadog, 'billing', 'plan', 'Subscription'),
  'ana edits users/billing a third time': (datadog) => relabel(datadog, 'billing', 'plan', 'Abo'),
  'somebody renames a field of users/zendesk-owner': (datadog) =>
    relabel(datadog, 'zendesk-owner', undefined, 'Answers the tickets'),
  'Datadog does the next create, and its answer is lost': (datadog) =>
    datadog.setFaults({ rules: [{ kind: 'drop-after', methods: ['POST'], times: 1 }] }),
  'Datadog takes long over the next update': (datadog) =>
    datadog.setFaults({ rules: [{ kind: 'hang', methods: ['PUT'] }] }),
  'Datadog is quick again': (datadog) => datadog.setFaults(undefined),
};

/** Pages with something there before they begin, and pages with a block that nothing here can run. */
const SPECIAL: Readonly<Record<string, { readonly options?: DocumentOptions; readonly leftOut?: readonly string[] }>> =
  {
    'bringing-forty-in.md': { options: { before: seedForty }, leftOut: ['keys of an organisation'] },
    'drift.md': { leftOut: ['Ana did it already'] },
    'first-connection.md': { leftOut: ['keys of an organisation'] },
  };

/** Every field, where none is named. */
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

describe.concurrent('every command of a guide does what the guide shows', () => {
  test.each(readdirSync(GUIDES))('%s', { timeout: 600_000 }, async (name) => {
    const { options = {}, leftOut = [] } = SPECIAL[name] ?? {};
    await using ran = await runDocument(`docs/guides/${name}`, { ...options, meanwhile: MEANWHILE });
    expect(ran.wrong).toEqual([]);
    expect(ran.leftOut.map((left) => left.replace(/^\d+: /, ''))).toEqual(leftOut);
    expect(ran.commands).toBeGreaterThan(2);
  });
});

test('every command of the README does what the README shows; only what needs a clone and a network is left out', async () => {
  await using ran = await runDocument('README.md');
  expect(ran.wrong).toEqual([]);
  expect(ran.leftOut.map((left) => left.replace(/^\d+: /, ''))).toEqual([
    'it needs a clone and a network; CI does it',
    'for the test connsync is on the PATH',
  ]);
});
