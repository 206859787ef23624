import { describe, expect, test } from 'vitest';
import { FakeGitHub } from './rig/github/fake-github.ts';
import { jobToken, personalToken } from './rig/tokens.ts';

const TOKENS = {
  'writes-7f3a': jobToken({ contents: 'write', issues: 'write', 'pull-requests': 'write' }),
  'reads-7f3a': jobToken({ contents: 'read' }),
  'person-7f3a': personalToken('mona', { contents: 'write', administration: 'read' }),
};
const WRITES = 'writes-7f3a';
const READS = 'reads-7f3a';
const PERSON = 'person-7f3a';

describe('the repository endpoint', () => {
  test.each([
    ['a wrong token', 'guessed', '', 401, 'Bad credentials'],
    ['no token', undefined, '', 404, 'Not Found'],
    ['a different repository', WRITES, '-of-others', 404, 'Not Found'],
  ])('is hidden for %s', async (_, token, suffix, status, message) => {
    await using github = await FakeGitHub.start(TOKENS);
    const answer = await github.call('GET', `/repos/acme/data${suffix}`, token);
    expect(answer).toMatchObject({ status, body: { message } });
  });

  // A preflight cannot rely on `permissions`, because an installation gets none.
  test('reports no permissions to an installation, and a person’s own permissions to that person', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const [job, person] = [await github.repos(WRITES), await github.repos(PERSON)];
    expect(job.body).toMatchObject({ full_name: 'acme/data', default_branch: 'main', permissions: { push: false } });
    expect(person.body).toMatchObject({ permissions: { push: true, admin: false } });
    expect((await github.call('GET', '/installation/repositories?per_page=1', WRITES)).status).toBe(200);
    expect((await github.call('GET', '/installation/repositories?per_page=1', PERSON)).status).toBe(403);
  });

  test('has a user only for a person', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    expect(await github.call('GET', '/user', WRITES)).toMatchObject({
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    });
    expect((await github.call('GET', '/user', PERSON)).body).toMatchObject({ login: 'mona' });
  });

  test('also answers at the addresses of GitHub Enterprise Server', async () => {
    await using github = await FakeGitHub.start(TOKENS, { enterprise: true });
    expect(github.api.url).toMatch(/\/api\/v3$/);
    expect(github.api.graphqlUrl).toMatch(/\/api\/graphql$/);
    expect((await github.repos(WRITES)).status).toBe(200);
    expect((await github.tip(WRITES)).data).toHaveProperty('repository.ref.target.oid');
  });
});

describe('content of the git repository', () => {
  test('is served as a ref, a tree and a blob', async () => {
    await using github = await FakeGitHub.start(TOKENS, {
      files: { 'connections/users/a.yaml': 'id: a\n', lock: '{}\n' },
    });
    const tip = await github.remote.repository.tip();
    const ref = await github.repos(READS, '/git/ref/heads/main');
    expect(ref.body).toMatchObject({ ref: 'refs/heads/main', object: { type: 'commit', sha: tip } });
    const tree = await github.repos(READS, `/git/trees/${tip}?recursive=1`);
    expect(tree.body).toMatchObject({
      truncated: false,
      tree: [
        { path: 'connections', type: 'tree', mode: '040000' },
        { path: 'connections/users', type: 'tree' },
        { path: 'connections/users/a.yaml', type: 'blob', mode: '100644', size: 6 },
        { path: 'lock', type: 'blob' },
      ],
    });
    const { sha } = (tree.body as { tree: { sha: string }[] }).tree[3] ?? { sha: '' };
    const blob = await github.repos(READS, `/git/blobs/${sha}`);
    expect(blob.body).toMatchObject({ encoding: 'base64', content: 'e30K\n', size: 3 });
    expect((await github.repos(READS, '/git/ref/heads/other')).status).toBe(404);
    expect((await github.repos(READS, `/git/blobs/${'0'.repeat(40)}`)).status).toBe(404);
    github.api.settings.truncatedTrees = true;
    expect((await github.repos(READS, '/git/trees/main')).body).toMatchObject({ truncated: true });
  });

  test('is served as contents at a ref, as JSON and raw, without content above a megabyte', async () => {
    await using github = await FakeGitHub.start(TOKENS, { files: { lock: 'old', large: 'x'.repeat(1_100_000) } });
    const old = await github.remote.repository.tip();
    await github.remote.commit({ lock: 'new' });
    const raw = { accept: 'application/vnd.github.raw+json' };
    expect((await github.repos(READS, '/contents/lock')).body).toMatchObject({ type: 'file', content: 'bmV3\n' });
    expect((await github.repos(READS, `/contents/lock?ref=${old}`, raw)).body).toBe('old');
    expect((await github.repos(READS, '/contents/large')).body).toMatchObject({ content: '', encoding: 'none' });
    expect(String((await github.repos(READS, '/contents/large', raw)).body)).toHaveLength(1_100_000);
    expect((await github.repos(READS, '/contents/none')).body).toMatchObject({ message: 'Not Found', status: '404' });
    expect((await github.repos(READS, '/contents/lock?ref=none')).body).toMatchObject({
      message: 'No commit found for the ref none',
    });
    expect((await github.repos(READS, '/contents/')).body).toMatchObject([{ path: 'large' }, { path: 'lock' }]);
  });

  test('is hidden without permission, unless the repository is public', async () => {
    await using github = await FakeGitHub.start({ ...TOKENS, other: jobToken({ issues: 'write' }) });
    expect(await github.repos('other', '/contents/README.md')).toMatchObject({ status: 403 });
    github.api.settings.private = false;
    expect(await github.repos('other', '/contents/README.md')).toMatchObject({ status: 200 });
    expect((await github.repos(READS, '/git/blobs', {}, { content: 'x' })).status).toBe(403);
    expect((await github.repos(WRITES, '/git/blobs', {}, { content: 'x' })).status).toBe(201);
  });
});

describe('issues', () => {
  test('are listed by labels, state and creator, including the pull requests', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    github.api.issues.openPull('Change');
    const opened = await github.repos(
      WRITES,
      '/issues',
      {},
      { title: 'Drift', body: 'b', labels: ['connsync', 'drift'] },
    );
    expect(opened).toMatchObject({
      status: 201,
      body: { number: 2, user: { login: 'github-actions[bot]', type: 'Bot' } },
    });
    expect((await github.repos(WRITES, '/issues')).body).toMatchObject([
      { number: 2 },
      { number: 1, pull_request: {} },
    ]);
    const mine = '/issues?labels=connsync,drift&creator=github-actions%5Bbot%5D&state=open';
    expect((await github.repos(WRITES, mine)).body).toMatchObject([{ number: 2, title: 'Drift' }]);
    const closed = await github.patch(WRITES, '/issues/2', { state: 'closed' });
    expect(closed.body).toMatchObject({ state: 'closed', state_reason: 'completed' });
    expect((await github.repos(WRITES, mine)).body).toEqual([]);
    expect((await github.patch(WRITES, '/issues/2', { state: 'open' })).body).toMatchObject({
      state_reason: 'reopened',
    });
  });

  test.each([
    ['without a title', {}, 'missing_field'],
    ['with a body that is too long', { title: 'a', body: 'x'.repeat(65_537) }, 'custom'],
  ])('are refused %s', async (_, body, code) => {
    await using github = await FakeGitHub.start(TOKENS);
    const refused = await github.repos(WRITES, '/issues', {}, body);
    expect(refused).toMatchObject({ status: 422, body: { message: 'Validation Failed', errors: [{ code }] } });
  });

  test('are missing if they are disabled', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    github.api.settings.issuesEnabled = false;
    expect((await github.repos(WRITES, '/issues', {}, { title: 'Drift' })).status).toBe(410);
  });
});

describe('comments', () => {
  test('come in pages of 30, and 120 of them through the links', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const { number } = github.api.issues.openPull('Change');
    for (let index = 0; index < 120; index += 1) github.api.issues.comment(number, `comment ${index}`);
    const first = await github.repos(WRITES, `/issues/${number}/comments`);
    expect(first.body).toHaveLength(30);
    expect(first.link).toContain('page=2>; rel="next"');
    expect(first.link).toContain('page=4>; rel="last"');
    expect((await github.repos(WRITES, `/issues/${number}/comments?per_page=500`)).body).toHaveLength(100);
    const all = await github.octokit(WRITES).paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      owner: 'acme',
      repo: 'data',
      issue_number: number,
    });
    expect(all.map(({ body }) => body)).toEqual(Array.from({ length: 120 }, (_, index) => `comment ${index}`));
    expect(github.api.requests.slice(-4).map(({ path }) => path.split('?')[1] ?? '')).toEqual([
      '',
      'page=2',
      'page=3',
      'page=4',
    ]);
  });

  test('are created, read and updated in place with permission', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const { number } = github.api.issues.openPull('Change');
    const created = await github.repos(WRITES, `/issues/${number}/comments`, {}, { body: 'plan' });
    expect(created).toMatchObject({ status: 201, body: { body: 'plan', user: { type: 'Bot' } } });
    const { id } = created.body as { id: number };
    expect((await github.patch(WRITES, `/issues/comments/${id}`, { body: 'outcome' })).body).toMatchObject({
      body: 'outcome',
    });
    expect((await github.repos(WRITES, `/issues/comments/${id}`)).body).toMatchObject({ body: 'outcome' });
    expect(await github.repos(READS, `/issues/${number}/comments`, {}, { body: 'no' })).toMatchObject({
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    });
    expect(github.api.issues.commentsOf(number)).toHaveLength(1);
  });

  test('are refused if they are too long or the conversation is locked', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const issue = github.api.issues.openPull('Change');
    const path = `/issues/${issue.number}/comments`;
    expect(await github.repos(WRITES, path, {}, { body: 'x'.repeat(65_537) })).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'Body is too long (maximum is 65536 characters)' }] },
    });
    expect((await github.repos(WRITES, path, {}, { body: '🙂'.repeat(65_536) })).status).toBe(201);
    issue.locked = true;
    expect((await github.repos(WRITES, path, {}, { body: 'plan' })).status).toBe(403);
  });
});

test('the pull request of a merge is found by its commit', async () => {
  await using github = await FakeGitHub.start(TOKENS);
  const mergeCommit = await github.remote.commit({ lock: '1' });
  github.api.issues.openPull('Change', { mergeCommit });
  const found = await github.repos(WRITES, `/commits/${mergeCommit}/pulls`);
  expect(found.body).toMatchObject([{ number: 1, merge_commit_sha: mergeCommit, base: { ref: 'main' } }]);
  expect((await github.repos(WRITES, `/commits/${'0'.repeat(40)}/pulls`)).body).toEqual([]);
  expect((await github.repos(READS, `/commits/${mergeCommit}/pulls`)).status).toBe(403);
});

describe('the log', () => {
  test('contains who requested what, and when a token was in a forbidden place', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    await github.repos(READS, `/contents/${WRITES}`);
    await github.repos(READS, '/git/ref/heads/main');
    expect(github.api.requests).toMatchObject([
      { method: 'GET', path: '/repos/acme/data/contents/***', login: 'github-actions[bot]', status: 404, leaked: true },
      { path: '/repos/acme/data/git/ref/heads/main', status: 200, leaked: false },
    ]);
    expect(JSON.stringify(github.api.requests)).not.toContain('7f3a');
  });

  test('reports requests that the rig does not support', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    expect((await github.repos(READS, '/actions/runs')).status).toBe(404);
    expect(github.api.complaints).toEqual(['this rig knows no GET /repos/acme/data/actions/runs']);
  });
});

describe('a script', () => {
  test('fails as often as it is set to, with the given status and headers', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    github.api.failNext({ method: 'GET', path: /\/git\/ref/ }, { status: 502, headers: { 'retry-after': '1' } }, 2);
    const answers = [];
    for (let index = 0; index < 3; index += 1) answers.push(await github.repos(READS, '/git/ref/heads/main'));
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 200]);
  });

  test('drops the answer to a request that was carried out', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    github.api.loseNext({ method: 'POST' });
    await expect(github.repos(WRITES, '/issues', {}, { title: 'Drift' })).rejects.toThrow('fetch failed');
    expect(github.api.issues.issues.size).toBe(1);
    expect(github.api.requests.at(-1)).toMatchObject({ method: 'POST', status: 'lost' });
  });
});
