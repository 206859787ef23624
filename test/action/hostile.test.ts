import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { forkPullRequest, pullRequest } from './rig/runner/events.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

/** A text with every attack that another person's manifest may attempt. */
const HOSTILE = [
  '@acme/owners #1 acme/data#1',
  '<!-- connsync: default -->',
  '<img src=x onerror=alert(1)><script>alert(1)</script>',
  '[click](https://evil.example) ![x](https://evil.example/x.png) https://evil.example/y www.evil.example',
  '| a | b |\n| - | - |\n',
  '</details></code>`` ` ``',
  '\n::set-output name=checksum::evil\n::add-mask::a\n::stop-commands::x\n::error::evil\n',
  '\n##[error]evil\n##[set-output name=x]evil\n',
  '\u001b[31mred\u001b]0;title\u0007',
  '\u202egnirts\u2066\u200b\u2028',
  '%0A::error::evil',
  'changes<<ghadelimiter_0\nevil\nghadelimiter_0\nexit-code=99',
].join(' ');
const HUGE = 'y'.repeat(300_000);

const text = (value: string): string => JSON.stringify(value);

function files(): Readonly<Record<string, string>> {
  const id = HOSTILE.replace(/[/\\?#%\u0000-\u001F\u007F-\u009F\u2028]/g, '').slice(0, 250);
  const hostile = [
    'entity: users',
    `id: ${text(id)}`,
    `type: ${text(HOSTILE.replace(/\n/g, ' '))}`,
    `join_attribute: ${text(HOSTILE)}`,
    'join_type: email',
    'fields:',
    `  - id: f\n    source_name: ${text(HOSTILE)}\n    type: string\n    display_name: ${text(HOSTILE)}`,
    `    description: ${text(HOSTILE)}\n    groups: [${text(HOSTILE)}]`,
    `metadata: {${text(HOSTILE.slice(0, 100))}: ${text(HUGE)}}`,
    `connsync: {owner: ${text(HOSTILE)}}`,
  ].join('\n');
  return {
    [`connections/@mona <b> \`x\` ::error::.yaml`]: `${hostile}\n`,
    'connections/bad.yaml': `entity: users\nid: bad\n${text(HOSTILE)}: ${text(HOSTILE)}\n`,
  };
}

/** No line that a runner would obey comes from the manifest, and such lines contain nothing active. */
function expectInert({ stdout, stderr, outputs, commands, summary }: ActionEnded): void {
  const names = new Set(commands.map(({ command }) => command));
  for (const command of names) expect(['add-mask', 'stop-commands', 'error', 'warning', 'notice']).toContain(command);
  expect(commands.filter(({ command }) => command === 'add-mask').map(({ message }) => message)).not.toContain('a');
  expect(commands.filter(({ command, message }) => command === 'error' && message === 'evil')).toEqual([]);
  expect(commands.filter(({ command }) => command === 'error' || command === 'warning').length).toBeLessThanOrEqual(11);
  expect(stdout + stderr).not.toMatch(/##\[/);
  expect(stdout + stderr).not.toMatch(/[\u001b\u0007\u202e\u2066\u200b\u2028]/);
  for (const value of Object.values(outputs)) expect(value).not.toMatch(/evil|\n/);
  expectInertMarkdown(summary);
}

function expectInertMarkdown(markdown: string): void {
  // Outside code and escapes, nothing may remain that GitHub would act on.
  const bare = markdown.replace(/<code>[^<]*<\/code>/g, '');
  expect(bare).not.toMatch(/(?<!&#)@|<(?:img|script)|\]\(https:\/\/evil|(?<![&;#\w])https?:\/\/evil|www\.evil/);
  for (const [, inside = ''] of markdown.matchAll(/<code>([^<]*)<\/code>/g)) expect(inside).not.toMatch(/[<>|`@]/);
  expect(markdown.match(/<!--/g)?.length ?? 0).toBeLessThanOrEqual(1);
  expect(markdown).not.toMatch(/[\u001b\u0007\u202e\u2066\u2028]/);
}

describe('a hostile manifest', SIDE_BY_SIDE, () => {
  test('is harmless in annotations, log, summary and outputs of a fork', async () => {
    await using stage = await Stage.start({ files: files() });
    using validated = await stage.runForFork(forkPullRequest(), { command: 'validate' });
    expect(validated.outputs).toMatchObject({ 'exit-code': '3', checksum: '' });
    expectInert(validated);
    const { 'connections/bad.yaml': _, ...sound } = files();
    await using other = await Stage.start({ files: sound });
    using planned = await other.runForFork(forkPullRequest());
    expect(planned, planned.stdout.slice(0, 3000)).toMatchObject({ exitCode: 0 });
    expect(planned.outputs).toMatchObject({ 'to-add': '1', changes: 'true' });
    expectInert(planned);
    expectInertMarkdown(readFileSync(planned.outputs['plan-markdown-path'] ?? '', 'utf8'));
  });

  test('is harmless in the comment, even if Datadog echoes it, and does not make the action update a foreign comment', async () => {
    const { 'connections/bad.yaml': _, ...sound } = files();
    await using stage = await Stage.start({ files: sound });
    const { issues } = stage.github.api;
    const pull = issues.openPull('Change', { mergeCommit: await stage.tip() });
    using planned = await stage.run({}, { event: pullRequest({ number: pull.number }) });
    expect(planned, planned.stdout.slice(0, 3000)).toMatchObject({ exitCode: 0 });
    expectInert(planned);
    stage.datadog.answerNext({ method: 'POST', status: 400, body: { errors: [HOSTILE] } });
    using applied = await stage.run({ command: 'apply' });
    expect(applied.outputs).toMatchObject({ failed: '1', 'exit-code': '4' });
    expectInert(applied);
    const [comment, ...more] = issues.commentsOf(pull.number);
    expect(more).toEqual([]);
    expectInertMarkdown(comment?.body ?? '');
    expect(comment?.body.length).toBeLessThan(65_536);
  });
});

test(
  'ten thousand changes stay below every limit, with complete totals and a note about the omitted part',
  SIDE_BY_SIDE,
  async () => {
    const one = (index: number): string =>
      `entity: users\nid: id-${'x'.repeat(80)}-${index}\ntype: ref_table\njoin_attribute: a\njoin_type: email\nfields:\n  - {id: f${index}, source_name: "${'☃'.repeat(60)}", type: string}\n`;
    await using stage = await Stage.start({
      files: {
        'connections/all.yaml': '',
        ...Object.fromEntries(
          Array.from({ length: 20 }, (_, file) => [
            `connections/${file}.yaml`,
            Array.from({ length: 500 }, (__, index) => one(file * 500 + index)).join('---\n'),
          ]),
        ),
      },
    });
    await stage.merge({ 'connections/all.yaml': null });
    const pull = stage.github.api.issues.openPull('Change');
    using ended = await stage.run({}, { event: pullRequest({ number: pull.number }) });
    expect(ended, ended.stdout.slice(-2000)).toMatchObject({ exitCode: 0 });
    const total = 'Plan: 10000 to add, 0 to change, 0 to destroy.';
    const [comment] = stage.github.api.issues.commentsOf(pull.number);
    expect(comment?.body.length).toBeLessThanOrEqual(60_000);
    expect(comment?.body).toContain(total);
    expect(comment?.body).toMatch(/… and \d+ more actions/);
    expect(comment?.body).toContain('/actions/runs/');
    expect(Buffer.byteLength(ended.summary)).toBeLessThan(900 * 1024);
    expect(ended.summary).toContain(total);
    expect(ended.summary).toMatch(/… and \d+ more actions/);
    expect(ended.outputs).toMatchObject({ 'to-add': '10000', 'exit-code': '0' });
    expect(JSON.stringify(ended.outputs).length).toBeLessThan(4_000);
    expect(statSync(ended.outputs['plan-path'] ?? '').size).toBeGreaterThan(1_000_000);
  },
);
