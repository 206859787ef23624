import { setTimeout as sleep } from 'node:timers/promises';
import { getOctokit } from '@actions/github';
import { itemsOf, memberOf, numberOf, textOf } from './json-values.ts';

/** The parts of GitHub's REST and GraphQL API that the Action needs. */
export interface GitHubApi {
  /** Such as `GET /repos/{owner}/{repo}/issues`. Throws a GitHubError. */
  request(route: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Every page of a list, one after the other. */
  pages(route: string, parameters: Readonly<Record<string, unknown>>): AsyncIterable<readonly unknown[]>;
  /** Throws a GitHubError; the first error's type is its `type`. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Why GitHub did not do what it was asked. Its message never holds a token. */
export class GitHubError extends Error {
  /** 0 where there was no answer, or one without a status of its own, as an error of GraphQL. */
  readonly status: number;
  /** Of a GraphQL error, such as `STALE_DATA`. */
  readonly type: string | undefined;

  constructor(message: string, { status = 0, type }: { readonly status?: number; readonly type?: string } = {}) {
    super(message);
    this.name = 'GitHubError';
    this.status = status;
    this.type = type;
  }

  /** Nobody knows whether it was done: there was no answer, or only one of a proxy on the way. */
  get isUnclear(): boolean {
    return this.type === undefined && (this.status === 0 || this.status >= 500);
  }
}

export interface GitHubApiOptions {
  readonly apiUrl: string;
  readonly redact: (text: string) => string;
}

const PER_PAGE = 100;
/** Nobody has so many comments; a server that never ends its list would hold the run for ever. */
const MOST_PAGES = 300;
/** A request that hangs would hold the run until the job's end. In milliseconds. */
const TIMEOUT_MS = 30_000;
/** How often a read is tried where its outcome is unclear, and the wait before the next, in milliseconds. */
const READS = 3;
const PAUSE_MS = 300;

export function gitHubApi(token: string, { apiUrl, redact }: GitHubApiOptions): GitHubApi {
  const octokit = getOctokit(token, { baseUrl: apiUrl, log: SILENT });
  const send = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw errorFrom(cause, redact);
    }
  };
  const limited = (): { readonly request: object } => ({ request: { signal: AbortSignal.timeout(TIMEOUT_MS) } });
  const request = async (route: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
    const once = (): Promise<unknown> =>
      send(async (): Promise<unknown> => (await octokit.request(route, { ...parameters, ...limited() })).data);
    return route.startsWith('GET ') ? repeated(once) : once();
  };
  return {
    request,
    async *pages(route, parameters) {
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const items = await request(route, { ...parameters, per_page: PER_PAGE, page });
        if (!Array.isArray(items)) throw new GitHubError(`GitHub answered ${route} with no list`);
        yield items as readonly unknown[];
        if (items.length < PER_PAGE) return;
      }
    },
    graphql: (query, variables) => send(() => octokit.graphql(query, { ...variables, ...limited() })),
  };
}

/** It would print addresses past the redactor. */
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function repeated<T>(once: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1)
    try {
      return await once();
    } catch (cause) {
      if (tried === READS || !(cause instanceof GitHubError) || !cause.isUnclear) throw cause;
      await sleep(PAUSE_MS * tried);
    }
}

function errorFrom(cause: unknown, redact: (text: string) => string): GitHubError {
  // The client makes a 500 of a connection that was lost; only what was answered has a response.
  const status = memberOf(cause, 'response') === undefined ? undefined : numberOf(cause, 'status');
  const type = textOf(itemsOf(cause, 'errors')[0], 'type');
  return new GitHubError(redact(cause instanceof Error ? cause.message : String(cause)), {
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
  });
}
