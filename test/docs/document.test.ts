import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stepsOf } from './document.ts';
import { shows, steady } from './output.ts';
import { runSteps } from './run-document.ts';

const FENCE = '```';

/** Builds a page of blocks, each with its info string first. */
function page(...blocks: readonly (readonly [info: string, ...lines: readonly string[]])[]): string {
  return blocks.map(([info, ...lines]) => [FENCE + info, ...lines, FENCE, ''].join('\n')).join('\n');
}

describe('the steps of a page', () => {
  test('are its commands with their expected output, its files, and events elsewhere, in order', () => {
    const text = `# A title\n\n${page(
      ['console', '$ connsync \\', '  plan', 'No changes.', '', '$ connsync apply'],
      ['yaml', '# connections/a.yaml', 'entity: users'],
      ['json file=b.json', '{}'],
      ['sh exit=3 no-keys', 'connsync plan', 'connsync validate'],
    )}<!-- meanwhile: the sun sets -->\n`;
    expect(stepsOf(text)).toEqual([
      {
        kind: 'shown',
        line: 4,
        command: 'connsync \\\n  plan',
        exitCode: 0,
        keys: true,
        output: 'No changes.\n',
        outputAt: [6, 8],
      },
      { kind: 'shown', line: 8, command: 'connsync apply', exitCode: 0, keys: true, output: '', outputAt: [9, 9] },
      { kind: 'write', line: 11, file: 'connections/a.yaml', text: '# connections/a.yaml\nentity: users\n' },
      { kind: 'write', line: 16, file: 'b.json', text: '{}\n' },
      { kind: 'script', line: 21, command: 'connsync plan\nconnsync validate', exitCode: 3, keys: false },
      { kind: 'meanwhile', line: 24, what: 'the sun sets' },
    ]);
  });

  test('exclude illustrations and count the blocks that cannot run', () => {
    const text = page(['yaml', '# a comment', 'a: 1'], ['mermaid', 'graph'], ['sh no-run: real keys', 'export A=…']);
    expect(stepsOf(text)).toEqual([{ kind: 'left-out', line: 10, language: 'sh', reason: 'real keys' }]);
  });

  test('are found inside a list but not inside another block', () => {
    const text = `1. First:\n\n   ${FENCE}sh\n   true\n   ${FENCE}\n\n${FENCE}${FENCE}md\n${FENCE}sh\nfalse\n${FENCE}\n${FENCE}${FENCE}\n`;
    expect(stepsOf(text)).toMatchObject([{ kind: 'script', command: 'true' }]);
  });

  test.each([
    ['an end that never comes', `${FENCE}sh\ntrue\n`],
    ['an unknown word after sh', page(['sh no-key', 'true'])],
    ['a mark that files do not support', page(['yaml exit=3', 'a: 1'])],
    ['a missing reason', page(['sh no-run', 'true'])],
    ['a console block without a command', page(['console', 'No changes.'])],
  ])('are rejected for %s', (_, text) => {
    expect(() => stepsOf(text)).toThrow(/^line 1: /);
  });
});

describe('two outputs', () => {
  test.each([
    ['durations and the padding of their column', 'users/a  created     4 ms', 'users/a  created  1.2 s'],
    ['dates and times', '2026-11-20 14:02  10:41:07', '2025-01-02T03:04:05.678Z  23:59:59'],
    ['ports', 'http://127.0.0.1:8126/api', 'http://127.0.0.1:40213/api'],
    ['organisation ids', '6f6de18c-0e2c-4b0e-8d4b-0123456789ab', '00000000-0000-4000-8000-000000000000'],
    ['trailing blanks', 'a\nb\n', 'a  \nb'],
    [
      'the order of concurrent answers',
      '✓ users/a    created  1 ms\n✓ users/b-c  created  2 ms\n\nApply',
      '✓ users/b-c  created  1 ms\n✓ users/a    created  2 ms\n\nApply',
    ],
    ['omitted lines', 'first\n…\nlast', 'first\nsecond\nthird\nlast'],
    ['omitted lines, even if there are none', '…\nfirst\n…', 'first'],
    ['omitted text', 'checksum sha256:9f2c…', 'checksum sha256:9f2c61d0'],
  ])('are equal regardless of %s', (_, shown, printed) => {
    expect(shows(shown, printed)).toBe(true);
  });

  test.each([
    ['a different number', 'Plan: 1 to add', 'Plan: 2 to add'],
    ['an additional line', 'a', 'a\nb'],
    ['a missing line', 'a\nb', 'a'],
    ['missing output', 'a', ''],
    ['unexpected output', '', 'a'],
    ['a different outcome', '✓ a/b  created  1 ms\n✓ a/c  created  1 ms', '✓ a/b  created  1 ms\n✗ a/c  failed  1 ms'],
    ['the order of other lines', 'a\nb', 'b\na'],
    ['different text around an omission', 'a … c', 'a b d'],
    ['a character that would match any in a pattern', 'a.c', 'abc'],
  ])('differ because of %s', (_, shown, printed) => {
    expect(shows(shown, printed)).toBe(false);
  });

  test('are compared by their stable parts', () => {
    expect(steady('done in 640 ms at 127.0.0.1:4000\n\n')).toBe('done in <duration> at 127.0.0.1:<port>');
  });
});

describe('a page run as a test', () => {
  test('finds connsync, an emulator, and the results of earlier commands', async () => {
    const text = page(
      ['sh', 'mkdir -p here/connections', 'cd here', 'export WHAT=users/a'],
      [
        'yaml',
        '# connections/a.yaml',
        'entity: users',
        'id: a',
        'type: ref_table',
        'join_attribute: user_email',
        'join_type: email',
      ],
      [
        'console',
        '$ connsync apply',
        '…',
        'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.',
        '$ connsync state list --format json | grep -o "$WHAT"',
        'users/a',
      ],
      ['console no-keys', '$ connsync plan | head -1', 'connsync plan   datadoghq.com   offline, lockfile only   …'],
      ['console exit=6', '$ false', '$ echo $?', '1', '$ exit 6'],
    );
    await using ran = await runSteps('page.md', text);
    expect(ran.wrong).toEqual([]);
    expect(ran.commands).toBe(7);
    expect(ran.datadog.connections('users')).toHaveLength(1);
    expect(readFileSync(join(ran.folder, 'here/connections/a.yaml'), 'utf8')).toContain('id: a\n');
  });

  test('reports each mismatch with the expected output, and continues', async () => {
    const text = page(
      ['console', '$ echo one', 'two', '$ echo three', 'three'],
      ['sh', 'false', 'touch never'],
      ['console', '$ echo four'],
    );
    await using ran = await runSteps('page.md', `${text}<!-- meanwhile: nobody knows -->\n`);
    expect(ran.wrong.map((message) => message.split('\n')[0])).toEqual([
      'page.md:2  echo one',
      'page.md:9  false',
      'page.md:14  echo four',
      'page.md:16  nothing says how "nobody knows" happens',
    ]);
    expect(existsSync(join(ran.folder, 'never'))).toBe(false);
    expect(ran.corrected).toContain('$ echo one\none\n$ echo three\nthree\n');
    expect(ran.corrected).toContain('$ echo four\nfour\n');
  });

  test('keeps earlier omissions in a correction', async () => {
    const text = page(['console', '$ seq 5', '1', '…', '4', '6'], ['console', '$ seq 4', '1', '…', '2', '…', '5']);
    await using ran = await runSteps('page.md', text);
    expect(ran.wrong).toHaveLength(2);
    expect(ran.corrected).toBe(
      page(['console', '$ seq 5', '1', '…', '4', '5'], ['console', '$ seq 4', '1', '2', '3', '4']),
    );
  });

  test('performs the events of its comments elsewhere', async () => {
    const seen: string[] = [];
    const text = `<!-- meanwhile: the sun sets -->\n${page(['sh no-run: no sun', 'true'])}`;
    await using ran = await runSteps('page.md', text, {
      meanwhile: { 'the sun sets': (datadog) => void seen.push(datadog.url) },
      files: { 'a/b': 'c' },
    });
    expect(ran).toMatchObject({ wrong: [], leftOut: ['2: no sun'], commands: 0 });
    expect(seen).toEqual([ran.datadog.url]);
    expect(existsSync(join(ran.folder, 'a/b'))).toBe(true);
  });
});
