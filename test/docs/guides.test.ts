import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/server.ts';
import { runDocument, type DocumentOptions } from './run-document.ts';

const GUIDES = join(import.meta.dirname, '../../docs/guides');

/** What happens elsewhere while a page is read. */
const MEANWHILE: NonNullable<DocumentOptions['meanwhile']> = {
  'ana edits users/billing in Datadog': (datadog) => relabel(datadog, 'Subscription plan'),
  'ana edits users/billing again': (datadog) => relabel(datadog, 'Subscription'),
  'ana edits users/billing a third time': (datadog) => relabel(datadog, 'Abo'),
  'Datadog does the next create, and its answer is lost': (datadog) =>
    datadog.setFaults({ rules: [{ kind: 'drop-after', methods: ['POST'], times: 1 }] }),
  'Datadog takes long over the next update': (datadog) =>
    datadog.setFaults({ rules: [{ kind: 'hang', methods: ['PUT'] }] }),
  'Datadog is quick again': (datadog) => datadog.setFaults(undefined),
};

function relabel(datadog: Emulator, display_name: string): void {
  datadog.edit(
    'users',
    'billing',
    (connection) => ({
      ...connection,
      fields: connection.fields.map((field) => (field.id === 'plan' ? { ...field, display_name } : field)),
    }),
    'ana@acme.example',
  );
}

describe.concurrent('every command of a guide does what the guide shows', () => {
  test.each(readdirSync(GUIDES).filter((name) => name.endsWith('.md')))('%s', { timeout: 120_000 }, async (name) => {
    await using ran = await runDocument(`docs/guides/${name}`, { meanwhile: MEANWHILE });
    expect(ran.wrong).toEqual([]);
    expect(ran.leftOut).toEqual([]);
    expect(ran.commands).toBeGreaterThan(2);
  });
});

test('every command of the README does what the README shows; only what needs a clone and a network is left out', async () => {
  await using ran = await runDocument('README.md');
  expect(ran.wrong).toEqual([]);
  expect(ran.leftOut.map((left) => left.replace(/^\d+: /, ''))).toEqual([
    'it needs a clone and a network; CI does it',
    'it needs a network; for the test connsync is on the PATH',
  ]);
});
