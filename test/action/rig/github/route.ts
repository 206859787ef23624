import type { Answer } from './answer.ts';
import type { Issues } from './issues.ts';
import type { GitHubSettings } from './settings.ts';
import type { GitRemote } from '../git/remote.ts';
import type { Caller, Scope } from '../tokens.ts';

/** A request of the API as the routes see it. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** The decoded path parts that a route leaves open, in order. */
  readonly params: readonly string[];
  readonly accept: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly remote: GitRemote;
  readonly issues: Issues;
  readonly settings: GitHubSettings;
  /** The base URL of the API, without the repository. */
  readonly base: string;
}

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH';
  /** A pattern for the path below `/repos/{owner}/{repo}`. */
  readonly path: RegExp;
  /** Any one of these is enough. An empty list allows every requester who sees the repository. */
  readonly needs: readonly Scope[];
  readonly answer: (request: ApiRequest) => Answer | Promise<Answer>;
}

export function linksOf({ base, remote }: ApiRequest): { readonly api: string; readonly html: string } {
  return { api: `${base}/repos/${remote.name}`, html: remote.url };
}
