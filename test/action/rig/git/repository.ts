import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { committingAs, git, gitBytes, tryGit, type Author } from './git.ts';

/** Text or bytes to write, by path. `null` removes the file. */
export type Changes = Readonly<Record<string, string | Uint8Array | null>>;

export interface NewCommit {
  readonly branch: string;
  readonly changes: Changes;
  readonly message: string;
  readonly author: Author;
  readonly committer?: Author;
  /** The expected current commit of the branch. If it is missing, any commit is accepted. */
  readonly expected?: string;
}

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  readonly size?: number;
}

export interface Found {
  readonly sha: string;
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
}

export interface CommitInfo {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Author;
  readonly message: string;
}

/** A bare repository, read and written with git's own plumbing, as GitHub's API does. */
export class GitRepository {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The commit that a branch points to. */
  async tip(branch = 'main'): Promise<string | undefined> {
    return await this.resolve(`refs/heads/${branch}`);
  }

  async resolve(expression: string): Promise<string | undefined> {
    return (await this.find(expression))?.sha;
  }

  /** The object that an expression such as `main`, a sha or `main:path` names. */
  async find(expression: string): Promise<Found | undefined> {
    const input = `${expression}\n`;
    const output = await git(this.folder, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], { input });
    const [, sha, type] = /^([0-9a-f]{40}) (blob|tree|commit|tag)$/.exec(output) ?? [];
    return sha === undefined ? undefined : { sha, type: type as Found['type'] };
  }

  async bytes(sha: string): Promise<Buffer> {
    return await gitBytes(this.folder, ['cat-file', 'blob', sha]);
  }

  /** The text of a file, by default at the tip of main. */
  async read(path: string, ref = 'refs/heads/main'): Promise<string | undefined> {
    const sha = await this.resolve(`${ref}:${path}`);
    return sha === undefined ? undefined : (await this.bytes(sha)).toString();
  }

  async count(branch = 'main'): Promise<number> {
    return Number(await git(this.folder, ['rev-list', '--count', `refs/heads/${branch}`]));
  }

  async tree(expression: string, recursive: boolean): Promise<readonly TreeEntry[]> {
    const listed = await gitBytes(this.folder, ['ls-tree', '-l', '-z', ...(recursive ? ['-r', '-t'] : []), expression]);
    return listed
      .toString()
      .split('\0')
      .filter((line) => line !== '')
      .map(toEntry);
  }

  async commitInfo(expression: string): Promise<CommitInfo> {
    const details = await git(this.folder, ['show', '-s', '--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%B', expression]);
    const [sha = '', tree = '', parents = '', name = '', email = '', message = ''] = details.split('\0');
    return {
      sha,
      tree,
      parents: parents.split(' ').filter((parent) => parent !== ''),
      author: { name, email },
      message: message.trimEnd(),
    };
  }

  /** The commits of a branch, newest first. */
  async history(branch = 'main'): Promise<readonly CommitInfo[]> {
    const shas = (await git(this.folder, ['rev-list', `refs/heads/${branch}`])).split('\n');
    return await Promise.all(shas.map(async (sha) => await this.commitInfo(sha)));
  }

  async writeBlob(content: string | Uint8Array): Promise<string> {
    return await git(this.folder, ['hash-object', '-w', '--stdin'], { input: content });
  }

  /** Commits to a branch. Returns undefined if the branch is missing or has moved from the expected commit. */
  async commit({ branch, changes, message, author, committer, expected }: NewCommit): Promise<string | undefined> {
    const parent = await this.tip(branch);
    if (expected !== undefined && parent !== expected) return undefined;
    const tree = await this.writeTree(parent, changes);
    const sha = await git(this.folder, ['commit-tree', tree, ...(parent === undefined ? [] : ['-p', parent])], {
      input: message,
      env: committingAs(author, committer),
    });
    const old = parent ?? '0'.repeat(40);
    const { exitCode } = await tryGit(this.folder, ['update-ref', `refs/heads/${branch}`, sha, old]);
    return exitCode === 0 ? sha : undefined;
  }

  private async writeTree(parent: string | undefined, changes: Changes): Promise<string> {
    const scratch = await mkdtemp(join(tmpdir(), 'connsync-index-'));
    try {
      const env = { GIT_INDEX_FILE: join(scratch, 'index') };
      if (parent !== undefined) await git(this.folder, ['read-tree', parent], { env });
      const lines = await Promise.all(
        Object.entries(changes).map(async ([path, to]) => await this.indexLine(path, to)),
      );
      await git(this.folder, ['update-index', '-z', '--index-info'], { env, input: lines.join('') });
      return await git(this.folder, ['write-tree'], { env });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  private async indexLine(path: string, to: string | Uint8Array | null): Promise<string> {
    if (to === null) return `0 ${'0'.repeat(40)}\t${path}\0`;
    return `100644 ${await this.writeBlob(to)}\t${path}\0`;
  }
}

function toEntry(line: string): TreeEntry {
  const [, mode = '', type = '', sha = '', size = '', path = ''] =
    /^(\d+) (\w+) ([0-9a-f]+) +(-|\d+)\t(.*)$/s.exec(line) ?? [];
  return { path, mode, type: type as TreeEntry['type'], sha, ...(size === '-' ? {} : { size: Number(size) }) };
}
