import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { BAD_CREDENTIALS, failed, FORBIDDEN, FORBIDDEN_TO_USER, NOT_FOUND, ok, type Answer } from './answer.ts';
import { CONTENTS_ROUTE } from './contents-route.ts';
import { answerGraphql, fieldOf } from './graphql.ts';
import { ISSUE_ROUTES } from './issue-routes.ts';
import { Issues } from './issues.ts';
import { REPOSITORY_ROUTES } from './repository-routes.ts';
import type { ApiRequest, Route } from './route.ts';
import { takeDeed, type Deed, type Match, type Scripted } from './scripted.ts';
import { defaultSettings, type GitHubSettings } from './settings.ts';
import type { GitRemote } from '../git/remote.ts';
import { listen, type Listening } from '../loopback.ts';
import { may, shownToken, type Caller } from '../tokens.ts';

/** A logged request, which never contains a token. */
export interface LoggedRequest {
  readonly method: string;
  /** The path with its query. Tokens are replaced. */
  readonly path: string;
  readonly login: string | undefined;
  readonly status: number | 'lost';
  /** The first field of a GraphQL query. */
  readonly field: string | undefined;
  /** The body. Tokens are replaced. */
  readonly body: string;
  /** Whether the path or the body contained a token, where none is allowed. */
  readonly leaked: boolean;
}

const ROUTES: readonly Route[] = [...REPOSITORY_ROUTES, CONTENTS_ROUTE, ...ISSUE_ROUTES];

/** A fake of GitHub's API, as GITHUB_API_URL and GITHUB_GRAPHQL_URL name it, for the repository of one GitRemote. */
export class GitHubApi {
  readonly remote: GitRemote;
  readonly issues = new Issues();
  readonly settings: GitHubSettings = defaultSettings();
  readonly requests: LoggedRequest[] = [];
  /**
   * Queries that GitHub would refuse, and requests that this rig does not support. A test should usually expect none.
   */
  readonly complaints: string[] = [];
  readonly #script: Scripted[] = [];
  readonly #enterprise: boolean;
  #listening: Listening | undefined;

  private constructor(remote: GitRemote, enterprise: boolean) {
    this.remote = remote;
    this.#enterprise = enterprise;
  }

  /** With `enterprise`, the addresses are those of GitHub Enterprise Server. */
  static async start(remote: GitRemote, { enterprise = false }: { enterprise?: boolean } = {}): Promise<GitHubApi> {
    const api = new GitHubApi(remote, enterprise);
    api.#listening = await listen(async (request, response) => await api.#serve(request, response));
    return api;
  }

  get url(): string {
    return `${this.#listening?.url ?? ''}${this.#enterprise ? '/api/v3' : ''}`;
  }

  get graphqlUrl(): string {
    return `${this.#listening?.url ?? ''}${this.#enterprise ? '/api' : ''}/graphql`;
  }

  /** The next matching requests get this answer and have no effect. */
  failNext(
    match: Match,
    { status, body, headers = {} }: { status: number; body?: unknown; headers?: Record<string, string> },
    times = 1,
  ): void {
    const answer = body ?? failed(status, 'Scripted').body;
    this.#script.push({ match, times, deed: { kind: 'answer', status, body: answer, headers } });
  }

  /** The next matching requests are carried out, but their answers are dropped. */
  loseNext(match: Match, times = 1): void {
    this.#script.push({ match, times, deed: { kind: 'lose' } });
  }

  /** Called when the next matching request has arrived, before it is processed. */
  beforeNext(match: Match, callback: () => Promise<unknown>, times = 1): void {
    this.#script.push({ match, times, deed: { kind: 'meanwhile', callback } });
  }

  /** Cancels the remaining effects of the three methods above. */
  forgetScript(): void {
    this.#script.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const body = await text(request);
    const path = (request.url ?? '/').replace(/^\/api(?:\/v3)?(?=\/)/, '');
    const token = shownToken(request.headers.authorization);
    const caller = token === undefined ? undefined : this.remote.tokens[token];
    const field = path === '/graphql' ? fieldOf(String(parsed(body)['query'])) : undefined;
    const log = (status: number | 'lost'): void => {
      const [displayPath, shownBody] = [this.#redacted(path), this.#redacted(body)];
      const leaked = displayPath !== path || shownBody !== body;
      this.requests.push({ method, path: displayPath, login: caller?.login, status, field, body: shownBody, leaked });
    };

    const deed = takeDeed(this.#script, { method, path, field });
    if (deed?.kind === 'meanwhile') await deed.callback();
    const answer = deed?.kind === 'answer' ? deed : await this.#answer({ method, path, body, token, caller, request });
    log(deed?.kind === 'lose' ? 'lost' : answer.status);
    this.#send(response, answer, deed);
  }

  #send(response: ServerResponse, { status, body, headers = {} }: Answer, deed: Deed | undefined): void {
    if (deed?.kind === 'lose') {
      response.destroy();
      return;
    }
    const sent = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'x-github-request-id': `RIG:${this.requests.length}`,
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '999',
      ...headers,
    });
    response.end(status === 204 ? undefined : sent);
  }

  async #answer({ method, path, body, token, caller, request }: Arrived): Promise<Answer> {
    if (token !== undefined && caller === undefined) return BAD_CREDENTIALS;
    const url = new URL(`${this.url}${path}`);
    if (path === '/graphql') return await this.#answerGraphql(body, caller);
    if (caller === undefined) return NOT_FOUND;
    if (url.pathname.endsWith('/user')) return userOf(caller);
    if (url.pathname.endsWith('/installation/repositories'))
      return caller.kind === 'installation' ? ok({ total_count: 1, repositories: [] }) : FORBIDDEN_TO_USER;

    const below = this.#belowRepository(path);
    if (below === undefined) return NOT_FOUND;
    const known = ROUTES.filter((route) => route.path.test(below));
    const route = known.find((one) => one.method === method || (method === 'HEAD' && one.method === 'GET'));
    if (route === undefined) {
      this.complaints.push(`this rig knows no ${method} ${this.#redacted(path)}`);
      return NOT_FOUND;
    }
    if (!this.#allows(route, caller)) return caller.kind === 'installation' ? FORBIDDEN : FORBIDDEN_TO_USER;
    const params = (route.path.exec(below) ?? []).slice(1).map(decodeURIComponent);
    const accept = request.headers.accept ?? '';
    const { remote, issues, settings } = this;
    const all: ApiRequest = {
      method,
      url,
      params,
      accept,
      body: parsed(body),
      caller,
      remote,
      issues,
      settings,
      base: this.url,
    };
    return await route.answer(all);
  }

  #allows({ needs, method, path }: Route, caller: Caller): boolean {
    if (needs.length === 0) return true;
    const level = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
    const open = !this.settings.private && level === 'read' && !path.source.includes('protection');
    return open || needs.some((scope) => may(caller, scope, level));
  }

  #belowRepository(path: string): string | undefined {
    const [bare = ''] = path.split('?');
    const prefix = `/repos/${this.remote.name}`;
    if (!bare.toLowerCase().startsWith(prefix.toLowerCase())) return undefined;
    const rest = bare.slice(prefix.length);
    return rest === '' || rest.startsWith('/') ? rest : undefined;
  }

  async #answerGraphql(body: string, caller: Caller | undefined): Promise<Answer> {
    if (caller === undefined) return failed(401, 'This endpoint requires you to be authenticated.');
    const { query, variables } = parsed(body);
    const { remote, settings, url: base } = this;
    return await answerGraphql(
      { query: String(query), variables: (variables ?? {}) as Record<string, unknown> },
      { caller, remote, settings, base },
      (complaint) => this.complaints.push(complaint),
    );
  }

  #redacted(value: string): string {
    return Object.keys(this.remote.tokens).reduce((rest, token) => rest.replaceAll(token, '***'), value);
  }
}

interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly token: string | undefined;
  readonly caller: Caller | undefined;
  readonly request: IncomingMessage;
}

function userOf({ login, kind }: Caller): Answer {
  return kind === 'installation' ? FORBIDDEN : ok({ login, id: 1, type: 'User' });
}

/** POST labels accepts a bare list, so a list is stored under `labels`. */
function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return Array.isArray(value) ? { labels: value } : (Object(value) as Record<string, unknown>);
  } catch {
    return {};
  }
}
