import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { GitError, type Git } from './git.ts';
import { notRecordable, PROTECTED_HINT, RIGHTS_HINT, type LockfileBranch, type Tip } from './lockfile-branch.ts';

export interface GitBranchOptions {
  readonly git: Git;
  /** Its address, or the name of a remote. */
  readonly remote: string;
  readonly branch: string;
  /** The lockfile, from the repository's root. */
  readonly path: string;
  /** A folder for a temporary index. */
  readonly scratch: string;
  /** Who makes the commits. */
  readonly author: { readonly name: string; readonly email: string };
}

/**
 * A lockfile on a branch, by git alone: for hosts that are not GitHub. The checkout, its index and its branches stay as they are,
 * and git needs no configured identity.
 */
export function gitBranch({ git, remote, branch, path, scratch, author }: GitBranchOptions): LockfileBranch {
  const shown = `${branch} of ${remote.replace(/\/\/[^/@]*@/, '//')}`;
  const ref = `refs/heads/${branch}`;

  const blobs: LockfileBranch['blobs'] = async (commit, paths) => {
    const listed = await git([
      'ls-tree',
      '-r',
      '-z',
      '--full-tree',
      commit,
      '--',
      ...paths.map((one) => (one === '.' ? '' : one)).filter((one) => one !== ''),
    ]);
    return new Map(
      listed.split('\0').flatMap((line) => {
        const [, sha, file] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
        return sha === undefined || file === undefined ? [] : [[file, sha] as const];
      }),
    );
  };

  return {
    shown,
    // A push that is only pretended succeeds where the real one is refused: more than being there can't be found out.
    preflight: () =>
      told(shown, async () => {
        const listed = await git(['ls-remote', '--heads', '--', remote, ref]);
        if (listed.trim() === '') throw notRecordable(`there is no ${shown}`, 'name another with commit-branch');
      }),
    tip: () =>
      told(shown, async (): Promise<Tip> => {
        await git([
          'fetch',
          '--quiet',
          '--depth=1',
          '--no-tags',
          '--no-write-fetch-head',
          '--',
          remote,
          `+${ref}:refs/connsync/tip`,
        ]);
        const commit = (await git(['rev-parse', '--verify', 'refs/connsync/tip'])).trim();
        const sha = (await blobs(commit, [path])).get(path);
        return { commit, lockfile: sha === undefined ? undefined : await git(['cat-file', 'blob', sha]) };
      }),
    blobs: (commit, paths) => told(shown, () => blobs(commit, paths)),
    commit: ({ text, message, onto }) =>
      told(shown, async () => {
        const index = { GIT_INDEX_FILE: join(scratch, `index-${randomBytes(6).toString('hex')}`) };
        const blob = (await git(['hash-object', '-w', '--stdin'], { input: text })).trim();
        await git(['read-tree', onto], { env: index });
        await git(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env: index });
        const tree = (await git(['write-tree'], { env: index })).trim();
        const who = {
          GIT_AUTHOR_NAME: author.name,
          GIT_AUTHOR_EMAIL: author.email,
          GIT_COMMITTER_NAME: author.name,
          GIT_COMMITTER_EMAIL: author.email,
        };
        const commit = (await git(['commit-tree', tree, '-p', onto, '-F', '-'], { input: message, env: who })).trim();
        try {
          await git(['push', '--quiet', '--', remote, `${commit}:${ref}`]);
          return { commit };
        } catch (cause) {
          if (cause instanceof GitError && isStale(cause.stderr)) return 'stale';
          throw cause;
        }
      }),
  };
}

/** Somebody pushed in between; a server that refuses for good says `remote rejected`. */
function isStale(stderr: string): boolean {
  if (/remote rejected|GH006|GH013|pre-receive hook declined/.test(stderr))
    return /cannot lock ref|failed to update ref/.test(stderr);
  return /\[rejected\]|non-fast-forward|fetch first|stale info|failed to push some refs/.test(stderr);
}

async function told<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    const { stderr } = cause;
    const [hint] = ADVICE.find(([, pattern]) => pattern.test(stderr)) ?? [
      'run the job again: what is live and equal is adopted, and nothing is done twice',
    ];
    throw notRecordable(`git could not reach or change ${shown}: ${stderr.trim()}`, hint, cause);
  }
}

const ADVICE: readonly (readonly [string, RegExp])[] = [
  [PROTECTED_HINT, /GH006|GH013|protected branch|repository rule|pre-receive hook declined/i],
  [RIGHTS_HINT, /\b403\b|permission to .* denied|write access/i],
  [
    'the token is missing, or not valid any more: pass another as github-token',
    /\b401\b|authentication failed|could not read username|terminal prompts disabled/i,
  ],
  ['check out the repository first, with actions/checkout', /not a git repository/i],
];
