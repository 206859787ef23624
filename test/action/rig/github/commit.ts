import type { Author } from '../git/git.ts';
import type { Changes } from '../git/repository.ts';
import { forbidden, GitHubError, noRepository, type GraphqlContext } from './graphql-error.ts';
import { objectOf, refOf } from './graphql-repository.ts';
import { may, type Caller } from '../tokens.ts';

interface CommitInput {
  readonly branch: { readonly repositoryNameWithOwner?: string; readonly branchName?: string };
  readonly message: { readonly headline: string; readonly body?: string };
  readonly expectedHeadOid: string;
  readonly clientMutationId?: string;
  readonly fileChanges?: {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions?: readonly { readonly path: string }[];
  };
}

const GITHUB: Author = { name: 'GitHub', email: 'noreply@github.com' };

/**
 * Implements Mutation.createCommitOnBranch with git's plumbing. Of two calls that expect the same head, one gets
 * STALE_DATA.
 */
export async function createCommitOnBranch(
  { input }: { input: CommitInput },
  context: GraphqlContext,
): Promise<unknown> {
  const { remote, caller } = context;
  const { repositoryNameWithOwner = '', branchName = '' } = input.branch;
  const branch = branchName.replace(/^refs\/heads\//, '');
  if (repositoryNameWithOwner.toLowerCase() !== remote.name.toLowerCase()) throw noRepository(repositoryNameWithOwner);
  if (!may(caller, 'contents', 'write')) throw forbidden(caller);
  if ((await remote.repository.tip(branch)) === undefined)
    throw new GitHubError('NOT_FOUND', `Could not resolve to a Ref with the name '${branchName}'.`);

  const changes = await changesOf(input, context);
  if ((await remote.repository.tip(branch)) !== input.expectedHeadOid) throw stale(input.expectedHeadOid);
  const refusal = remote.refusalOf(branch);
  if (refusal !== undefined) throw new GitHubError(refusal.type, refusal.message);

  const sha = await remote.repository.commit({
    branch,
    changes,
    message: [input.message.headline, input.message.body ?? ''].filter((part) => part !== '').join('\n\n'),
    author: authorOf(caller),
    committer: GITHUB,
    expected: input.expectedHeadOid,
  });
  if (sha === undefined) throw stale(input.expectedHeadOid);
  return {
    clientMutationId: input.clientMutationId ?? null,
    commit: async () => await objectOf(sha, context),
    ref: async () => await refOf(branch, context),
  };
}

async function changesOf(
  { fileChanges = {}, expectedHeadOid }: CommitInput,
  { remote }: GraphqlContext,
): Promise<Changes> {
  const { additions = [], deletions = [] } = fileChanges;
  for (const { path } of deletions)
    if ((await remote.repository.read(path, expectedHeadOid)) === undefined)
      throw new GitHubError(
        'UNPROCESSABLE',
        `A path was requested for deletion which does not exist as of commit oid \`${expectedHeadOid}\``,
      );
  for (const { contents } of additions)
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(contents))
      throw new GitHubError('UNPROCESSABLE', 'The `contents` of an addition must be Base64-encoded');
  return Object.fromEntries([
    ...additions.map(({ path, contents }) => [path, Buffer.from(contents, 'base64')] as const),
    ...deletions.map(({ path }) => [path, null] as const),
  ]);
}

/** GitHub's message has two spaces here. */
function stale(expected: string): GitHubError {
  return new GitHubError(
    'STALE_DATA',
    `Expected branch to point to "${expected}" but it did not.  Pull and try again.`,
  );
}

function authorOf({ login, kind }: Caller): Author {
  const id = kind === 'installation' ? 41_898_282 : 1;
  return { name: login, email: `${id}+${login}@users.noreply.github.com` };
}
