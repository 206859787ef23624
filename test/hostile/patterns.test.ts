import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printable } from '../../src/core/printable.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { growth, LINEAR } from '../rig/growth.ts';

const SCHEMAS = join(import.meta.dirname, '../../schemas');
const patterns = readdirSync(SCHEMAS).flatMap((file) =>
  patternsIn(JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8'))),
);

function patternsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    name === 'pattern' && typeof inner === 'string' ? [inner] : patternsIn(inner),
  );
}

/** What makes patterns that go back and forth slow: much of the same, and then something that doesn't fit. */
const adversarial = (size: number): readonly string[] =>
  ['a', '0', 'a.', 'a-', 'a/', ' ', '.', 'aA0', '\u0000', '/', '%', 'sha256:0'].flatMap((piece) =>
    ['', '!', '\n', '/', ' '].map((end) => piece.repeat(size) + end),
  );

describe('no text makes a pattern slow', () => {
  test.each([...new Set(patterns)])('%s', async (pattern) => {
    const regex = new RegExp(pattern, 'u');
    const all = (texts: readonly string[]): unknown => texts.map((text) => regex.test(text));
    expect(await growth(adversarial, all, 20_000)).toBeLessThan(LINEAR);
  });

  test('there are patterns to look at', () => expect(patterns.length).toBeGreaterThan(5));

  test('as a manifest, in whatever member', async () => {
    const manifests = (size: number): readonly string[] =>
      adversarial(size)
        .filter((each) => printable(each) === each)
        .map((text) =>
          ['entity', 'id', 'type', 'join_attribute', 'join_type']
            .map((name) => `${name}: ${JSON.stringify(text)}\n`)
            .join(''),
        );
    const all = (texts: readonly string[]): unknown => texts.map((text) => loadManifest(text, 'a.yaml'));
    expect(await growth(manifests, all, 10_000)).toBeLessThan(LINEAR);
  });
});
