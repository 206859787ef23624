import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { escapeControl } from '../../src/core/escape-control.ts';
import { loadManifest } from '../../src/manifest/load.ts';

const SCHEMAS = join(import.meta.dirname, '../../schemas');
/** The maximum time in milliseconds for one pattern and one text. */
const SLOWEST = 5;

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
const ADVERSARIAL = ['a', '0', 'a.', 'a-', 'a/', ' ', '.', 'aA0', '\u0000', '/', '%', 'sha256:0'].flatMap((piece) =>
  ['', '!', '\n', '/', ' '].map((end) => piece.repeat(10_000) + end),
);

describe('no text makes a pattern slow', () => {
  test.each([...new Set(patterns)])('%s', (pattern) => {
    const regex = new RegExp(pattern, 'u');
    const slowest = Math.max(...ADVERSARIAL.map((text) => fastest(() => regex.test(text))));
    expect(slowest).toBeLessThan(SLOWEST);
  });

  test('the source contains patterns', () => expect(patterns.length).toBeGreaterThan(5));

  test('as a value of any member of a manifest', () => {
    for (const text of ADVERSARIAL.filter((each) => escapeControl(each) === each)) {
      const manifest = ['entity', 'id', 'type', 'join_attribute', 'join_type']
        .map((name) => `${name}: ${JSON.stringify(text)}\n`)
        .join('');
      expect(fastest(() => loadManifest(manifest, 'a.yaml'))).toBeLessThan(250);
    }
  });
});

/** Takes the fastest of several attempts, so that a busy machine is not a finding. */
function fastest(work: () => unknown): number {
  return Math.min(
    ...Array.from({ length: 3 }, () => {
      const started = performance.now();
      work();
      return performance.now() - started;
    }),
  );
}
