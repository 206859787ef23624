import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const TESTS = join(import.meta.dirname, '..');
const page = readFileSync(join(TESTS, '../docs/reliability.md'), 'utf8');
const rows = [...page.matchAll(/^\| *(\d+) *\|(.*)\|(.*)\|(.*)\|$/gm)].map(
  ([, number, threat = '', does = '', shown = '']) => ({
    number: Number(number),
    threat: threat.trim(),
    does: does.trim(),
    shown: shown.trim(),
  }),
);

describe('the table of threats', () => {
  test('lists every threat in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 67 }, (_, index) => index + 1));
    for (const { threat, does } of rows) expect(threat.length * does.length).toBeGreaterThan(0);
  });

  test.each(rows)('threat $number names tests that exist', ({ shown, does }) => {
    const later = /^comes with watch$/;
    if (later.test(shown)) return expect(does).not.toBe('');
    for (const named of shown.split('<br>')) {
      const [, file = '', name = ''] = /^`([\w/.-]+\.test\.ts)` `([^`]+)`$/.exec(named.trim()) ?? [];
      expect(existsSync(join(TESTS, file)) && file !== '', `${named} names a file of tests`).toBe(true);
      expect(readFileSync(join(TESTS, file), 'utf8'), file).toContain(name);
    }
  });
});
