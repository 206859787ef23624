import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import {
  dependabotPullRequest,
  forkPullRequest,
  mergeGroup,
  orphanedPullRequest,
  pullRequest,
} from './rig/runner/events.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const FILES = { 'connections/a.yaml': manifest('users/a'), 'connections/b.yaml': manifest('users/b', ['other']) };

describe('plan on a pull request', SIDE_BY_SIDE, () => {
  test('comments, writes a summary, and sets its outputs', async () => {
    await using stage = await Stage.start({ files: FILES });
    const pull = stage.github.api.issues.openPull('Change');
    using ended = await stage.run({}, { event: pullRequest({ number: pull.number }) });
    expect(ended, ended.stdout + ended.stderr).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({
      changes: 'true',
      'to-add': '2',
      'to-change': '0',
      'to-destroy': '0',
      'to-replace': '0',
      drifted: '0',
      invalid: '0',
      applied: '0',
      failed: '0',
      refused: 'false',
      'commit-status': 'skipped',
      'lockfile-committed': 'false',
      'commit-sha': '',
      'exit-code': '0',
    });
    expect(ended.outputs['checksum']).toMatch(/^sha256:[0-9a-f]{64}$/);
    const [comment, ...more] = stage.github.api.issues.commentsOf(pull.number);
    expect(more).toEqual([]);
    expect(comment?.body).toMatch(/^<!-- connsync: default -->\n### connsync plan\n/);
    expect(comment?.body).toContain('Plan: 2 to add, 0 to change, 0 to destroy.');
    expect(comment?.body).toContain('/actions/runs/');
    expect(ended.outputs['comment-url']).toContain(`#issuecomment-${comment?.id}`);
    expect(ended.summary).toContain('Plan: 2 to add, 0 to change, 0 to destroy.');
    const document = JSON.parse(readFileSync(ended.outputs['plan-path'] ?? '', 'utf8')) as {
      actions: unknown[];
      options: unknown;
    };
    expect(document.actions).toHaveLength(2);
    expect(document.options).toBeDefined();
    expect(readFileSync(ended.outputs['plan-markdown-path'] ?? '', 'utf8')).toContain('### connsync plan');
    expect(stage.github.api.complaints).toEqual([]);
    expect(stage.github.api.requests.filter(({ leaked }) => leaked)).toEqual([]);
  });

  test('comments what a guard would refuse, and still succeeds', async () => {
    await using stage = await Stage.start({ files: FILES });
    stage.datadog.seed('users', { id: 'a', type: 'ref_table', join_attribute: 'other', join_type: 'email' });
    const pull = stage.github.api.issues.openPull('Change');
    using ended = await stage.run({}, { event: pullRequest({ number: pull.number }) });
    expect(ended.exitCode).toBe(0);
    expect(ended.outputs['refused']).toBe('true');
    expect(stage.github.api.issues.commentsOf(pull.number)[0]?.body).toContain('**An apply would be refused**');
  });

  test('updates its single comment in place, behind 120 others and an imitation', async () => {
    await using stage = await Stage.start({ files: FILES });
    const { issues } = stage.github.api;
    const pull = issues.openPull('Change');
    issues.comment(pull.number, '<!-- connsync: default -->\nThis is mine.');
    for (let index = 0; index < 120; index += 1) issues.comment(pull.number, `remark ${index}`);
    const event = pullRequest({ number: pull.number });
    using first = await stage.run({}, { event });
    using second = await stage.run({ prune: 'true' }, { event });
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    const ours = issues.commentsOf(pull.number).filter(({ body }) => body.includes('### connsync plan'));
    expect(ours).toHaveLength(1);
    expect(second.outputs['comment-url']).toBe(first.outputs['comment-url']);
    expect(issues.commentsOf(pull.number)[0]?.body).toBe('<!-- connsync: default -->\nThis is mine.');
    using other = await stage.run({ 'comment-id': 'eu' }, { event });
    expect(other.outputs['comment-url']).not.toBe(first.outputs['comment-url']);
  });

  test('adds no comment if nothing changes unless requested, and updates an old one', async () => {
    await using stage = await Stage.start({ files: { 'connections/a.yaml': manifest('users/a') } });
    const { issues } = stage.github.api;
    using applied = await stage.run({ command: 'apply' });
    expect(applied, applied.stdout).toMatchObject({ exitCode: 0 });
    const pull = issues.openPull('Change');
    const event = pullRequest({ number: pull.number });
    using quiet = await stage.run({}, { event });
    expect(quiet.outputs).toMatchObject({ changes: 'false', 'comment-url': '' });
    expect(issues.commentsOf(pull.number)).toEqual([]);
    using commented = await stage.run({ comment: 'always' }, { event });
    expect(commented.outputs['comment-url']).not.toBe('');
    expect(issues.commentsOf(pull.number)[0]?.body).toContain('No changes.');
    using never = await stage.run({ comment: 'never', prune: 'true' }, { event });
    expect(never.exitCode).toBe(0);
    expect(issues.commentsOf(pull.number)).toHaveLength(1);
  });

  test('fails a step for changes only if requested', async () => {
    await using stage = await Stage.start({ files: FILES });
    using ended = await stage.run({ 'fail-on-changes': 'true', comment: 'never' }, { event: pullRequest() });
    expect(ended.exitCode).toBe(1);
    expect(ended.outputs).toMatchObject({ changes: 'true', 'exit-code': '0' });
  });

  test('does not require a git repository', async () => {
    await using stage = await Stage.start({ files: FILES });
    const workspace = await stage.checkout();
    rmSync(`${workspace}/.git`, { recursive: true });
    using ended = await stage.run({ comment: 'never' }, { event: pullRequest(), workspace });
    expect(ended.outputs['to-add']).toBe('2');
    using validated = await stage.run({ command: 'validate' }, { event: mergeGroup(), workspace });
    expect(validated.exitCode).toBe(0);
  });

  test('turns a 403 or any other refusal of the comment into a warning', async () => {
    await using stage = await Stage.start({ files: FILES, permissions: { contents: 'read' } });
    const pull = stage.github.api.issues.openPull('Change');
    using ended = await stage.run({}, { event: pullRequest({ number: pull.number }) });
    expect(ended.exitCode).toBe(0);
    expect(
      ended.commands
        .filter(({ command }) => command === 'warning')
        .map(({ message }) => message)
        .join(),
    ).toContain('could not write the comment');
    expect(ended.summary).toContain('Plan: 2 to add');
  });

  test('disables the comment with an empty token, and prints a notice', async () => {
    await using stage = await Stage.start({ files: FILES });
    using ended = await stage.run({ 'github-token': '' }, { event: pullRequest() });
    expect(ended.exitCode).toBe(0);
    expect(ended.commands.find(({ command }) => command === 'notice')?.message).toContain('github-token is empty');
    expect(stage.github.api.requests).toEqual([]);
  });
});

describe('a plan without keys', SIDE_BY_SIDE, () => {
  test.each([
    ['a fork', forkPullRequest()],
    ['a fork that was deleted', orphanedPullRequest()],
    ['Dependabot', dependabotPullRequest()],
  ])('for %s is offline, says so, and succeeds', async (_, event) => {
    await using stage = await Stage.start({ files: FILES });
    using ended = await stage.runForFork(event);
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({ changes: 'true', 'to-add': '2' });
    expect(ended.commands.find(({ command }) => command === 'notice')?.message).toContain('the plan is offline');
    expect(ended.summary).toContain('offline, lockfile only');
    expect(stage.datadog.requests).toEqual([]);
  });

  test.each([
    ['a pull request of the repository', pullRequest()],
    ['a merge queue', mergeGroup()],
  ])('for %s fails, because a misspelled secret must not look like a passing plan', async (_, event) => {
    await using stage = await Stage.start({ files: FILES });
    using ended = await stage.runForFork(event);
    expect(ended.exitCode).toBe(1);
    expect(ended.outputs['exit-code']).toBe('6');
    expect(ended.summary).toContain('has access to secrets');
    using never = await stage.runForFork(event, { live: 'never' });
    expect(never.exitCode).toBe(0);
    using required = await stage.runForFork(forkPullRequest(), { live: 'required' });
    expect(required.exitCode).toBe(1);
  });
});

describe('invalid manifests', SIDE_BY_SIDE, () => {
  test('fail the step with at most ten annotations in place and one that counts the rest', async () => {
    const fields = Array.from(
      { length: 14 },
      (_, index) => `  - id: f${index}\n    source_name: c\n    tipe: string\n`,
    ).join('');
    await using stage = await Stage.start({
      files: { 'tables/connections/a.yaml': `${manifest('users/a', [])}fields:\n${fields}` },
    });
    using ended = await stage.runForFork(forkPullRequest(), { command: 'validate', 'working-directory': 'tables' });
    expect(ended.exitCode).toBe(1);
    expect(ended.outputs).toMatchObject({ invalid: '14', 'exit-code': '3' });
    const errors = ended.commands.filter(({ command }) => command === 'error');
    expect(errors).toHaveLength(10);
    expect(errors[0]?.properties).toMatchObject({ file: 'tables/connections/a.yaml', line: '9' });
    expect(ended.commands.filter(({ command }) => command === 'notice').map(({ message }) => message)).toContain(
      '4 more in the summary',
    );
  });
});
