import { itemsOf, valueAt, textAt } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';

export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

interface Entry {
  readonly path: string;
  readonly type: string;
  readonly sha: string;
}

/** Reads the files of a repository at a commit through GitHub's API. Every method throws GitHubErrors. */
export interface ApiFiles {
  /** Returns the object ids of all files below a path; '' is the root. */
  blobsBelow(commit: string, path: string): Promise<ReadonlyMap<string, string>>;
  /** Returns the text of a file, or undefined if the file does not exist. */
  text(commit: string, path: string): Promise<string | undefined>;
}

export function apiFiles(api: GitHubApi, at: Repository): ApiFiles {
  const tree = (sha: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> =>
    api.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', { ...at, tree_sha: sha, ...more });

  /** Finds the entry at a path, folder by folder, because GitHub truncates the complete list of a large repository. */
  const find = async (commit: string, path: string): Promise<Entry | undefined> => {
    let entry: Entry = { path: '', type: 'tree', sha: commit };
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (entry.type !== 'tree') return undefined;
      const next = entriesOf(await tree(entry.sha)).find((one) => one.path === name);
      if (next === undefined) return undefined;
      entry = next;
    }
    return entry;
  };

  return {
    blobsBelow: async (commit, path) => {
      const entry = await find(commit, path);
      if (entry === undefined) return new Map();
      if (entry.type === 'blob') return new Map([[path, entry.sha]]);
      const all = await tree(entry.sha, { recursive: '1' });
      if (valueAt(all, 'truncated') === true)
        throw new GitHubError(`${path === '' ? 'the repository' : path} contains more files than GitHub lists`);
      const prefix = path === '' ? '' : `${path}/`;
      return new Map(
        entriesOf(all)
          .filter(({ type }) => type === 'blob')
          .map((one) => [`${prefix}${one.path}`, one.sha]),
      );
    },
    text: async (commit, path) => {
      const entry = await find(commit, path);
      if (entry === undefined) return undefined;
      const blob = await api.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { ...at, file_sha: entry.sha });
      const content = textAt(blob, 'content');
      if (content === undefined || valueAt(blob, 'encoding') !== 'base64')
        throw new GitHubError(`GitHub returned an invalid response for the file ${path}`);
      return Buffer.from(content, 'base64').toString('utf8');
    },
  };
}

function entriesOf(value: unknown): readonly Entry[] {
  if (!Array.isArray(valueAt(value, 'tree'))) throw new GitHubError('GitHub returned an invalid tree');
  return itemsOf(value, 'tree').flatMap((item) => {
    const [path, type, sha] = [textAt(item, 'path'), textAt(item, 'type'), textAt(item, 'sha')];
    return path === undefined || type === undefined || sha === undefined ? [] : [{ path, type, sha }];
  });
}
