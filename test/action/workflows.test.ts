import { describe, expect, test } from 'vitest';
import { readActionFile } from './rig/runner/action-inputs.ts';
import { lint } from './workflows/lint.ts';
import { blocksIn, yamlSources, type Finding, type YamlSource } from './workflows/sources.ts';
import { declaredInputs, TRAPS } from './workflows/traps.ts';
import { readWorkflow } from './workflows/workflow.ts';

const SOURCES = yamlSources().map((source) => [`${source.file}:${source.before + 1}`, source] as const);
const WORKFLOWS = SOURCES.filter(([, { kind }]) => kind === 'workflow');
const ACTION = SOURCES.find(([, { file }]) => file === 'action.yml')?.[1];

test('the workflows of this repository are checked', () => {
  expect(SOURCES.map(([name]) => name)).toContain('.github/workflows/ci.yml:1');
});

test.each(SOURCES)('%s has no problems for GitHub and actionlint', async (_, source) => {
  expect(formatFindings(await lint(source))).toEqual([]);
});

describe.each(Object.entries(TRAPS))('%s', (_, trap) => {
  test.each(WORKFLOWS)('finds nothing in %s', (__, source) => {
    expect(formatFindings(trap(readWorkflow(source)))).toEqual([]);
  });
});

test.runIf(ACTION !== undefined).each(WORKFLOWS)('%s passes only declared inputs to the action', (_, source) => {
  const trap = declaredInputs(readActionFile(ACTION?.text ?? ''));
  expect(formatFindings(trap(readWorkflow(source)))).toEqual([]);
});

const CHECKOUT = 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0';

const CLEAN = `name: sample
on:
  pull_request:

permissions: {}

concurrency:
  group: \${{ github.workflow }}-\${{ github.ref }}
  cancel-in-progress: true

jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
    strategy:
      matrix:
        node: [20, 22]
    steps:
      - uses: ${CHECKOUT}
        with:
          persist-credentials: false
      - run: echo \${{ matrix.node }}
      - run: npm ci
`;

test('a workflow without mistakes has no problems', async () => {
  expect(formatFindings(await lint(workflow(CLEAN)))).toEqual([]);
  expect(Object.values(TRAPS).flatMap((trap) => trap(readWorkflow(workflow(CLEAN))))).toEqual([]);
});

describe('a mistake is found with its file and line', () => {
  test.each([
    ['timeout-minutes: 15', 'timeout: 15', 14, "Unexpected value 'timeout'"],
    ['pull_request:', 'pull_requestt:', 3, 'pull_requestt'],
    ['matrix.node ', 'matrix.nodes ', 24, 'Context access might be invalid: nodes'],
    ['ubuntu-latest', 'ubuntu-newest', 13, '"ubuntu-newest" is unknown'],
    ['npm ci', '${{ github.event.issue.title }}', 25, 'is potentially untrusted'],
  ])('by GitHub and actionlint: %j as %j', async (from, to, line, message) => {
    const findings = await lint(workflow(CLEAN.replace(from, () => to)));
    expect(findings).toContainEqual({ file: 'sample.yml', line, message: expect.stringContaining(message) });
  });

  test('in an action file', async () => {
    const text = `name: a
description: b
runs:
  using: node24
  mainn: dist/action.js
`;
    const findings = await lint({ kind: 'action', file: 'action.yml', before: 0, text });
    expect(formatFindings(findings).join('\n')).toContain("action.yml:5: Unexpected value 'mainn'");
  });

  test.each([
    ['pinnedUses', CHECKOUT, 'actions/checkout@v5', 21, 'is not pinned to a commit'],
    ['pinnedUses', ' # v5.0.0', '', 21, 'has no comment with its version'],
    ['leastPermissions', 'permissions: {}', 'permissions: write-all', 1, 'have to be {} or only read'],
    ['leastPermissions', '    permissions:\n      contents: read\n', '', 12, 'job test has no permissions of its own'],
    ['noPersistedCredentials', 'persist-credentials: false', 'fetch-depth: 0', 21, 'leaves its token behind'],
    ['timeouts', '    timeout-minutes: 15\n', '', 12, 'job test has no timeout-minutes'],
    ['noPullRequestTarget', '  pull_request:', '  pull_request_target:', 1, 'never needed'],
    ['concurrency', /concurrency:\n.*\n.*\n/, '', 9, 'job test has no concurrency group'],
    ['concurrency', 'npm ci', 'npx connsync apply', 12, 'job test applies, and may be cancelled half way'],
    ['noUntrustedScripts', 'npm ci', 'echo ${{ github.event.issue.title }}', 25, '.title }} stands in a script'],
    ['noUntrustedScripts', 'npm ci', 'echo ${{ github.head_ref || 1 }}', 25, 'stands in a script'],
    ['noUntrustedScripts', 'npm ci', "echo ${{ github['event'].x }}", 25, 'stands in a script'],
  ])('by %s: %j as %j', (name, from, to, line, message) => {
    const findings = TRAPS[name]?.(readWorkflow(workflow(CLEAN.replace(from, () => to))));
    expect(findings?.[0]).toEqual({ file: 'sample.yml', line, message: expect.stringContaining(message) });
  });

  test('by concurrency, in the action too', () => {
    const text = CLEAN.replace('run: npm ci', 'uses: ./\n        with: { command: apply }');
    const trap = TRAPS['concurrency'];
    expect(trap?.(readWorkflow(workflow(text)))).toHaveLength(1);
    expect(
      trap?.(readWorkflow(workflow(text.replace('cancel-in-progress: true', 'cancel-in-progress: false')))),
    ).toEqual([]);
  });

  test('by declaredInputs', () => {
    const trap = declaredInputs(readActionFile('inputs:\n  command: {}\n'));
    const text = CLEAN.replace('run: npm ci', 'uses: ./\n        with: { comand: plan, command: plan }');
    expect(formatFindings(trap(readWorkflow(workflow(text))))).toEqual(['sample.yml:25: connsync has no input comand']);
  });
});

test('blocks of markdown are recognised by their content, with the lines of their file', () => {
  const markdown = [
    '# Title',
    '```yaml',
    'entity: users',
    '```',
    '- Then:',
    '  ```yaml title="a"',
    '  on: push',
    '  jobs: {}',
    '  ```',
    '~~~yml',
    'runs: { using: node24 }',
    '~~~',
  ].join('\n');
  expect(blocksIn(markdown, 'a.md')).toEqual([
    { kind: 'workflow', file: 'a.md', before: 6, text: 'on: push\njobs: {}\n' },
    { kind: 'action', file: 'a.md', before: 10, text: 'runs: { using: node24 }\n' },
  ]);
});

function workflow(text: string): YamlSource {
  return { kind: 'workflow', file: 'sample.yml', before: 0, text };
}

function formatFindings(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}
