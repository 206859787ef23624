import { describe, expect, test } from 'vitest';
import { CODES } from '../../src/core/codes.ts';
import { problem } from '../../src/core/diagnostic.ts';
import { sarifReporter } from '../../src/reporters/sarif.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { checkSarif, type SarifLog } from './sarif-rules.ts';
import { ended, loaded, started, problemEvent, written } from './samples.ts';

async function sarif(...problems: readonly Parameters<typeof problemEvent>[0][]): Promise<SarifLog> {
  const events = [started('validate'), loaded(1), ...problems.map(problemEvent), ended(3)];
  const { out } = await written(sarifReporter, events);
  return checkSarif(JSON.parse(out));
}

describe('validate --format sarif', () => {
  test('is a SARIF log with the region of every problem and the version of the tool', async () => {
    await using rig = await Rig.start();
    rig.write('connections/gr\u00FC\u00DFe #1/a b.yaml', `${manifest('users/a')}oops: "\u{1F600}"\n`);
    rig.write('connections/b.yaml', manifest('users/b b', ['\u{1F600}']));
    const { stdout, stderr, exitCode } = await rig.run('validate --format sarif');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 3 });
    const log = checkSarif(JSON.parse(stdout));
    const [run] = log.runs;
    expect(run?.tool.driver).toMatchObject({ name: 'connsync', version: '0.0.0-test' });
    expect(run?.invocations).toEqual([{ executionSuccessful: true, exitCode: 3, toolExecutionNotifications: [] }]);
    const error = run?.results.find(({ level }) => level === 'error');
    expect(error).toMatchObject({
      ruleId: 'unknown-property',
      message: { text: expect.stringContaining('"oops" is not allowed here') as string },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'connections/gr%C3%BC%C3%9Fe%20%231/a%20b.yaml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 10, startColumn: 1, endLine: 10, endColumn: 5 },
          },
        },
      ],
    });
    const emoji = run?.results.find(({ message }) => message.text.includes('\u{1F600}'));
    // The emoji takes two UTF-16 code units, so a column that counted characters would be off by one.
    expect(emoji?.locations[0]?.physicalLocation.region).toEqual({
      startLine: 7,
      startColumn: 9,
      endLine: 7,
      endColumn: 11,
    });
  });

  test('lists every code as a rule, always at the same index', async () => {
    const codes = Object.keys(CODES);
    const one = await sarif(problem('bad-value', 'm', { file: 'a.yaml' }));
    const none = await sarif();
    expect(one.runs[0]?.tool.driver.rules).toEqual(none.runs[0]?.tool.driver.rules);
    expect(one.runs[0]?.tool.driver.rules.map(({ id }) => id)).toEqual(codes);
    expect(one.runs[0]?.results[0]).toMatchObject({ ruleIndex: codes.indexOf('bad-value'), level: 'error' });
    expect(none.runs[0]?.results).toEqual([]);
  });

  test('explains every rule: meaning, reason and next step', async () => {
    const [run] = (await sarif()).runs;
    for (const { id, shortDescription, fullDescription, help } of run?.tool.driver.rules ?? []) {
      expect(shortDescription.text, id).toMatch(/\.$/);
      expect(fullDescription.text, id).toMatch(/^\S.*\. .*\S$/);
      expect(help.text, id).toContain('\n→ ');
      expect(help.markdown, id).toMatch(/^Bad[^\n]*:\n\n```(?:yaml|console)\n/m);
      expect(help.markdown, id).toMatch(/^Good[^\n]*:\n\n```(?:yaml|console)\n/m);
      // GitHub truncates a longer full description.
      expect(fullDescription.text.length, id).toBeLessThanOrEqual(1024);
    }
  });

  test('reports a problem without a file as a notification, because GitHub rejects a result without a location', async () => {
    const log = await sarif(problem('missing-folder', 'connections is missing', { hint: 'make it' }));
    expect(log.runs[0]?.results).toEqual([]);
    expect(log.runs[0]?.invocations[0]).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [
        {
          descriptor: { id: 'missing-folder' },
          level: 'error',
          message: { text: 'connections is missing\n→ make it' },
        },
      ],
    });
  });

  test.each([
    [
      { file: 'a.yaml', line: 3, column: 2, endLine: 3, endColumn: 5 },
      { startLine: 3, startColumn: 2, endLine: 3, endColumn: 5 },
    ],
    [
      { file: 'a.yaml', line: 3, column: 2, endLine: 4, endColumn: 1 },
      { startLine: 3, startColumn: 2, endLine: 4, endColumn: 1 },
    ],
    [
      { file: 'a.yaml', line: 3, column: 2 },
      { startLine: 3, startColumn: 2 },
    ],
    [{ file: 'a.yaml', line: 3 }, { startLine: 3 }],
    [{ file: 'a.yaml' }, undefined],
  ])('maps the position %j to the region %j', async (place, region) => {
    const log = await sarif(problem('bad-value', 'm', place));
    expect(log.runs[0]?.results[0]?.locations[0]?.physicalLocation.region).toEqual(region);
  });

  test.each([
    ['connections/a.yaml', { uri: 'connections/a.yaml', uriBaseId: '%SRCROOT%' }],
    ['../shared/a%20?b.yaml', { uri: '../shared/a%2520%3Fb.yaml', uriBaseId: '%SRCROOT%' }],
    ['javascript:alert(1)', { uri: 'javascript%3Aalert(1)', uriBaseId: '%SRCROOT%' }],
    ['/abs/a b.yaml', { uri: 'file:///abs/a%20b.yaml' }],
    ['C:/abs/a.yaml', { uri: 'file:///C:/abs/a.yaml' }],
    ['a\uD800.yaml', { uri: 'a%EF%BF%BD.yaml', uriBaseId: '%SRCROOT%' }],
  ])('maps the file %s to %j', async (file, location) => {
    const log = await sarif(problem('bad-value', 'm', { file }));
    expect(log.runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation).toEqual(location);
  });

  test('never turns text of a manifest into a link, a tag or a runner command', async () => {
    const { out } = await written(sarifReporter, [
      started('validate'),
      problemEvent(problem('bad-value', '[x](http://evil.example) <b> ##[add-mask]x', { file: 'a.yaml' })),
      ended(3),
    ]);
    expect(out).not.toMatch(/<|##\[|\]\(/);
    expect(checkSarif(JSON.parse(out)).runs[0]?.results[0]?.message.text).toBe(
      String.raw`[x] (http://evil.example) <b> #\u{23}[add-mask]x`,
    );
  });
});
