import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git, tryGit, type Author } from './git.ts';
import { FOLDER, Objects, treeContent, treeItems, type ObjectType, type TreeItem } from './objects.ts';

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
  readonly type: ObjectType;
}

export interface CommitInfo {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Author;
  readonly message: string;
}

/** A bare repository, read and written as GitHub's API does it. */
export class GitRepository implements Disposable {
  readonly folder: string;
  readonly #objects: Objects;

  constructor(folder: string) {
    this.folder = folder;
    this.#objects = new Objects(folder);
  }

  /** What `git init --bare` makes, with more settings. */
  create(config: string): void {
    makeGitFolder(this.folder, { bare: true });
    appendFileSync(join(this.folder, 'config'), config);
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
    const found = await this.#objects.read(expression);
    return found === undefined ? undefined : { sha: found.sha, type: found.type };
  }

  async bytes(sha: string): Promise<Buffer> {
    return await this.#content(sha, 'blob');
  }

  /** The text of a file, by default at the tip of main. */
  async read(path: string, ref = 'refs/heads/main'): Promise<string | undefined> {
    const found = await this.#objects.read(`${ref}:${path}`);
    return found?.content.toString();
  }

  async count(branch = 'main'): Promise<number> {
    return Number(await git(this.folder, ['rev-list', '--count', `refs/heads/${branch}`]));
  }

  async tree(expression: string, recursive: boolean): Promise<readonly TreeEntry[]> {
    const items = treeItems(await this.#content(`${expression}^{tree}`, 'tree'));
    const entries = items.map(async ({ name, mode, sha }): Promise<readonly TreeEntry[]> => {
      if (mode !== FOLDER)
        return [{ path: name, mode, type: 'blob', sha, size: (await this.#content(sha, 'blob')).length }];
      const below = recursive ? await this.tree(sha, true) : [];
      const entry: TreeEntry = { path: name, mode, type: 'tree', sha };
      return [entry, ...below.map((one) => ({ ...one, path: `${name}/${one.path}` }))];
    });
    return (await Promise.all(entries)).flat();
  }

  async commitInfo(expression: string): Promise<CommitInfo> {
    const { sha, content } = await this.#found(`${expression}^{commit}`, 'commit');
    const text = content.toString();
    const end = text.indexOf('\n\n');
    const header = text.slice(0, end).split('\n');
    const valuesOf = (name: string): readonly string[] =>
      header.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
    const [, name = '', email = ''] = /^(.*) <(.*)> \d+ [+-]\d+$/.exec(valuesOf('author')[0] ?? '') ?? [];
    return {
      sha,
      tree: valuesOf('tree')[0] ?? '',
      parents: valuesOf('parent'),
      author: { name, email },
      message: text.slice(end + 2).trimEnd(),
    };
  }

  /** The commits of a branch, newest first. */
  async history(branch = 'main'): Promise<readonly CommitInfo[]> {
    const shas = (await git(this.folder, ['rev-list', `refs/heads/${branch}`])).split('\n');
    return await Promise.all(shas.map(async (sha) => await this.commitInfo(sha)));
  }

  writeBlob(content: string | Uint8Array): string {
    return this.#objects.write('blob', content);
  }

  /** Commits to a branch. Returns undefined if the branch is missing or has moved from the expected commit. */
  async commit({ branch, changes, message, author, committer, expected }: NewCommit): Promise<string | undefined> {
    const parent = await this.tip(branch);
    if (expected !== undefined && parent !== expected) return undefined;
    const tree = parent === undefined ? undefined : (await this.commitInfo(parent)).tree;
    const blobs = Object.entries(changes).map(
      ([path, to]) => [path.split('/'), to === null ? undefined : this.writeBlob(to)] as const,
    );
    const at = `${Math.floor(Date.now() / 1000)} +0000`;
    const signed = ({ name, email }: Author): string => `${name} <${email}> ${at}`;
    const lines = [
      `tree ${(await this.#writeTree(tree, blobs)) ?? this.#objects.write('tree', '')}`,
      ...(parent === undefined ? [] : [`parent ${parent}`]),
      `author ${signed(author)}`,
      `committer ${signed(committer ?? author)}`,
    ];
    const sha = this.#objects.write('commit', `${lines.join('\n')}\n\n${message}`);
    const old = parent ?? '0'.repeat(40);
    const { exitCode } = await tryGit(this.folder, ['update-ref', `refs/heads/${branch}`, sha, old]);
    return exitCode === 0 ? sha : undefined;
  }

  /** Writes a commit, without the ones before it, into another repository. */
  async copyCommit(sha: string, gitFolder: string): Promise<void> {
    using to = new Objects(gitFolder);
    const copy = async (one: string): Promise<void> => {
      const found = await this.#objects.read(one);
      if (found === undefined) throw new Error(`${this.folder} has no ${one}`);
      to.write(found.type, found.content);
      if (found.type === 'tree') await Promise.all(treeItems(found.content).map((item) => copy(item.sha)));
    };
    await copy(sha);
    await copy((await this.commitInfo(sha)).tree);
  }

  [Symbol.dispose](): void {
    this.#objects[Symbol.dispose]();
  }

  async #content(expression: string, type: ObjectType): Promise<Buffer> {
    return (await this.#found(expression, type)).content;
  }

  async #found(expression: string, type: ObjectType): Promise<{ readonly sha: string; readonly content: Buffer }> {
    const found = await this.#objects.read(expression);
    if (found?.type !== type) throw new Error(`${expression} is no ${type} of ${this.folder}`);
    return found;
  }

  /** The tree with some files replaced or removed. Undefined if nothing is left in it. */
  async #writeTree(tree: string | undefined, changes: readonly Change[]): Promise<string | undefined> {
    const items = new Map<string, TreeItem>();
    if (tree !== undefined) for (const item of treeItems(await this.#content(tree, 'tree'))) items.set(item.name, item);
    const below = new Map<string, Change[]>();
    for (const [[name = '', ...rest], sha] of changes)
      if (rest.length > 0) below.set(name, [...(below.get(name) ?? []), [rest, sha]]);
      else if (sha === undefined) items.delete(name);
      else items.set(name, { name, mode: '100644', sha });
    for (const [name, inside] of below) {
      const existing = items.get(name);
      const sha = await this.#writeTree(existing?.mode === FOLDER ? existing.sha : undefined, inside);
      if (sha === undefined) items.delete(name);
      else items.set(name, { name, mode: FOLDER, sha });
    }
    return items.size === 0 ? undefined : this.#objects.write('tree', treeContent([...items.values()]));
  }
}

/** A path in its parts, and the blob to put there; undefined removes it. */
type Change = readonly [path: readonly string[], sha: string | undefined];

/** The files that git needs to take a folder for a repository. */
export function makeGitFolder(folder: string, { bare }: { readonly bare: boolean }): void {
  for (const path of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  const core = `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = ${bare}\n`;
  writeFileSync(join(folder, 'config'), bare ? core : `${core}\tlogallrefupdates = true\n`);
}
