import type { Failure } from '../core/diagnostic.ts';
import { textAt } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';
import { apiFiles, type Repository } from './api-files.ts';
import { blockingRule, requireWriting } from './api-rights.ts';
import {
  explained,
  notRecordable,
  type CommitEnded,
  type CommitRequest,
  type LockfileBranch,
  type Trouble,
} from './lockfile-branch.ts';

export interface ApiBranchOptions extends Repository {
  readonly api: GitHubApi;
  readonly branch: string;
  /** Path of the lockfile, relative to the repository's root. */
  readonly path: string;
}

/**
 * Returns a lockfile branch that uses GitHub's API. It needs no git, and stores no credentials on disk. Commits are
 * atomic (`expectedHeadOid`) and signed by GitHub.
 */
export function apiBranch(options: ApiBranchOptions): LockfileBranch {
  const { api, owner, repo, branch, path } = options;
  const at: Repository = { owner, repo };
  const displayName = `${branch} of ${owner}/${repo}`;
  const files = apiFiles(api, at);
  const explain = (cause: unknown): Failure | undefined => {
    if (!(cause instanceof GitHubError)) return undefined;
    const status = cause.status === 0 ? '' : `${cause.status} `;
    return notRecordable(troubleOf(cause), `GitHub returned ${status}for ${displayName}: ${cause.message}`, cause);
  };

  return {
    displayName,
    preflight: () =>
      explained(explain, async () => {
        await requireWriting(api, at);
        const rule = await blockingRule(api, { ...at, branch });
        if (rule === undefined) return;
        const message = `${displayName} is protected by the rule ${rule}, so this run could not record its changes`;
        throw notRecordable('protected', message);
      }),
    tip: () =>
      explained(explain, async () => {
        const ref = await api.request('GET /repos/{owner}/{repo}/git/ref/{ref}', { ...at, ref: `heads/${branch}` });
        const commit = textAt(ref, 'object', 'sha');
        if (commit === undefined) throw new GitHubError(`GitHub did not return the commit of ${displayName}`);
        return { commit, lockfile: await files.text(commit, path) };
      }),
    blobs: (commit, paths) =>
      explained(explain, async () => {
        const found = await Promise.all(paths.map((path) => files.blobsBelow(commit, path)));
        return new Map(found.flatMap((blobs) => [...blobs]));
      }),
    commit: async (request) => {
      try {
        return await commitOver(options, request);
      } catch (cause) {
        const failure = explain(cause);
        if (cause instanceof GitHubError && cause.isUnclear && failure !== undefined)
          return { kind: 'unclear', failure };
        throw failure ?? cause;
      }
    },
  };
}

const CREATE_COMMIT = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

async function commitOver(
  { api, owner, repo, branch, path }: ApiBranchOptions,
  { text, message, onto }: CommitRequest,
): Promise<CommitEnded> {
  const [headline = '', ...body] = message.split('\n');
  const input = {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: branch },
    expectedHeadOid: onto,
    message: { headline, body: body.join('\n').trim() },
    fileChanges: { additions: [{ path, contents: Buffer.from(text).toString('base64') }] },
  };
  try {
    const commit = textAt(await api.graphql(CREATE_COMMIT, { input }), 'createCommitOnBranch', 'commit', 'oid');
    if (commit === undefined) throw new GitHubError('GitHub did not return the commit that it created');
    return { kind: 'committed', commit };
  } catch (cause) {
    if (cause instanceof GitHubError && isStale(cause)) return { kind: 'stale' };
    throw cause;
  }
}

function isStale({ type, message }: GitHubError): boolean {
  return type === 'STALE_DATA' || /expected branch to point to/i.test(message);
}

/**
 * Returns the reason for an error. GraphQL errors come with status 200 and a type. Errors of rulesets have no
 * documented type, so this checks their message.
 */
function troubleOf({ status, type, message }: GitHubError): Trouble {
  if (type === 'BRANCH_PROTECTION_RULE_VIOLATION' || PROTECTED.test(message)) return 'protected';
  if (status === 401) return 'token';
  if (status === 403 || type === 'FORBIDDEN') return 'rights';
  if (status === 404 || type === 'NOT_FOUND') return 'missing';
  return 'lost';
}

const PROTECTED = /protected branch|repository rule violations found|GH006|GH013/i;
