import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../core/diagnostic.ts';
import { GitError, type Git } from './git.ts';
import {
  explained,
  notRecordable,
  type CommitEnded,
  type CommitRequest,
  type LockfileBranch,
  type Trouble,
} from './lockfile-branch.ts';

export interface GitBranchOptions {
  readonly git: Git;
  /** URL of the repository, without credentials. */
  readonly remote: string;
  readonly branch: string;
  /** Path of the lockfile, relative to the repository's root. */
  readonly path: string;
  /** A folder for a temporary index. */
  readonly scratch: string;
}

/** The author of the commits, so that git needs no configured identity. The number is the id of GitHub's own app. */
const AUTHOR = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };

/**
 * Returns a lockfile branch that uses only git, for hosts other than GitHub. It does not change the checkout, its
 * index or its branches.
 */
export function gitBranch(options: GitBranchOptions): LockfileBranch {
  const { git, remote, branch, path } = options;
  const displayName = `${branch} of ${remote}`;
  const ref = `refs/heads/${branch}`;
  const localRef = `refs/connsync/${branch}`;
  const explain = (cause: unknown): Failure | undefined =>
    cause instanceof GitError
      ? notRecordable(
          troubleOf(cause.stderr),
          `git could not reach or change ${displayName}: ${cause.stderr.trim()}`,
          cause,
        )
      : undefined;

  return {
    displayName,
    // A dry-run push fails if the real push would be refused. Git has no other check in advance.
    preflight: () =>
      explained(explain, async () => {
        const listed = await git(['ls-remote', '--heads', '--', remote, ref]);
        if (listed.trim() === '') throw notRecordable('missing', `${displayName} does not exist`);
      }),
    tip: () =>
      explained(explain, async () => {
        // Fetches with a depth only in a shallow checkout, because a depth would truncate the history of a complete
        // one.
        const isShallow = (await git(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
        const depth = isShallow ? ['--depth=1'] : [];
        await git(['fetch', '--quiet', ...depth, ...FETCH, '--', remote, `+${ref}:${localRef}`]);
        const commit = (await git(['rev-parse', '--verify', localRef])).trim();
        const sha = (await blobsAt(git, commit, [path])).get(path);
        return { commit, lockfile: sha === undefined ? undefined : await git(['cat-file', 'blob', sha]) };
      }),
    blobs: (commit, paths) => explained(explain, () => blobsAt(git, commit, paths)),
    commit: (request) => explained(explain, () => commitOver(options, { ...request, ref, explain })),
  };
}

const FETCH = ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];

async function blobsAt(git: Git, commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const below = paths.includes('') ? [] : paths;
  const listed = await git(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...below]);
  return new Map(
    listed.split('\0').flatMap((line) => {
      const [, sha, file] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return sha === undefined || file === undefined ? [] : [[file, sha] as const];
    }),
  );
}

interface Pushing extends CommitRequest {
  readonly ref: string;
  readonly explain: (cause: unknown) => Failure | undefined;
}

async function commitOver(
  { git, remote, path, scratch }: GitBranchOptions,
  { text, message, onto, ref, explain }: Pushing,
): Promise<CommitEnded> {
  const blob = (await git(['hash-object', '-w', '--stdin'], { input: text })).trim();
  const tree = await treeWith({ git, scratch, onto, line: `100644 ${blob}\t${path}\0` });
  const who = {
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
  };
  const commit = (await git(['commit-tree', tree, '-p', onto, '-F', '-'], { input: message, env: who })).trim();
  try {
    await git(['push', '--quiet', '--', remote, `${commit}:${ref}`]);
    return { kind: 'committed', commit };
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    if (isStale(cause.stderr)) return { kind: 'stale' };
    const failure = explain(cause);
    if (failure !== undefined && troubleOf(cause.stderr) === 'lost') return { kind: 'unclear', failure };
    throw cause;
  }
}

/** Returns the tree of a commit with one changed file, created in a separate index. */
async function treeWith({
  git,
  scratch,
  onto,
  line,
}: {
  readonly git: Git;
  readonly scratch: string;
  readonly onto: string;
  readonly line: string;
}): Promise<string> {
  const file = join(scratch, `index-${randomBytes(6).toString('hex')}`);
  const env = { GIT_INDEX_FILE: file };
  try {
    await git(['read-tree', onto], { env });
    await git(['update-index', '-z', '--index-info'], { env, input: line });
    return (await git(['write-tree'], { env })).trim();
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Returns whether the push failed because another push came first. A server reports `remote rejected` for a permanent
 * refusal, but also if the server itself lost a race between two pushes.
 */
function isStale(stderr: string): boolean {
  if (PROTECTED.test(stderr)) return false;
  if (/remote rejected/.test(stderr)) return /cannot lock ref|failed to update ref/.test(stderr);
  return /\[rejected\]|non-fast-forward|fetch first|stale info/.test(stderr);
}

function troubleOf(stderr: string): Trouble {
  const [trouble = 'lost'] = TROUBLES.find(([, pattern]) => pattern.test(stderr)) ?? [];
  return trouble;
}

const PROTECTED = /GH006|GH013|protected branch|repository rule|hook declined/i;
const TROUBLES: readonly (readonly [Trouble, RegExp])[] = [
  ['protected', PROTECTED],
  ['rights', /\b403\b|permission to .* denied|write access/i],
  ['token', /\b401\b|authentication failed|could not read (?:username|password)|terminal prompts disabled/i],
  ['no-checkout', /not a git repository|ENOENT/],
  ['missing', /\b404\b|repository .*not found|couldn't find remote ref/i],
  ['protected', /remote rejected/],
];
