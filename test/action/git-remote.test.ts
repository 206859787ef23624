import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkout, commitAndPush } from './rig/git/checkout.ts';
import { authorised, git, tryGit } from './rig/git/git.ts';
import { GitRemote } from './rig/git/remote.ts';
import { PROTECTED_BRANCH, RULE_VIOLATION } from './rig/git/refusal.ts';
import { jobToken } from './rig/tokens.ts';

const TOKENS = {
  writes: jobToken({ contents: 'write' }),
  reads: jobToken({ contents: 'read' }),
  comments: jobToken({ issues: 'write' }),
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connsync-git-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const read = (name: string, file: string): string => readFileSync(join(folder, name, file), 'utf8');

describe('a clone', () => {
  test.each([
    ['without a token', undefined, 128, 'could not read Username'],
    // Git prompts when a header is refused, so the output does not mention the token.
    ['with a wrong token', 'guessed', 128, 'could not read Username'],
    ['with a token without read permission', 'comments', 128, 'Repository not found'],
    ['with a token with read permission', 'reads', 0, ''],
  ])('%s ends as on GitHub', async (_, token, exitCode, said) => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    const ended = await tryGit(folder, ['clone', '--quiet', remote.url, 'data'], { env: authorised(token) });
    expect(ended.stderr).toContain(said);
    expect(ended.exitCode).toBe(exitCode);
  });

  test('also works with an address that ends in .git', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    await git(folder, ['clone', '--quiet', `${remote.url}.git`, 'data'], { env: authorised('reads') });
    expect(read('data', 'README.md')).toBe('# data\n');
  });
});

describe('a checkout', () => {
  test('contains one commit, that of the event, on the branch, and no token', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS, files: { lock: 'old\n' } });
    const old = await remote.repository.tip();
    await remote.commit({ lock: 'new\n' });
    await checkout(remote, at('data'), { token: 'writes', sha: old ?? '' });
    expect(read('data', 'lock')).toBe('old\n');
    expect(await git(at('data'), ['rev-list', '--count', 'HEAD'])).toBe('1');
    expect(await git(at('data'), ['symbolic-ref', 'HEAD'])).toBe('refs/heads/main');
    expect(read('data', '.git/config')).not.toContain('extraheader');
  });

  test('can be detached, and can contain every commit', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    await remote.commit({ lock: 'new\n' });
    await checkout(remote, at('data'), { token: 'writes', depth: 0, detached: true });
    expect(await git(at('data'), ['rev-list', '--count', 'HEAD'])).toBe('2');
    expect((await tryGit(at('data'), ['symbolic-ref', '--quiet', 'HEAD'])).exitCode).toBe(1);
  });
});

describe('a push', () => {
  test('is accepted with its author', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    await checkout(remote, at('data'), { token: 'writes' });
    const author = { name: 'Hubot', email: 'hubot@example.com' };
    const ended = await commitAndPush(at('data'), { token: 'writes', changes: { lock: '1\n' }, author });
    expect(ended.stderr).toContain('main');
    expect(ended.exitCode).toBe(0);
    expect(await remote.repository.read('lock')).toBe('1\n');
    expect(await remote.repository.count()).toBe(2);
    expect((await remote.repository.history())[0]).toMatchObject({ author, message: 'Change' });
  });

  test('of more than a megabyte arrives in chunks and is accepted', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    await checkout(remote, at('data'), { token: 'writes' });
    const noise = randomBytes(2_000_000);
    const ended = await commitAndPush(at('data'), { token: 'writes', changes: { noise } });
    expect(ended.stderr).toContain('main');
    expect(noise.equals(await remote.repository.bytes('main:noise'))).toBe(true);
  });

  test.each([
    ['without a token', undefined, 'could not read Username'],
    ['with a wrong token', 'guessed', 'could not read Username'],
    ['with a read-only token', 'reads', 'The requested URL returned error: 403'],
  ])('%s is refused and changes nothing', async (_, token, said) => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    await checkout(remote, at('data'), { token: 'reads' });
    const ended = await commitAndPush(at('data'), {
      ...(token === undefined ? {} : { token }),
      changes: { lock: '1' },
    });
    expect(ended.stderr).toContain(said);
    expect(ended.exitCode).toBe(128);
    expect(await remote.repository.count()).toBe(1);
  });

  test.each([
    ['branch protection', PROTECTED_BRANCH, 'error: GH006: Protected branch update failed for refs/heads/main.'],
    ['a ruleset', RULE_VIOLATION, 'error: GH013: Repository rule violations found for refs/heads/main.'],
  ])('to a branch under %s is refused with GitHub’s message, although a dry run is not', async (_, refusal, said) => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    await checkout(remote, at('data'), { token: 'writes' });
    await remote.protect(refusal);
    const refused = await commitAndPush(at('data'), { token: 'writes', changes: { lock: '1' } });
    expect(refused.stderr).toContain(`remote: ${said}`);
    expect(refused.stderr).toContain(`! [remote rejected] HEAD -> main (${refusal.reason})`);
    expect(refused.exitCode).toBe(1);
    expect(await remote.repository.count()).toBe(1);

    const push = ['push', 'origin', 'HEAD:refs/heads/main'];
    const env = authorised('writes');
    expect((await tryGit(at('data'), [...push, '--dry-run'], { env })).exitCode).toBe(0);
    expect((await tryGit(at('data'), ['push', 'origin', 'HEAD:refs/heads/other'], { env })).exitCode).toBe(0);
    await remote.protect(undefined);
    expect((await tryGit(at('data'), push, { env })).exitCode).toBe(0);
  });
});

describe('of two concurrent pushes', () => {
  test('the second is rejected before it sends anything', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    for (const name of ['one', 'two']) await checkout(remote, at(name), { token: 'writes' });
    const first = await commitAndPush(at('one'), { token: 'writes', changes: { one: '1' } });
    const second = await commitAndPush(at('two'), { token: 'writes', changes: { two: '2' } });
    expect([first.exitCode, second.exitCode]).toEqual([0, 1]);
    expect(second.stderr).toContain('! [rejected]        HEAD -> main (fetch first)');
    expect(await remote.repository.count()).toBe(2);
  });

  // This looks like a permanent refusal but is a race, which only the words in brackets reveal.
  test('the one that saw the same tip is rejected by the remote because of the lock', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    await checkout(remote, at('one'), { token: 'writes' });
    remote.beforeNextPush(async () => await remote.commit({ meanwhile: '1' }));
    const late = await commitAndPush(at('one'), { token: 'writes', changes: { one: '1' } });
    expect(late.exitCode).toBe(1);
    expect(late.stderr).toMatch(
      /! \[remote rejected\] HEAD -> main \(.*(cannot lock ref|failed to update ref|incorrect old value)/,
    );
    expect(await remote.repository.read('meanwhile')).toBe('1');
    expect(await remote.repository.read('one')).toBeUndefined();
  });

  test('only one of eight is accepted', async () => {
    await using remote = await GitRemote.start({ tokens: TOKENS });
    const names = Array.from({ length: 8 }, (_, index) => `clone-${index}`);
    for (const name of names) await checkout(remote, at(name), { token: 'writes' });
    const ended = await Promise.all(
      names.map(async (name) => await commitAndPush(at(name), { token: 'writes', changes: { [name]: name } })),
    );
    expect(ended.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
    expect(await remote.repository.count()).toBe(2);
  });
});
