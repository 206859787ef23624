import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { escapeControl } from '../../src/core/escape-control.ts';
import { loadManifest } from '../../src/manifest/load.ts';

const SCHEMAS = join(import.meta.dirname, '../../schemas');
/** Milliseconds that one pattern may take for one text. */
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

/** What makes patterns that go back and forth slow: much of the same, and then something that doesn't fit. */
const ADVERSARIAL = ['a', '0', 'a.', 'a-', 'a/', ' ', '.', 'aA0', '\u0000', '/', '%', 'sha256:0'].flatMap((piece) =>
  ['', '!', '\n', '/', ' '].map((end) => piece.repeat(10_000) + end),
);

describe('no text makes a pattern slow', () => {
  test.each([...new Set(patterns)])('%s', (pattern) => {
    const regex = new RegExp(pattern, 'u');
    const slowest = Math.max(...ADVERSARIAL.map((text) => fastest(() => regex.test(text))));
    expect(slowest).toBeLessThan(SLOWEST);
  });

  test('there are patterns to look at', () => expect(patterns.length).toBeGreaterThan(5));

  test('as a manifest, in whatever member', () => {
    for (const text of ADVERSARIAL.filter((each) => escapeControl(each) === each)) {
      const manifest = ['entity', 'id', 'type', 'join_attribute', 'join_type']
        .map((name) => `${name}: ${JSON.stringify(text)}\n`)
        .join('');
      expect(fastest(() => loadManifest(manifest, 'a.yaml'))).toBeLessThan(250);
    }
  });
});

/** Of a few tries, so that a machine that is busy with something else is no finding. */
function fastest(work: () => unknown): number {
  return Math.min(
    ...Array.from({ length: 3 }, () => {
      const started = performance.now();
      work();
      return performance.now() - started;
    }),
  );
}
