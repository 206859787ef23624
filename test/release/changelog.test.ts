import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { Rig } from '../rig/rig.ts';

const text = readFileSync(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
/** `## [1.2.3] - 2026-11-20`, or `unreleased` instead of the date. */
const ENTRY = /^## \[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d|unreleased)$/;
const KINDS = ['Added', 'Changed', 'Renamed', 'Deprecated', 'Removed', 'Fixed', 'Security', 'Known limits'];

const entries = text.split(/^(?=## )/m).slice(1);

describe('the changelog', () => {
  test('starts with the version of the package', () => {
    expect(entries[0]).toMatch(new RegExp(`^## \\[${packageJson.version.replaceAll('.', String.raw`\.`)}\\] `));
  });

  test('has a version and a date in the title of each entry, newest first, and only the newest may be unreleased', () => {
    const versions = entries.map((entry) => ENTRY.exec(entry.split('\n')[0] ?? ''));
    expect(versions).not.toContain(null);
    const order = versions.map((match) => (match ?? []).slice(1, 4).map(Number));
    expect(order.toSorted((a, b) => compare(b, a))).toEqual(order);
    expect(versions.slice(1).map((match) => match?.[4])).not.toContain('unreleased');
  });

  test('lists in each entry what was added, changed or fixed, with the headings of its format', () => {
    for (const entry of entries) {
      const kinds = [...entry.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind);
      expect(kinds.length).toBeGreaterThan(0);
      expect(KINDS).toEqual(expect.arrayContaining(kinds));
    }
  });

  test('mentions only commands that exist', async () => {
    await using rig = await Rig.start();
    const commands = new Set([...text.matchAll(/`connsync (\w+)/g)].map(([, command]) => command ?? ''));
    expect(commands).toContain('plan');
    for (const command of commands) expect((await rig.run(`${command} --help`)).exitCode, command).toBe(0);
  });
});

/** Compares by major, minor and patch. */
function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, place) => number !== b[place]);
  return (a[index] ?? 0) - (b[index] ?? 0);
}
