import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { authorised, committingAs, git, tryGit, type Author, type GitEnded } from './git.ts';
import { MONA, type GitRemote } from './remote.ts';
import { makeGitFolder, type Changes } from './repository.ts';

export interface CheckoutOptions {
  readonly token: string;
  /** The event's commit. The default is the current tip of the branch. */
  readonly sha?: string;
  readonly branch?: string;
  /** 0 means the whole history. */
  readonly depth?: number;
  /** Checks out a commit instead of a branch, as for a pull request. */
  readonly detached?: boolean;
}

/** Creates the folder that actions/checkout leaves with `persist-credentials: false`: one commit without history. */
export async function checkout(
  remote: GitRemote,
  folder: string,
  { token, branch = 'main', sha, depth = 1, detached = false }: CheckoutOptions,
): Promise<void> {
  const at = sha ?? (await remote.repository.tip(branch)) ?? '';
  const env = authorised(token);
  mkdirSync(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--template=', '--initial-branch=none']);
  await git(folder, ['remote', 'add', 'origin', remote.url]);
  const tracking = `refs/remotes/origin/${branch}`;
  const much = depth === 0 ? [] : [`--depth=${depth}`];
  await git(folder, ['fetch', '--quiet', '--no-tags', ...much, 'origin', `+${at}:${tracking}`], { env });
  const where = detached ? ['--detach', at] : ['-B', branch, tracking];
  await git(folder, ['checkout', '--quiet', '--force', ...where]);
}

/**
 * The same as `checkout` with a depth of 1, written past HTTP: a fetch takes ten processes of git, and hundreds of tests begin with one.
 * What a fetch would be answered is the business of git-remote.test.ts.
 */
export async function quickCheckout(
  remote: GitRemote,
  folder: string,
  { branch = 'main', sha, detached = false }: Pick<CheckoutOptions, 'branch' | 'sha' | 'detached'> = {},
): Promise<void> {
  const at = (await remote.repository.resolve(sha ?? `refs/heads/${branch}`)) ?? '';
  const gitFolder = join(folder, '.git');
  makeGitFolder(gitFolder, { bare: false });
  appendFileSync(
    join(gitFolder, 'config'),
    `[remote "origin"]\n\turl = ${remote.url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`,
  );
  await remote.repository.copyCommit(at, gitFolder);
  writeFileSync(join(gitFolder, 'shallow'), `${at}\n`);
  const tracking = `refs/remotes/origin/${branch}`;
  mkdirSync(dirname(join(gitFolder, tracking)), { recursive: true });
  writeFileSync(join(gitFolder, tracking), `${at}\n`);
  const where = detached ? ['--detach', at] : ['-B', branch, tracking];
  await git(folder, ['checkout', '--quiet', '--force', ...where]);
}

export interface PushOptions {
  readonly token?: string;
  readonly changes: Changes;
  readonly message?: string;
  readonly author?: Author;
  readonly branch?: string;
}

/** Commits in a checkout and pushes without force. Returns the result of the push. */
export async function commitAndPush(
  folder: string,
  { token, changes, message = 'Change', author = MONA, branch = 'main' }: PushOptions,
): Promise<GitEnded> {
  for (const [path, to] of Object.entries(changes)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (to === null) rmSync(file);
    else writeFileSync(file, to);
  }
  await git(folder, ['add', '--all']);
  await git(folder, ['commit', '--quiet', '--message', message], { env: committingAs(author) });
  return await tryGit(folder, ['push', 'origin', `HEAD:refs/heads/${branch}`], { env: authorised(token) });
}
