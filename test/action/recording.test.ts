import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLockfile } from '../../src/core/lockfile.ts';
import { manifest } from '../rig/rig.ts';
import { PROTECTED_BRANCH, RULE_VIOLATION } from './rig/git/refusal.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const A = { 'connections/a.yaml': manifest('users/a') };
const COMMIT = { field: 'createCommitOnBranch' };

/** The lockfiles in RUNNER_TEMP that the template workflows keep: files that end in .lock and are not hidden. */
function lockfilesIn({ temporary }: ActionEnded): readonly string[] {
  return readdirSync(temporary, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.lock') && !file.split('/').some((part) => part.startsWith('.')),
  );
}

/** Checks the result of a failed recording, then that the next run succeeds once nothing blocks it. */
async function expectRecoverable(
  stage: Stage,
  ended: ActionEnded,
  advice: string,
  unblock: () => unknown,
): Promise<void> {
  expect(ended.exitCode).toBe(1);
  expect(ended.outputs, ended.stdout).toMatchObject({
    applied: '1',
    'exit-code': '5',
    'lockfile-committed': 'false',
    'commit-sha': '',
    'commit-status': 'failed',
  });
  expect(ended.summary).toContain(advice);
  const [kept = '', ...more] = lockfilesIn(ended);
  expect(more).toEqual([]);
  expect([...parseLockfile(readFileSync(join(ended.temporary, kept), 'utf8'), kept).records.keys()]).toEqual([
    'users/a',
  ]);
  expect(ended.summary).toContain('**The lockfile could not be recorded.**');
  expect(ended.summary).toContain(kept);
  // The log has the complete lockfile too, in case the runner is gone.
  expect(ended.stdout).toContain('Keep these lines.');
  expect(await stage.recorded()).toEqual([]);

  await unblock();
  using next = await stage.run({ command: 'apply' });
  expect(next, next.stdout).toMatchObject({ exitCode: 0 });
  expect(next.outputs).toMatchObject({ 'commit-status': 'committed' });
  expect(await stage.recorded()).toEqual(['users/a']);
  expect(stage.creates()).toEqual({ 'users/a': 1 });
}

describe('a branch that accepts no commit', SIDE_BY_SIDE, () => {
  const refusals = { 'branch protection (GH006)': PROTECTED_BRANCH, 'a ruleset (GH013)': RULE_VIOLATION };
  test.each(
    Object.entries(refusals).flatMap(([name, refusal]) => ['api', 'git'].map((by) => [name, by, refusal] as const)),
  )('for %s, by %s, ends in failed, with advice and the lockfile kept', async (_, by, refusal) => {
    await using stage = await Stage.start({ files: A });
    const { remote } = stage.github;
    // The branch becomes protected after the run has checked whether it may record.
    if (by === 'api') stage.github.api.beforeNext(COMMIT, () => remote.protect(refusal));
    else await remote.protect(refusal);
    using ended = await stage.run({ command: 'apply', commit: by });
    await expectRecoverable(stage, ended, 'bypass the rule', () => remote.protect(undefined));
  });

  test.each([
    [401, 'pass a valid token as github-token'],
    [403, 'contents: write'],
    [422, 'run the job again'],
  ])('with status %s ends in failed, with advice and the lockfile kept', async (status, advice) => {
    await using stage = await Stage.start({ files: A });
    stage.github.api.failNext(COMMIT, { status });
    using ended = await stage.run({ command: 'apply' });
    await expectRecoverable(stage, ended, advice, () => {});
  });

  test('with an expired token keeps the lockfile, although the tip can no longer be read', async () => {
    await using stage = await Stage.start({ files: A });
    const { api } = stage.github;
    const tip = { method: 'GET', path: /\/git\/ref\// };
    // The first read is answered. Meanwhile the rig is set to refuse the second one.
    api.beforeNext(tip, async () => api.failNext(tip, { status: 401 }, 1));
    using ended = await stage.run({ command: 'apply' });
    await expectRecoverable(stage, ended, 'pass a valid token as github-token', () => {});
  });
});

describe('a lost answer', SIDE_BY_SIDE, () => {
  test('after the commit through the API is resolved at the tip', async () => {
    await using stage = await Stage.start({ files: A });
    stage.github.api.loseNext(COMMIT);
    using ended = await stage.run({ command: 'apply' });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({ 'commit-status': 'committed', 'commit-sha': await stage.tip() });
    expect(await stage.github.remote.repository.count()).toBe(2);
  });

  test('after a push is resolved at the tip', async () => {
    await using stage = await Stage.start({ files: A });
    stage.github.remote.loseNextPush();
    using ended = await stage.run({ command: 'apply', commit: 'git' });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({ 'commit-status': 'committed', 'commit-sha': await stage.tip() });
    expect(await stage.github.remote.repository.count()).toBe(2);
  });

  test('for a commit that was not made leads to a retry', async () => {
    await using stage = await Stage.start({ files: A });
    stage.github.api.failNext(COMMIT, { status: 502, body: '<html>' }, 2);
    stage.github.api.failNext({ method: 'GET', path: /\/git\/ref\// }, { status: 503 }, 2);
    using ended = await stage.run({ command: 'apply' });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs['commit-status']).toBe('committed');
    expect(await stage.github.remote.repository.count()).toBe(2);
  });
});

describe('a branch that moves', SIDE_BY_SIDE, () => {
  test.each(['api', 'git'])('without touching the lockfile gets the commit on top (%s)', async (commit) => {
    await using stage = await Stage.start({ files: A });
    const meanwhile = (): Promise<string> => stage.merge({ 'NOTES.md': 'meanwhile\n' });
    if (commit === 'git') stage.github.remote.beforeNextPush(meanwhile);
    else stage.github.api.beforeNext(COMMIT, meanwhile);
    using ended = await stage.run({ command: 'apply', commit });
    expect(ended.outputs, ended.stdout).toMatchObject({
      'commit-status': 'committed',
      'commit-sha': await stage.tip(),
    });
    expect(await stage.github.remote.repository.read('NOTES.md')).toBe('meanwhile\n');
    expect(await stage.recorded()).toEqual(['users/a']);
  });

  test.each(['api', 'git'])('with a different record for the same key requires a person (%s)', async (commit) => {
    await using stage = await Stage.start({ files: A });
    // The record that another run would write if its manifest had another field.
    await using other = await Stage.start({ files: { 'connections/a.yaml': manifest('users/a', ['else']) } });
    using theirs = await other.run({ command: 'apply', commit: 'git' });
    const text = (await other.github.remote.repository.read('connections.lock')) ?? '';
    const meanwhile = (): Promise<string> => stage.merge({ 'connections.lock': text });
    if (commit === 'git') stage.github.remote.beforeNextPush(meanwhile);
    else stage.github.api.beforeNext(COMMIT, meanwhile);
    using ended = await stage.run({ command: 'apply', commit });
    expect([theirs.exitCode, ended.exitCode]).toEqual([0, 1]);
    expect(ended.outputs).toMatchObject({ 'exit-code': '5', 'commit-status': 'failed', applied: '1' });
    expect(ended.summary).toContain('and both runs changed users/a');
    expect(lockfilesIn(ended)).toHaveLength(1);
    expect(await stage.github.remote.repository.read('connections.lock')).toBe(text);
    expect(existsSync(join(ended.temporary, lockfilesIn(ended)[0] ?? ''))).toBe(true);
  });
});
