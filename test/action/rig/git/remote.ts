import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveGit } from './backend.ts';
import { git, type Author } from './git.ts';
import { GitRepository, type Changes } from './repository.ts';
import { listen, type Listening } from '../loopback.ts';
import type { Refusal } from './refusal.ts';
import { may, shownToken, type Tokens } from '../tokens.ts';

export interface RemoteOptions {
  readonly tokens: Tokens;
  /** The content of the first commit on main. */
  readonly files?: Changes;
  /** Owner and name. */
  readonly name?: string;
}

export interface GitRequest {
  readonly method: string;
  readonly path: string;
  readonly login: string | undefined;
  readonly status: number;
}

/**
 * A checkout fetches the event's commit by its sha. Background packing is off, because it could still be running when
 * a test removes the folder.
 */
const CONFIG = `
[http]
  receivepack = true
[uploadpack]
  allowAnySHA1InWant = true
[receive]
  autogc = false
[gc]
  auto = 0
`;

export const MONA: Author = { name: 'Mona', email: 'mona@example.com' };

/** A repository over HTTP as GitHub serves it: Basic auth with a token, and branches that refuse pushes. */
export class GitRemote {
  readonly name: string;
  readonly repository: GitRepository;
  readonly tokens: Tokens;
  readonly requests: GitRequest[] = [];
  readonly #root: string;
  readonly #refusals = new Map<string, Refusal>();
  readonly #beforePush: (() => Promise<unknown>)[] = [];
  #losing = 0;
  #listening: Listening | undefined;

  private constructor(root: string, name: string, tokens: Tokens) {
    this.#root = root;
    this.name = name;
    this.tokens = tokens;
    this.repository = new GitRepository(join(root, `${name}.git`));
  }

  static async start({
    tokens,
    files = { 'README.md': '# data\n' },
    name = 'acme/data',
  }: RemoteOptions): Promise<GitRemote> {
    const remote = new GitRemote(mkdtempSync(join(tmpdir(), 'connsync-remote-')), name, tokens);
    remote.#create();
    await remote.commit(files, { message: 'Begin' });
    remote.#listening = await listen(async (request, response) => await remote.#serve(request, response));
    return remote;
  }

  /** The value of GITHUB_SERVER_URL. */
  get serverUrl(): string {
    return this.#listening?.url ?? '';
  }

  get url(): string {
    return `${this.serverUrl}/${this.name}`;
  }

  /** Simulates another person who changes a branch, bypassing its protection. */
  async commit(
    changes: Changes,
    { branch = 'main', message = 'Change', author = MONA }: { branch?: string; message?: string; author?: Author } = {},
  ): Promise<string> {
    const sha = await this.repository.commit({ branch, changes, message, author });
    if (sha === undefined) throw new Error(`${branch} moved meanwhile`);
    return sha;
  }

  /** Refuses pushes to a branch and commits through the API from now on. `undefined` removes the refusal. */
  async protect(refusal: Refusal | undefined, branch = 'main'): Promise<void> {
    if (refusal === undefined) this.#refusals.delete(branch);
    else this.#refusals.set(branch, refusal);
    const byRef = [...this.#refusals].map(([name, { remote, reason }]) => {
      const ref = `refs/heads/${name}`;
      return [ref, { remote: remote(ref), reason }];
    });
    writeFileSync(join(this.repository.folder, 'refusals.json'), JSON.stringify(Object.fromEntries(byRef)));
    // Without a refusal there is no hook, because a hook costs the start of a Node process.
    const set = byRef.length > 0 ? ['receive.procReceiveRefs', 'refs/heads'] : ['receive.procReceiveRefs', 'refs/none'];
    await git(this.repository.folder, ['config', ...set]);
  }

  refusalOf(branch: string): Refusal | undefined {
    return this.#refusals.get(branch);
  }

  /**
   * A one-time callback for the next push, run after it arrived and before it is processed. Its sender has already
   * seen a tip, so a callback that commits makes it lose a race, and one that waits makes it late.
   */
  beforeNextPush(callback: () => Promise<unknown>): void {
    this.#beforePush.push(callback);
  }

  /** Carries out the next push, but drops its answer. */
  loseNextPush(): void {
    this.#losing += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
    this.repository[Symbol.dispose]();
    rmSync(this.#root, { recursive: true, force: true });
  }

  #create(): void {
    const { folder } = this.repository;
    this.repository.create(CONFIG);
    const hook = join(folder, 'hooks/proc-receive');
    const program = join(import.meta.dirname, 'refuse-push.mjs');
    mkdirSync(join(folder, 'hooks'), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\nexec '${process.execPath}' '${program}' '${join(folder, 'refusals.json')}'\n`);
    chmodSync(hook, 0o755);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://remote');
    const token = shownToken(request.headers.authorization);
    const caller = token === undefined ? undefined : this.tokens[token];
    const pushing = pathname.endsWith('/git-receive-pack') || search.includes('git-receive-pack');
    const refuse = (status: number, text: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(text);
    };
    response.on('finish', () => {
      const { method = '' } = request;
      this.requests.push({ method, path: pathname + search, login: caller?.login, status: response.statusCode });
    });
    const service = this.#serviceOf(pathname);

    // GitHub does the same: it does not treat this as a request.
    if (request.rawHeaders.filter((name) => name.toLowerCase() === 'authorization').length > 1)
      return refuse(400, 'Duplicate header: "Authorization"\n');
    if (caller === undefined)
      return refuse(401, 'Invalid username or token. Password authentication is not supported for Git operations.\n', {
        'www-authenticate': 'Basic realm="GitHub"',
      });
    if (service === undefined || !may(caller, 'contents', 'read')) return refuse(404, 'Repository not found.\n');
    if (pushing && !may(caller, 'contents', 'write'))
      return refuse(403, `Permission to ${this.name}.git denied to ${caller.login}.\n`);
    if (pathname.endsWith('/git-receive-pack')) {
      await this.#beforePush.shift()?.();
    }
    const losing = this.#losing > 0 && pathname.endsWith('/git-receive-pack');
    if (losing) this.#losing -= 1;
    const path = `/${this.name}.git/${service}`;
    await serveGit({ root: this.#root, path, query: search.slice(1), login: caller.login, losing }, request, response);
  }

  /** Returns the part of the path below this repository, whose address may end in .git. */
  #serviceOf(pathname: string): string | undefined {
    for (const prefix of [`/${this.name}.git/`, `/${this.name}/`])
      if (pathname.startsWith(prefix)) return pathname.slice(prefix.length);
    return undefined;
  }
}
