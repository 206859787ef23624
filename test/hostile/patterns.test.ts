import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { escapeControl } from '../../src/core/escape-control.ts';
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

/** Texts that make backtracking patterns slow: a long repetition followed by a mismatch. */
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

  test('the source contains patterns', () => expect(patterns.length).toBeGreaterThan(5));

  test('as a manifest, in whatever member', async () => {
    const manifests = (size: number): readonly string[] =>
      adversarial(size)
        .filter((each) => escapeControl(each) === each)
        .map((text) =>
          ['entity', 'id', 'type', 'join_attribute', 'join_type']
            .map((name) => `${name}: ${JSON.stringify(text)}\n`)
            .join(''),
        );
    const all = (texts: readonly string[]): unknown => texts.map((text) => loadManifest(text, 'a.yaml'));
    expect(await growth(manifests, all, 10_000)).toBeLessThan(LINEAR);
  });
});
