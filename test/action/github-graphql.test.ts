import { describe, expect, test } from 'vitest';
import { PROTECTED_BRANCH, RULE_VIOLATION } from './rig/git/refusal.ts';
import { FakeGitHub } from './rig/github/fake-github.ts';
import { jobToken } from './rig/tokens.ts';

const TOKENS = { writes: jobToken({ contents: 'write' }), reads: jobToken({ contents: 'read' }) };

const COMMIT = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid url } ref { name } clientMutationId }
}`;

const FILE = `query ($owner: String!, $name: String!, $expression: String!) {
  repository(owner: $owner, name: $name) {
    ref(qualifiedName: "refs/heads/main") { name target { oid } }
    object(expression: $expression) { __typename oid ... on Blob { text isTruncated isBinary byteSize } }
  }
}`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function commit(
  github: FakeGitHub,
  token: string,
  expectedHeadOid: string,
  more: object = {},
): ReturnType<FakeGitHub['graphql']> {
  return await github.graphql(token, COMMIT, {
    input: {
      branch: { repositoryNameWithOwner: 'acme/data', branchName: 'main' },
      message: { headline: 'Record 2 connections', body: 'By the run.' },
      fileChanges: { additions: [{ path: 'lock', contents: base64('{}\n') }] },
      expectedHeadOid,
      ...more,
    },
  });
}

describe('a GraphQL query', () => {
  test('returns the tip and a file at it in one request', async () => {
    await using github = await FakeGitHub.start(TOKENS, { files: { lock: 'é\n' } });
    const oid = await github.remote.repository.tip();
    const variables = { owner: 'acme', name: 'data', expression: 'main:lock' };
    const { repository } = await github.octokit('reads').graphql<{ repository: unknown }>(FILE, variables);
    expect(repository).toMatchObject({
      ref: { name: 'main', target: { oid } },
      object: { __typename: 'Blob', text: 'é\n', isTruncated: false, isBinary: false, byteSize: 3 },
    });
    github.api.settings.longestBlobText = 2;
    expect((await github.graphql('reads', FILE, variables)).data).toMatchObject({
      repository: { object: { text: 'é', isTruncated: true } },
    });
    const none = await github.graphql('reads', FILE, { ...variables, expression: 'main:none' });
    expect(none.data).toMatchObject({ repository: { object: null } });
    expect(github.api.complaints).toEqual([]);
  });

  test.each([
    [
      'with a field that GitHub does not have',
      '{ repository(owner: "acme", name: "data") { lockfile } }',
      {},
      'lockfile',
    ],
    ['with invalid GraphQL', '{ repository(', {}, 'Syntax Error'],
    ['without a required variable', FILE, { owner: 'acme', name: 'data' }, '$expression'],
    [
      'for data that the rig does not support',
      '{ repository(owner: "acme", name: "data") { stargazerCount } }',
      {},
      'stargazerCount',
    ],
  ])('%s is refused and recorded as a complaint', async (_, query, variables, named) => {
    await using github = await FakeGitHub.start(TOKENS);
    const { errors } = await github.graphql('reads', query, variables);
    expect(errors?.[0]?.message).toContain(named);
    expect(github.api.complaints.join('\n')).toContain(named);
  });

  test('for another repository does not find it', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const answered = await github.graphql('reads', '{ repository(owner: "acme", name: "none") { id } }');
    expect(answered).toMatchObject({
      data: { repository: null },
      errors: [{ type: 'NOT_FOUND', message: "Could not resolve to a Repository with the name 'acme/none'." }],
    });
    expect(github.api.complaints).toEqual([]);
  });

  test('with a wrong token gets 401', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    expect(
      await github.call('POST', github.api.graphqlUrl, 'guessed', {}, { query: '{ viewer { login } }' }),
    ).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials' },
    });
  });
});

describe('createCommitOnBranch', () => {
  test('commits to the repository that git serves, as the bot', async () => {
    await using github = await FakeGitHub.start(TOKENS, {
      files: { lock: 'old', old: 'x', 'connections/a.yaml': 'a' },
    });
    const before = (await github.remote.repository.tip()) ?? '';
    const done = await commit(github, 'writes', before, {
      clientMutationId: 'one',
      fileChanges: { additions: [{ path: 'lock', contents: base64('new') }], deletions: [{ path: 'old' }] },
    });
    const [newest] = await github.remote.repository.history();
    expect(done).toEqual({
      data: {
        createCommitOnBranch: {
          commit: { oid: newest?.sha, url: `${github.remote.url}/commit/${newest?.sha}` },
          ref: { name: 'main' },
          clientMutationId: 'one',
        },
      },
    });
    expect(newest).toMatchObject({
      parents: [before],
      message: 'Record 2 connections\n\nBy the run.',
      author: { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' },
    });
    expect(await github.remote.repository.read('lock')).toBe('new');
    expect(await github.remote.repository.read('old')).toBeUndefined();
    expect(await github.remote.repository.read('connections/a.yaml')).toBe('a');
  });

  test('changes nothing with a stale head', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const before = (await github.remote.repository.tip()) ?? '';
    await github.remote.commit({ other: '1' });
    expect(await commit(github, 'writes', before)).toMatchObject({
      data: { createCommitOnBranch: null },
      errors: [
        {
          type: 'STALE_DATA',
          path: ['createCommitOnBranch'],
          locations: [{ line: 2, column: 3 }],
          message: `Expected branch to point to "${before}" but it did not.  Pull and try again.`,
        },
      ],
    });
    expect(await github.remote.repository.count()).toBe(2);
  });

  test('loses a race that begins after its head was read', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const before = (await github.remote.repository.tip()) ?? '';
    github.api.beforeNext({ field: 'createCommitOnBranch' }, async () => await github.remote.commit({ other: '1' }));
    expect((await commit(github, 'writes', before)).errors?.[0]).toMatchObject({ type: 'STALE_DATA' });
  });

  test('accepts one of eight with the same head', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const before = (await github.remote.repository.tip()) ?? '';
    const all = await Promise.all(Array.from({ length: 8 }, async () => await commit(github, 'writes', before)));
    expect(all.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect(all.filter(({ errors }) => errors?.[0]?.type === 'STALE_DATA')).toHaveLength(7);
    expect(await github.remote.repository.count()).toBe(2);
  });

  test('may succeed although its answer is lost', async () => {
    await using github = await FakeGitHub.start(TOKENS);
    const before = (await github.remote.repository.tip()) ?? '';
    github.api.loseNext({ field: 'createCommitOnBranch' });
    await expect(commit(github, 'writes', before)).rejects.toThrow('fetch failed');
    expect(await github.remote.repository.count()).toBe(2);
  });

  test.each([
    ['branch protection', PROTECTED_BRANCH],
    ['a ruleset', RULE_VIOLATION],
  ])('is refused under %s', async (_, refusal) => {
    await using github = await FakeGitHub.start(TOKENS);
    await github.remote.protect(refusal);
    const refused = await commit(github, 'writes', (await github.remote.repository.tip()) ?? '');
    expect(refused.errors).toMatchObject([{ type: refusal.type, message: refusal.message }]);
    expect(await github.remote.repository.count()).toBe(1);
  });

  test.each([
    ['a read-only token', 'reads', {}, 'FORBIDDEN'],
    ['a missing branch', 'writes', { branch: { repositoryNameWithOwner: 'acme/data', branchName: 'no' } }, 'NOT_FOUND'],
    ['the removal of a missing file', 'writes', { fileChanges: { deletions: [{ path: 'no' }] } }, 'UNPROCESSABLE'],
  ])('is refused for %s', async (_, token, more, type) => {
    await using github = await FakeGitHub.start(TOKENS);
    const refused = await commit(github, token, (await github.remote.repository.tip()) ?? '', more);
    expect(refused.errors).toMatchObject([{ type }]);
    expect(await github.remote.repository.count()).toBe(1);
    expect(github.api.complaints).toEqual([]);
  });
});

test('rules and protection show why a commit would be refused, protection only to an administrator', async () => {
  await using github = await FakeGitHub.start({
    ...TOKENS,
    admin: jobToken({ contents: 'read', administration: 'read' }),
  });
  expect((await github.repos('reads', '/rules/branches/main')).body).toEqual([]);
  expect(await github.repos('admin', '/branches/main/protection')).toMatchObject({
    status: 404,
    body: { message: 'Branch not protected' },
  });
  await github.remote.protect(RULE_VIOLATION);
  expect((await github.repos('reads', '/rules/branches/main')).body).toMatchObject([{ type: 'pull_request' }]);
  expect((await github.repos('reads', '/branches/main')).body).toMatchObject({ protected: false });
  await github.remote.protect(PROTECTED_BRANCH);
  expect((await github.repos('reads', '/rules/branches/main')).body).toEqual([]);
  expect((await github.repos('reads', '/branches/main')).body).toMatchObject({ protected: true });
  expect((await github.repos('reads', '/branches/main/protection')).status).toBe(403);
  expect((await github.repos('admin', '/branches/main/protection')).status).toBe(200);
});
