import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Code } from '../../src/core/codes.ts';
import { parseMaxDeletes } from '../../src/core/max-deletes.ts';
import { loadSettings } from '../../src/manifest/settings.ts';
import { marked, placeOf } from './marked.ts';

test('parses connsync.yaml', () => {
  const text = `# ours
version: 1
site: datadoghq.eu
manifests: [connections, more]
lockfile: connections.lock
prune: true
on_drift: keep
max_deletes: 30%
concurrency: 16
`;
  expect(loadSettings(text, 'connsync.yaml')).toEqual({
    problems: [],
    settings: {
      site: 'datadoghq.eu',
      manifests: ['connections', 'more'],
      lockfile: 'connections.lock',
      prune: true,
      onDrift: 'keep',
      maxDeletes: { percent: 30 },
      concurrency: 16,
    },
  });
});

test('leaves unset settings undefined', () => {
  expect(loadSettings('version: 1\n', 'connsync.yaml')).toEqual({ problems: [], settings: {} });
});

test.each([
  'datadoghq.com',
  'us3.datadoghq.com',
  'us5.datadoghq.com',
  'datadoghq.eu',
  'ap1.datadoghq.com',
  'ap2.datadoghq.com',
  'uk1.datadoghq.com',
  'ddog-gov.com',
  'us2.ddog-gov.com',
  'local',
])('accepts %s as a site', (site) => {
  expect(loadSettings(`version: 1\nsite: ${site}\n`, 'connsync.yaml').settings).toEqual({ site });
});

const CASES: readonly (readonly [Code, string, string])[] = [
  ['missing-property', '‹site›: local\n', 'add version: …'],
  ['not-allowed', 'version: ‹2›\n', 'write 1'],
  ['wrong-type', 'version: ‹"1"›\n', 'write a whole number'],
  ['bad-site', 'version: 1\nsite: ‹datadog.eu›\n', 'did you mean "datadoghq.eu"?'],
  ['bad-site', 'version: 1\nsite: ‹"datadoghq.com@evil.example"›\n', 'use one of datadoghq.com, us3.datadoghq.com'],
  ['wrong-type', 'version: 1\nsite: ‹1›\n', 'write site: "1"'],
  ['wrong-type', 'version: 1\nmanifests: ‹connections›\n', 'write a list'],
  ['bad-length', 'version: 1\nmanifests: ‹[›]\n', 'add at least one'],
  ['bad-length', 'version: 1\nmanifests: [a, ‹""›]\n', 'set a value'],
  ['bad-length', 'version: 1\nlockfile: ‹""›\n', 'set a value'],
  ['wrong-type', 'version: 1\nprune: ‹yes›\n', 'write true'],
  ['wrong-type', 'version: 1\n‹prune›:\n', 'set a value'],
  ['not-allowed', 'version: 1\non_drift: ‹revrt›\n', 'did you mean "revert"?'],
  ['bad-value', 'version: 1\nmax_deletes: ‹30 %›\n', 'write 30% or 5'],
  ['bad-value', 'version: 1\nmax_deletes: ‹101%›\n', 'write 30% or 5'],
  ['bad-value', 'version: 1\nmax_deletes: ‹-1›\n', 'write 30% or 5'],
  ['wrong-type', 'version: 1\nmax_deletes: ‹1.5›\n', 'write text or a whole number'],
  ['bad-value', 'version: 1\nconcurrency: ‹0›\n', 'write a whole number from 1'],
  ['wrong-type', 'version: 1\nconcurrency: ‹"4"›\n', 'write a whole number'],
  ['wrong-type', 'version: 1\nconcurrency: ‹1.5›\n', 'write a whole number'],
  ['unknown-property', 'version: 1\n‹maxDeletes›: 5\n', 'did you mean "max_deletes"?'],
  ['unknown-property', 'version: 1\n‹environments›: {}\n', 'use one of: version, site'],
  ['unknown-property', 'version: 1\n‹state›: {}\n', 'did you mean "site"?'],
  ['unknown-property', 'version: 1\n‹api_url›: https://evil.example\n', 'use one of: version, site'],
  ['bad-value', 'version: 1\n‹---›\nversion: 1\n', 'delete this document'],
  ['empty-manifest', '‹›', 'write version: 1'],
  ['empty-manifest', '‹---›\n', 'delete the --- line'],
  ['yaml-syntax', 'version: ‹[›\n', 'close the open quote'],
  ['conflict-markers', '‹<<<<<<<› a\nversion: 1\n=======\n>>>>>>> b\n', 'resolve'],
  ['stray-bom', 'version: 1‹\uFEFF›\n', 'delete'],
  ['duplicate-property', 'version: 1\n‹version›: 1\n', 'delete one'],
  ['yaml-alias', 'version: ‹&a› 1\n', 'delete the anchor'],
];

test.each(CASES)('%s in %j', (code, text, hint) => {
  const { text: source, place } = marked(text);
  const { problems, settings } = loadSettings(source, 'connsync.yaml');
  expect(problems.map((problem) => ({ code: problem.code, ...placeOf(problem) }))).toEqual([{ code, ...place }]);
  expect(problems[0]?.hint).toContain(hint);
  expect(problems[0]?.file).toBe('connsync.yaml');
  expect(settings).toBeUndefined();
});

test("warnings don't invalidate the settings", () => {
  const { problems, settings } = loadSettings('version: 1\nlockfile: off\n', 'connsync.yaml');
  expect(problems.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual(['ambiguous-scalar 2:11']);
  expect(settings).toEqual({ lockfile: 'off' });
});

describe('max_deletes', () => {
  test.each([
    ['30%', { percent: 30 }],
    ['0%', { percent: 0 }],
    ['100%', { percent: 100 }],
    ['0', { count: 0 }],
    ['5', { count: 5 }],
    ['999999999', { count: 999_999_999 }],
  ])('accepts %s', (text, limit) => {
    expect(parseMaxDeletes(text)).toEqual(limit);
    expect(loadSettings(`version: 1\nmax_deletes: ${text}\n`, 'c').settings).toEqual({ maxDeletes: limit });
    expect(loadSettings(`version: 1\nmax_deletes: "${text}"\n`, 'c').settings).toEqual({ maxDeletes: limit });
  });

  test.each(['', '%', '101%', '-1', '-1%', '1.5', '1.5%', '30 %', ' 5', '5\n', '1e3', '0x5', '٣', '1000000000', 'all'])(
    'rejects %j as a limit',
    (text) => {
      expect(parseMaxDeletes(text)).toBeUndefined();
    },
  );

  test('every text gives settings or an error', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.boolean(), (number, percent) => {
        const limit = parseMaxDeletes(percent ? `${number}%` : String(number));
        if (!percent) expect(limit).toEqual({ count: number });
        else expect(limit).toEqual(number > 100 ? undefined : { percent: number });
      }),
    );
  });
});
