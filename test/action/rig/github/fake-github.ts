import { getOctokit } from '@actions/github';
import type { Changes } from '../git/repository.ts';
import { GitRemote } from '../git/remote.ts';
import type { Tokens } from '../tokens.ts';
import { GitHubApi } from './api.ts';

interface Answered {
  readonly status: number;
  /** Plain text if it is not JSON. */
  readonly body: unknown;
  readonly link: string;
}

interface GraphqlAnswered {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly type?: string; readonly message: string; readonly path?: readonly string[] }[];
}

/** GitHub's API and repository, and the methods with which a test calls it directly. */
export class FakeGitHub {
  readonly remote: GitRemote;
  readonly api: GitHubApi;

  private constructor(remote: GitRemote, api: GitHubApi) {
    this.remote = remote;
    this.api = api;
  }

  static async start(
    tokens: Tokens,
    { files, enterprise = false }: { files?: Changes; enterprise?: boolean } = {},
  ): Promise<FakeGitHub> {
    const remote = await GitRemote.start({ tokens, ...(files === undefined ? {} : { files }) });
    return new FakeGitHub(remote, await GitHubApi.start(remote, { enterprise }));
  }

  async call(
    method: string,
    path: string,
    token: string | undefined,
    headers: Readonly<Record<string, string>> = {},
    body?: unknown,
  ): Promise<Answered> {
    const answer = await fetch(path.startsWith('http') ? path : `${this.api.url}${path}`, {
      method,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: answer.status, body: isJson ? JSON.parse(text) : text, link: answer.headers.get('link') ?? '' };
  }

  /** Sends a GET below the repository, or a POST if there is a body. */
  async repos(
    token: string,
    path = '',
    headers: Readonly<Record<string, string>> = {},
    body?: unknown,
  ): Promise<Answered> {
    const method = body === undefined ? 'GET' : 'POST';
    return await this.call(method, `/repos/${this.remote.name}${path}`, token, headers, body);
  }

  async patch(token: string, path: string, body: unknown): Promise<Answered> {
    return await this.call('PATCH', `/repos/${this.remote.name}${path}`, token, {}, body);
  }

  async graphql(token: string, query: string, variables: unknown = {}): Promise<GraphqlAnswered> {
    const { body } = await this.call('POST', this.api.graphqlUrl, token, {}, { query, variables });
    return body as GraphqlAnswered;
  }

  async tip(token: string): Promise<GraphqlAnswered> {
    return await this.graphql(
      token,
      'query { repository(owner: "acme", name: "data") { ref(qualifiedName: "refs/heads/main") { target { oid } } } }',
    );
  }

  /** Uses the Action's own client. */
  octokit(token: string): ReturnType<typeof getOctokit> {
    return getOctokit(token, { baseUrl: this.api.url });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
    await this.remote[Symbol.asyncDispose]();
  }
}
