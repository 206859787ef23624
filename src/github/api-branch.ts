import { GitHubError, type GitHubApi } from './api.ts';
import {
  notRecordable,
  PROTECTED_HINT,
  RIGHTS_HINT,
  type CommitRequest,
  type LockfileBranch,
  type Tip,
} from './lockfile-branch.ts';

export interface ApiBranchOptions {
  readonly api: GitHubApi;
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  /** The lockfile, from the repository's root. */
  readonly path: string;
}

/** Rules that keep a plain commit from a branch. */
const BLOCKING = new Set([
  'pull_request',
  'update',
  'required_status_checks',
  'required_deployments',
  'merge_queue',
  'workflows',
]);

/**
 * A lockfile on a branch, through GitHub's API: no git, no credentials on disk. Commits are atomic (`expectedHeadOid`) and signed
 * by GitHub.
 */
export function apiBranch({ api, owner, repo, branch, path }: ApiBranchOptions): LockfileBranch {
  const at = { owner, repo };
  const shown = `${branch} of ${owner}/${repo}`;

  const treeAt = async (sha: string, recursive: boolean): Promise<Tree> =>
    readTree(
      await api.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
        ...at,
        tree_sha: sha,
        ...(recursive ? { recursive: '1' } : {}),
      }),
    );

  /** Walks down to a path, folder by folder: a whole repository may hold more than GitHub lists. */
  const find = async (commit: string, wanted: string): Promise<Entry | undefined> => {
    let entry: Entry = { path: '', type: 'tree', sha: commit };
    for (const name of wanted.split('/').filter((part) => part !== '' && part !== '.')) {
      if (entry.type !== 'tree') return undefined;
      const next = (await treeAt(entry.sha, false)).entries.find((one) => one.path === name);
      if (next === undefined) return undefined;
      entry = next;
    }
    return entry;
  };

  return {
    shown,
    preflight: async () => {
      await told(shown, () => requireWriting(api, at));
      for (const rule of await blockingRules(api, { ...at, branch }))
        throw notRecordable(
          `${shown} is protected by the rule ${rule}, so that this run could not record what it does`,
          PROTECTED_HINT,
        );
    },
    tip: () =>
      told(shown, async (): Promise<Tip> => {
        const ref = (await api.request('GET /repos/{owner}/{repo}/git/ref/{ref}', {
          ...at,
          ref: `heads/${branch}`,
        })) as { object?: { sha?: unknown } };
        const commit = ref.object?.sha;
        if (typeof commit !== 'string') throw new GitHubError(`GitHub does not say where ${shown} is`);
        const entry = await find(commit, path);
        return { commit, lockfile: entry === undefined ? undefined : await textOf(api, { ...at, sha: entry.sha }) };
      }),
    blobs: (commit, paths) =>
      told(shown, async () => {
        const found = new Map<string, string>();
        for (const wanted of paths) {
          const entry = await find(commit, wanted);
          if (entry?.type === 'blob') found.set(wanted, entry.sha);
          if (entry?.type !== 'tree') continue;
          const { entries, truncated } = await treeAt(entry.sha, true);
          if (truncated) throw new GitHubError(`${wanted} holds more files than GitHub lists`);
          const prefix = wanted === '.' || wanted === '' ? '' : `${wanted}/`;
          for (const one of entries) if (one.type === 'blob') found.set(`${prefix}${one.path}`, one.sha);
        }
        return found;
      }),
    commit: (request) => told(shown, () => commitOver(api, { ...at, branch, path, shown }, request)),
  };
}

/** What a workflow's token may do, no answer says: an object that nothing refers to is the one write that changes nothing. */
async function requireWriting(api: GitHubApi, at: { readonly owner: string; readonly repo: string }): Promise<void> {
  const { permissions } = (await api.request('GET /repos/{owner}/{repo}', at)) as { permissions?: { push?: unknown } };
  if (permissions?.push === true) return;
  await api.request('POST /repos/{owner}/{repo}/git/blobs', { ...at, content: '', encoding: 'utf-8' });
}

interface Target {
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly path: string;
  readonly shown: string;
}

const CREATE_COMMIT = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

async function commitOver(
  api: GitHubApi,
  { owner, repo, branch, path, shown }: Target,
  { text, message, onto }: CommitRequest,
): Promise<{ readonly commit: string } | 'stale'> {
  const [headline = '', ...body] = message.split('\n');
  const input = {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: branch },
    expectedHeadOid: onto,
    message: { headline, body: body.join('\n').trim() },
    fileChanges: { additions: [{ path, contents: Buffer.from(text).toString('base64') }] },
  };
  try {
    const done = (await api.graphql(CREATE_COMMIT, { input })) as {
      createCommitOnBranch?: { commit?: { oid?: unknown } };
    };
    const oid = done.createCommitOnBranch?.commit?.oid;
    if (typeof oid !== 'string') throw new GitHubError('GitHub does not say which commit it made');
    return { commit: oid };
  } catch (cause) {
    if (!(cause instanceof GitHubError)) throw cause;
    if (cause.type === 'STALE_DATA' || /expected branch to point to/i.test(cause.message)) return 'stale';
    if (/protected branch|repository rule|GH006|GH013|pull request/i.test(cause.message))
      throw notRecordable(`${shown} took no commit: ${cause.message}`, PROTECTED_HINT, cause);
    throw cause;
  }
}

/** Rules of rulesets that hold for this token: one that it may always bypass does not. Where GitHub doesn't say, there is none. */
async function blockingRules(
  api: GitHubApi,
  at: { owner: string; repo: string; branch: string },
): Promise<readonly string[]> {
  const rules = await quietly(api, 'GET /repos/{owner}/{repo}/rules/branches/{branch}', at);
  const found: string[] = [];
  for (const rule of Array.isArray(rules) ? (rules as { type?: unknown; ruleset_id?: unknown }[]) : []) {
    if (typeof rule.type !== 'string' || !BLOCKING.has(rule.type)) continue;
    const set = await quietly(api, 'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}', {
      owner: at.owner,
      repo: at.repo,
      ruleset_id: rule.ruleset_id,
    });
    const bypass =
      typeof set === 'object' && set !== null && 'current_user_can_bypass' in set
        ? set.current_user_can_bypass
        : undefined;
    if (bypass !== 'always') found.push(rule.type);
  }
  return found;
}

async function quietly(api: GitHubApi, route: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
  try {
    return await api.request(route, parameters);
  } catch (cause) {
    if (cause instanceof GitHubError) return undefined;
    throw cause;
  }
}

interface Entry {
  readonly path: string;
  readonly type: string;
  readonly sha: string;
}

interface Tree {
  readonly entries: readonly Entry[];
  readonly truncated: boolean;
}

function readTree(value: unknown): Tree {
  const { tree, truncated } = (typeof value === 'object' && value !== null ? value : {}) as {
    tree?: unknown;
    truncated?: unknown;
  };
  if (!Array.isArray(tree)) throw new GitHubError('GitHub answered with something that is no tree');
  const entries = tree.filter(
    (one: unknown): one is Entry =>
      typeof one === 'object' &&
      one !== null &&
      'path' in one &&
      'type' in one &&
      'sha' in one &&
      typeof one.path === 'string' &&
      typeof one.sha === 'string',
  );
  return { entries, truncated: truncated === true };
}

async function textOf(
  api: GitHubApi,
  { owner, repo, sha }: { owner: string; repo: string; sha: string },
): Promise<string> {
  const blob = (await api.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
    owner,
    repo,
    file_sha: sha,
  })) as { content?: unknown; encoding?: unknown };
  if (typeof blob.content !== 'string' || blob.encoding !== 'base64')
    throw new GitHubError('GitHub answered with something that is no file');
  return Buffer.from(blob.content, 'base64').toString('utf8');
}

/** GitHub's refusals as Failures, each with its next step. */
async function told<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof GitHubError)) throw cause;
    const hint =
      cause.status === 401
        ? 'the token is not valid any more: pass another as github-token'
        : cause.status === 403
          ? RIGHTS_HINT
          : cause.status === 404
            ? 'does the branch exist, and may the token read the repository?'
            : 'run the job again: what is live and equal is adopted, and nothing is done twice';
    throw notRecordable(
      `GitHub said ${cause.status === 0 ? '' : `${cause.status} `}about ${shown}: ${cause.message}`,
      hint,
      cause,
    );
  }
}
