import type { TreeEntry } from '../git/repository.ts';
import { forbidden, noRepository, type GraphqlContext } from './graphql-error.ts';
import { may } from '../tokens.ts';

/** Implements Query.repository. The rig supports only the fields listed here. */
export function repositoryOf({ owner, name }: { owner: string; name: string }, context: GraphqlContext): unknown {
  const { caller, remote, settings } = context;
  if (`${owner}/${name}`.toLowerCase() !== remote.name.toLowerCase()) throw noRepository(`${owner}/${name}`);
  const readable = (): void => {
    if (settings.private && !may(caller, 'contents', 'read')) throw forbidden(caller);
  };
  return {
    id: 'R_1',
    name,
    nameWithOwner: remote.name,
    owner: { __typename: 'Organization', login: owner },
    isPrivate: settings.private,
    url: remote.url,
    defaultBranchRef: async () => await refOf('main', context),
    ref: async ({ qualifiedName }: { qualifiedName: string }) => {
      readable();
      return await refOf(qualifiedName.replace(/^refs\/heads\//, ''), context);
    },
    object: async ({ expression, oid }: { expression?: string; oid?: string }) => {
      readable();
      return await objectOf(expression ?? oid ?? '', context);
    },
  };
}

export async function refOf(branch: string, context: GraphqlContext): Promise<unknown> {
  const sha = await context.remote.repository.tip(branch);
  if (sha === undefined) return null;
  return {
    id: `REF_${branch}`,
    name: branch,
    prefix: 'refs/heads/',
    target: async () => await objectOf(sha, context),
    // Only an administrator sees it.
    branchProtectionRule: null,
  };
}

export async function objectOf(expression: string, context: GraphqlContext): Promise<unknown> {
  const { repository } = context.remote;
  const found = await repository.find(expression);
  if (found === undefined) return null;
  const { sha } = found;
  const common = { id: `O_${sha}`, oid: sha, abbreviatedOid: sha.slice(0, 7) };
  switch (found.type) {
    case 'blob':
      return { __typename: 'Blob', ...common, ...(await blobOf(sha, context)) };
    case 'tree': {
      const entries = await repository.tree(sha, false);
      return { __typename: 'Tree', ...common, entries: entries.map((entry) => entryOf(entry, context)) };
    }
    default:
      return { __typename: 'Commit', ...common, ...(await commitOf(sha, context)) };
  }
}

async function blobOf(sha: string, { remote, settings }: GraphqlContext): Promise<object> {
  const bytes = await remote.repository.bytes(sha);
  const isBinary = bytes.subarray(0, 8000).includes(0);
  const isTruncated = bytes.length > settings.longestBlobText;
  const text = isBinary ? null : bytes.subarray(0, settings.longestBlobText).toString();
  return { text, isBinary, isTruncated, byteSize: bytes.length };
}

function entryOf({ path, mode, type, sha, size }: TreeEntry, context: GraphqlContext): object {
  return {
    name: path,
    path,
    // A number: git's octal mode, parsed as octal.
    mode: Number.parseInt(mode, 8),
    type,
    oid: sha,
    size: size ?? 0,
    object: async () => await objectOf(sha, context),
  };
}

async function commitOf(sha: string, context: GraphqlContext): Promise<object> {
  const { tree, message, author, parents } = await context.remote.repository.commitInfo(sha);
  const url = `${context.remote.url}/commit/${sha}`;
  return {
    url,
    commitUrl: url,
    message,
    messageHeadline: message.split('\n')[0] ?? '',
    messageBody: message.split('\n').slice(2).join('\n'),
    author: { name: author.name, email: author.email },
    tree: async () => await objectOf(tree, context),
    file: async ({ path }: { path: string }) => {
      const found = (await context.remote.repository.tree(sha, true)).find((entry) => entry.path === path);
      return found === undefined ? null : entryOf(found, context);
    },
    parents: {
      totalCount: parents.length,
      nodes: async () => await Promise.all(parents.map(async (parent) => await objectOf(parent, context))),
    },
  };
}
