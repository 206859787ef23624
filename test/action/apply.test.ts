import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import { checkout } from './rig/git/checkout.ts';
import { git } from './rig/git/git.ts';
import { pullRequest, push, workflowDispatch } from './rig/runner/events.ts';
import { SIDE_BY_SIDE, Stage, TOKEN } from './stage.ts';

const A = { 'connections/a.yaml': manifest('users/a') };
const B = { 'connections/b.yaml': manifest('users/b') };
const RUN = 'https?://[^ )]+/acme/data/actions/runs/123456789';

describe('an apply', SIDE_BY_SIDE, () => {
  test('applies what was merged, records it in one commit, and comments on the merged pull request', async () => {
    await using stage = await Stage.start({ files: { ...A, ...B } });
    const { api, remote } = stage.github;
    const sha = await stage.tip();
    const pull = api.issues.openPull('Add two', { mergeCommit: sha });
    using ended = await stage.run({ command: 'apply' });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({
      changes: 'true',
      applied: '2',
      failed: '0',
      'lockfile-committed': 'true',
      'commit-status': 'committed',
      'commit-sha': await stage.tip(),
      'exit-code': '0',
    });
    expect(await stage.recorded()).toEqual(['users/a', 'users/b']);
    const [commit, before] = await remote.repository.history();
    expect(before?.sha).toBe(sha);
    expect(commit?.message).toMatch(new RegExp(`^Record connections: 2 added\n\nconnsync apply, ${RUN}$`));
    expect(commit?.author.name).toBe('github-actions[bot]');
    const [comment] = api.issues.commentsOf(pull.number);
    expect(comment?.body).toContain('Apply complete! Resources: 2 added, 0 changed, 0 destroyed.');
    expect(comment?.body).toMatch(new RegExp(`\\[the run\\]\\(${RUN}\\)`));
    expect(ended.outputs['comment-url']).toContain(`#issuecomment-${comment?.id}`);
    expect(api.complaints).toEqual([]);
  });

  test('without a change makes no commit', async () => {
    await using stage = await Stage.start({ files: A });
    using first = await stage.run({ command: 'apply', 'commit-message': 'Note connections [skip ci]' });
    const tip = await stage.tip();
    expect((await stage.github.remote.repository.commitInfo(tip)).message).toBe('Note connections [skip ci]');
    using second = await stage.run({ command: 'apply' });
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(second.outputs).toMatchObject({
      changes: 'false',
      'lockfile-committed': 'false',
      'commit-sha': '',
      'commit-status': 'unchanged',
    });
    expect(await stage.tip()).toBe(tip);
  });

  test('that a guard refuses fails with 7 and sends nothing', async () => {
    await using stage = await Stage.start({ files: { ...A, ...B } });
    using first = await stage.run({ command: 'apply' });
    await stage.merge({ 'connections/a.yaml': null, 'connections/b.yaml': manifest('users/c') });
    stage.datadog.resetLog();
    using refused = await stage.run({ command: 'apply', prune: 'true' });
    expect([first.exitCode, refused.exitCode]).toEqual([0, 1]);
    expect(refused.outputs).toMatchObject({ refused: 'true', 'exit-code': '7', 'commit-status': 'skipped' });
    expect(refused.summary).toContain('**Refused, nothing was sent**');
    expect(stage.writes()).toEqual([]);
    using allowed = await stage.run({ command: 'apply', prune: 'true', 'max-deletes': '2' });
    expect(allowed, allowed.stdout).toMatchObject({ exitCode: 0 });
    expect(await stage.recorded()).toEqual(['users/c']);
  });

  test('that fails in part fails the step and records what succeeded', async () => {
    await using stage = await Stage.start({ files: { ...A, ...B } });
    stage.datadog.answerNext({ method: 'POST', status: 400, body: { errors: ['no such table'] } });
    using ended = await stage.run({ command: 'apply', concurrency: '1' });
    expect(ended.exitCode).toBe(1);
    expect(ended.outputs).toMatchObject({
      applied: '1',
      failed: '1',
      'exit-code': '4',
      'commit-status': 'committed',
    });
    expect(await stage.recorded()).toEqual(['users/b']);
    expect(ended.summary).toContain('no such table');
    expect(ended.commands.find(({ command }) => command === 'error')?.message).toContain('users/a: create failed');
  });

  test('uses the lockfile of the branch tip, whatever was checked out', async () => {
    await using stage = await Stage.start({ files: A });
    const old = await stage.checkout();
    using first = await stage.run({ command: 'apply' });
    // The manifests did not change since, so the old checkout may be applied, starting from the new lockfile.
    using second = await stage.run({ command: 'apply' }, { workspace: old, event: push(await stage.tip()) });
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(existsSync(join(old, 'connections.lock'))).toBe(false);
    expect(second.outputs).toMatchObject({ changes: 'false', 'commit-status': 'unchanged' });
    expect(second.stdout).toContain('1 unchanged');
  });
});

describe('recording', SIDE_BY_SIDE, () => {
  test('with git makes an ordinary push from any checkout and leaves the checkout unchanged', async () => {
    await using stage = await Stage.start({ files: A });
    const { remote, api } = stage.github;
    const workspace = await stage.checkout();
    // A checkout without `persist-credentials: false` would leave a second authorisation.
    await git(workspace, ['config', `http.${remote.serverUrl}/.extraheader`, 'AUTHORIZATION: basic bm90IG91cnM=']);
    const before = await git(workspace, ['status', '--porcelain=v2', '--branch']);
    using ended = await stage.run({ command: 'apply', commit: 'git' }, { workspace });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({ 'commit-status': 'committed', 'commit-sha': await stage.tip() });
    expect(await stage.recorded()).toEqual(['users/a']);
    expect(api.requests.filter(({ field }) => field === 'createCommitOnBranch')).toEqual([]);
    const [commit] = await remote.repository.history();
    expect(commit?.author.name).toBe('github-actions[bot]');
    expect(await remote.repository.read('README.md')).toBe('# data\n');
    expect(await git(workspace, ['status', '--porcelain=v2', '--branch'])).toBe(before);
    expect(await git(workspace, ['rev-parse', '--is-shallow-repository'])).toBe('true');
  });

  test('with git keeps the history of a full clone and runs none of its hooks', async () => {
    await using stage = await Stage.start({ files: A });
    await stage.merge({ 'NOTES.md': 'one\n' });
    const workspace = join(stage.folder, 'full');
    await checkout(stage.github.remote, workspace, { token: TOKEN, depth: 0 });
    await git(workspace, ['config', 'core.hooksPath', join(workspace, 'hooks')]);
    mkdirSync(join(workspace, 'hooks'));
    for (const hook of ['pre-push', 'reference-transaction', 'post-index-change']) {
      writeFileSync(join(workspace, 'hooks', hook), `#!/bin/sh\necho ran > '${join(workspace, 'hooks-ran')}'\n`);
      chmodSync(join(workspace, 'hooks', hook), 0o755);
    }
    using ended = await stage.run({ command: 'apply', commit: 'git' }, { workspace });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(await git(workspace, ['-c', 'core.hooksPath=/dev/null', 'rev-list', '--count', 'HEAD'])).toBe('2');
    expect(existsSync(join(workspace, 'hooks-ran'))).toBe(false);
  });

  test('with auto uses git and the credentials of the checkout if there is no token', async () => {
    await using stage = await Stage.start({ files: A });
    const { remote, api } = stage.github;
    const workspace = await stage.checkout();
    const basic = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
    await git(workspace, ['config', `http.${remote.serverUrl}/.extraheader`, `AUTHORIZATION: basic ${basic}`]);
    using ended = await stage.run({ command: 'apply', 'github-token': '' }, { workspace });
    expect(ended.outputs).toMatchObject({ 'commit-status': 'committed' });
    expect(api.requests).toEqual([]);
    using other = await stage.run(
      { command: 'apply' },
      { workspace: await stage.checkout(), env: { GITEA_ACTIONS: 'true' } },
    );
    expect(other.outputs).toMatchObject({ 'commit-status': 'unchanged' });
    expect(api.requests.filter(({ path }) => path.includes('/git/ref'))).toEqual([]);
  });

  test('with none plans from the tip and leaves the lockfile in the checkout, with a read-only token', async () => {
    await using stage = await Stage.start({ files: A, permissions: { contents: 'read' } });
    const tip = await stage.tip();
    const workspace = await stage.checkout();
    using ended = await stage.run({ command: 'apply', commit: 'none' }, { workspace });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({
      applied: '1',
      'lockfile-committed': 'false',
      'commit-sha': '',
      'commit-status': 'skipped',
    });
    expect(readFileSync(join(workspace, 'connections.lock'), 'utf8')).toContain('"users/a"');
    expect(await stage.tip()).toBe(tip);
    using post = await stage.post(ended, { workspace });
    expect(post).toMatchObject({ exitCode: 0 });
    expect(await stage.tip()).toBe(tip);
  });

  test('with none works without a branch to move, as on a pull request, while the other modes require one', async () => {
    await using stage = await Stage.start({ files: A });
    const workspace = await stage.checkout();
    using ended = await stage.run({ command: 'apply', commit: 'none' }, { workspace, event: pullRequest() });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    expect(ended.outputs).toMatchObject({ applied: '1', 'lockfile-committed': 'false', 'commit-status': 'skipped' });
    expect(existsSync(join(workspace, 'connections.lock'))).toBe(true);
    using refused = await stage.run({ command: 'apply' }, { event: pullRequest() });
    expect(refused.outputs).toMatchObject({ 'exit-code': '3', 'commit-status': 'skipped' });
    expect(refused.summary).toContain('set commit-branch');
    using named = await stage.run({ command: 'apply', commit: 'api', 'github-token': '' });
    expect(named.summary).toContain('commit: api needs the input github-token');
  });

  test('reads the lockfile from another branch while the manifests come from main', async () => {
    await using stage = await Stage.start({ files: A });
    const { remote } = stage.github;
    await remote.commit({ 'README.md': 'state\n' }, { branch: 'state' });
    const main = await stage.tip();
    for (const commit of ['api', 'git']) {
      using ended = await stage.run({ command: 'apply', 'commit-branch': 'state', commit });
      expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
    }
    expect(await remote.repository.read('connections.lock', 'refs/heads/state')).toContain('"users/a"');
    expect(await remote.repository.count('state')).toBe(2);
    expect(await stage.tip()).toBe(main);
    const old = await stage.checkout(main);
    await stage.merge({ 'connections/a.yaml': manifest('users/a', ['more']) });
    for (const commit of ['api', 'git']) {
      const run = { workspace: old, event: push(main) };
      using stale = await stage.run({ command: 'apply', 'commit-branch': 'state', commit }, run);
      expect(stale.outputs['exit-code']).toBe('7');
    }
  });
});

describe('before the first create', SIDE_BY_SIDE, () => {
  const cases = {
    'a token without contents: write': { token: { contents: 'read' }, hint: 'contents: write' },
    'a branch that is missing': { inputs: { 'commit-branch': 'gone' }, hint: 'check that the branch exists' },
    'a token that is not valid': {
      inputs: { 'github-token': 'ghs_nobody' },
      hint: 'pass a valid token as github-token',
    },
  } as const;
  test.each(Object.entries(cases))('%s is detected through the API, and no request is sent', async (_, how) => {
    await using stage = await Stage.start({
      files: A,
      ...('token' in how ? { permissions: how.token } : {}),
    });
    using ended = await stage.run({ command: 'apply', ...('inputs' in how ? how.inputs : {}) });
    expect(ended.exitCode).toBe(1);
    expect(ended.outputs).toMatchObject({ 'exit-code': '5', 'commit-status': 'skipped', applied: '0' });
    expect(ended.summary).toContain(how.hint);
    expect(stage.writes()).toEqual([]);
  });

  test('a rule that requires pull requests is detected, unless the token may bypass it', async () => {
    await using stage = await Stage.start({ files: A });
    const { settings } = stage.github.api;
    settings.rules = [{ type: 'deletion' }, { type: 'pull_request', ruleset_id: 42 }];
    using refused = await stage.run({ command: 'apply' });
    expect(refused.outputs).toMatchObject({ 'exit-code': '5', 'commit-status': 'skipped' });
    expect(refused.summary).toContain('protected by the rule pull_request');
    expect(stage.writes()).toEqual([]);
    settings.bypass = 'always';
    using passed = await stage.run({ command: 'apply' });
    expect(passed.outputs).toMatchObject({ 'commit-status': 'committed' });
  });

  test('git detects what is knowable without a push: a wrong token, a missing branch, a missing checkout', async () => {
    await using stage = await Stage.start({ files: A });
    const bare = await stage.checkout();
    rmSync(join(bare, '.git'), { recursive: true });
    for (const [inputs, more, hint] of [
      [{ 'github-token': 'ghs_nobody' }, {}, 'pass a valid token as github-token'],
      [{ 'commit-branch': 'gone' }, {}, 'check that the branch exists'],
      [{}, { workspace: bare }, 'check out the repository first'],
    ] as const) {
      using ended = await stage.run({ command: 'apply', commit: 'git', ...inputs }, more);
      expect(ended.outputs).toMatchObject({ 'exit-code': '5', 'commit-status': 'skipped' });
      expect(ended.summary).toContain(hint);
    }
    expect(stage.writes()).toEqual([]);
  });
});

test('the API of an Enterprise Server is found through the runner’s environment', SIDE_BY_SIDE, async () => {
  await using stage = await Stage.start({ files: A, enterprise: true });
  const pull = stage.github.api.issues.openPull('Add', { mergeCommit: await stage.tip() });
  expect(stage.github.api.url).toMatch(/\/api\/v3$/);
  using ended = await stage.run({ command: 'apply' }, { event: workflowDispatch(await stage.tip()) });
  expect(ended.outputs).toMatchObject({ 'commit-status': 'committed' });
  expect(stage.github.api.issues.commentsOf(pull.number)).toHaveLength(1);
  expect(stage.github.api.complaints).toEqual([]);
});

test('a repository that is checked out below the workspace is recognised by its own root', SIDE_BY_SIDE, async () => {
  await using stage = await Stage.start({ files: { 'tables/connections/a.yaml': manifest('users/a') } });
  const below = join(stage.folder, 'work/data');
  await checkout(stage.github.remote, below, { token: TOKEN });
  const inputs = { command: 'apply', 'working-directory': 'data/tables' };
  for (const commit of ['api', 'git']) {
    using ended = await stage.run({ ...inputs, commit }, { workspace: join(stage.folder, 'work') });
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
  }
  expect(await stage.github.remote.repository.read('tables/connections.lock')).toContain('"users/a"');
});

test('an input that is disabled fails with 3 and the allowed values', SIDE_BY_SIDE, async () => {
  await using stage = await Stage.start({ files: A });
  using ended = await stage.run({ command: 'destroy' });
  expect(ended.exitCode).toBe(1);
  expect(ended.outputs).toEqual({ 'exit-code': '3' });
  expect(ended.commands.at(-1)).toMatchObject({
    command: 'error',
    message: 'the input command is "destroy"\n→ use one of plan, apply, drift, validate',
  });
  expect(stage.datadog.requests).toEqual([]);
});
