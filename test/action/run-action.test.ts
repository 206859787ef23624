import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  dependabotPullRequest,
  forkPullRequest,
  mergeGroup,
  orphanedPullRequest,
  pullRequest,
  push,
  rerun,
  schedule,
  workflowDispatch,
  type WorkflowEvent,
} from './rig/runner/events.ts';
import { runAction, type ActionEnded, type ActionRun } from './rig/runner/run-action.ts';

const ACTION_FILE = `
name: sample
inputs:
  command: { description: what to do, default: plan }
  github-token: { description: the token, default: '\${{ github.token }}' }
  summary: { description: a switch, default: true }
  two words: { description: not declared with dashes }
outputs:
  changes: { description: whether }
runs: { using: node24, main: dist/action.js }
`;

const GITHUB = {
  url: 'http://127.0.0.1:1',
  graphqlUrl: 'http://127.0.0.1:1/graphql',
  remote: { serverUrl: 'http://127.0.0.1:2' },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connsync-action-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program in place of the action. */
async function run(program: string, more: Partial<ActionRun> = {}): Promise<ActionEnded> {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, `import { appendFileSync as append } from 'node:fs';\nconst { env } = process;\n${program}`);
  const workspace = folder;
  const event = push('a'.repeat(40));
  using ended = await runAction('action', {
    event,
    workspace,
    github: GITHUB,
    token: 'job-token',
    program: file,
    actionFile: ACTION_FILE,
    ...more,
  });
  return ended;
}

const printEnvironment = 'console.log(JSON.stringify(env));';

async function environmentOf(event: WorkflowEvent, more: Partial<ActionRun> = {}): Promise<Record<string, string>> {
  return JSON.parse((await run(printEnvironment, { event, ...more })).stdout) as Record<string, string>;
}

describe('the environment of the action', () => {
  test('has each input, with its given value or its default', async () => {
    const env = await environmentOf(push('a'.repeat(40)), { inputs: { command: 'apply', 'api-key': 'k' } });
    expect(Object.entries(env).filter(([name]) => name.startsWith('INPUT_'))).toEqual([
      ['INPUT_COMMAND', 'apply'],
      ['INPUT_GITHUB-TOKEN', 'job-token'],
      ['INPUT_SUMMARY', 'true'],
      ['INPUT_TWO_WORDS', ''],
      ['INPUT_API-KEY', 'k'],
    ]);
  });

  test('has no variables of the machine', async () => {
    const env = await environmentOf(push('a'.repeat(40)), { env: { DD_SITE: 'local' } });
    expect(Object.keys(env).filter((name) => !/^(GITHUB|RUNNER|INPUT)_|^(PATH|HOME|LANG|CI)$/.test(name))).toEqual([
      'DD_SITE',
    ]);
    expect(env).toMatchObject({ GITHUB_ACTIONS: 'true', GITHUB_API_URL: GITHUB.url, RUNNER_OS: 'Linux' });
  });

  test('rejects a default expression that the rig cannot evaluate', async () => {
    const actionFile = ACTION_FILE.replace('github.token', 'github.actor');
    await expect(run(printEnvironment, { actionFile })).rejects.toThrow("can't evaluate ${{ github.actor }}");
  });

  test.each([
    ['a pull request', pullRequest({ number: 9 }), 'pull_request', 'refs/pull/9/merge', '9/merge', 'change'],
    [
      'a merge group',
      mergeGroup(),
      'merge_group',
      expect.stringMatching('^refs/heads/gh-readonly-queue/main/'),
      undefined,
      '',
    ],
    ['a push', push('b'.repeat(40)), 'push', 'refs/heads/main', 'main', ''],
    ['a dispatch', workflowDispatch('b'.repeat(40)), 'workflow_dispatch', 'refs/heads/main', 'main', ''],
    ['a schedule', schedule('b'.repeat(40)), 'schedule', 'refs/heads/main', 'main', ''],
  ])('describes %s', async (_, event, name, ref, refName, headRef) => {
    const program = `append(env.GITHUB_OUTPUT, 'sha=' + env.GITHUB_SHA);
      append(env.GITHUB_STEP_SUMMARY, await (await import('node:fs/promises')).readFile(env.GITHUB_EVENT_PATH, 'utf8'));
      ${printEnvironment}`;
    const { stdout, outputs, summary } = await run(program, { event });
    expect(JSON.parse(stdout)).toMatchObject({
      GITHUB_EVENT_NAME: name,
      GITHUB_REF: ref,
      GITHUB_HEAD_REF: headRef,
      ...(refName === undefined ? {} : { GITHUB_REF_NAME: refName }),
    });
    expect(outputs['sha']).toBe(event.sha);
    expect(JSON.parse(summary)).toEqual(event.payload);
  });

  test('marks a re-run only by its attempt', async () => {
    const event = push('b'.repeat(40));
    expect(rerun(event)).toEqual({ ...event, attempt: 2 });
    expect(await environmentOf(rerun(event))).toMatchObject({ GITHUB_RUN_ATTEMPT: '2', GITHUB_SHA: event.sha });
  });
});

describe('a pull request event', () => {
  test.each([
    ['from the repository itself', pullRequest(), 'acme/data', 'mona'],
    ['from a fork', forkPullRequest(), 'hubot/data', 'hubot'],
    ['from a deleted fork', orphanedPullRequest(), undefined, 'hubot'],
    ['from Dependabot', dependabotPullRequest(), 'acme/data', 'dependabot[bot]'],
  ])('%s has the head that GitHub reports', (_, event, headRepository, actor) => {
    const { pull_request: pull, sender } = event.payload as {
      pull_request: { head: { repo: { full_name: string } | null }; base: { repo: { full_name: string } } };
      sender: { login: string };
    };
    expect(pull.head.repo?.full_name).toBe(headRepository);
    expect(pull.base.repo.full_name).toBe('acme/data');
    expect([event.actor, sender.login]).toEqual([actor, actor]);
  });
});

describe('output of the action', () => {
  test('is read as a runner reads it', async () => {
    const ended = await run(`
      append(env.GITHUB_OUTPUT, 'changes=true\\nmarkdown<<ghadelimiter_1\\nline = 1\\n\\nline 2\\nghadelimiter_1\\nplan-path=/p\\n');
      append(env.GITHUB_STATE, 'unrecorded=a<<b\\n');
      append(env.GITHUB_STEP_SUMMARY, '# Plan\\n');
      console.log('::add-mask::secret-1');
      console.log('::error file=a%2Cb.yaml,line=3,title=Not valid%3A::It is%0Awrong%25');
      console.log('plain :: text');
      console.log('::stop-commands::pause\\n::warning::unseen\\n::pause::\\n  ::notice::seen');
      console.error('told');
      process.exitCode = 1;`);
    expect(ended).toMatchObject({ exitCode: 1, stderr: 'told\n', summary: '# Plan\n', masks: ['secret-1'] });
    expect(ended.outputs).toEqual({ changes: 'true', markdown: 'line = 1\n\nline 2', 'plan-path': '/p' });
    expect(ended.state).toEqual({ unrecorded: 'a<<b' });
    expect(ended.commands.map(({ command }) => command)).toEqual(['add-mask', 'error', 'stop-commands', 'notice']);
    expect(ended.commands[1]).toEqual({
      command: 'error',
      properties: { file: 'a,b.yaml', line: '3', title: 'Not valid:' },
      message: 'It is\nwrong%',
    });
  });

  test.each([
    ['without a name', 'alone\n', 'Invalid format'],
    ['without an end', 'a<<end\nb\n', 'Matching delimiter not found'],
  ])('causes an error for an output %s, as on a runner', async (_, text, message) => {
    await expect(run(`append(env.GITHUB_OUTPUT, ${JSON.stringify(text)});`)).rejects.toThrow(message);
  });

  test('is passed to the post step', async () => {
    const { state } = await run(`append(env.GITHUB_STATE, 'unrecorded=2\\n');`);
    expect(await environmentOf(push('a'.repeat(40)), { state })).toMatchObject({ STATE_unrecorded: '2' });
  });
});

test('a signal reaches the running action', async () => {
  const program = `process.on('SIGINT', () => { console.log('stopping'); clearInterval(busy); });
    const busy = setInterval(() => {}, 1000);
    console.log('ready');`;
  const ended = await run(program, {
    started: (child) => child.stdout?.once('data', () => child.kill('SIGINT')),
  });
  expect(ended).toMatchObject({ exitCode: 0, signal: null, stdout: 'ready\nstopping\n' });
});
