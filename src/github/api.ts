import { compact } from '../core/compact.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { getOctokit } from '@actions/github';
import { itemsOf, valueAt, numberOf, textAt } from './json-values.ts';

/** The subset of GitHub's REST and GraphQL APIs that the Action uses. */
export interface GitHubApi {
  /** Sends a request to a route such as `GET /repos/{owner}/{repo}/issues`. Throws a GitHubError. */
  request(route: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Yields every page of a list. */
  pages(route: string, parameters: Readonly<Record<string, unknown>>): AsyncIterable<readonly unknown[]>;
  /** Sends a GraphQL query. Throws a GitHubError whose `type` is that of the first error. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** A failed request to GitHub. Its message never contains a token. */
export class GitHubError extends Error {
  /** The HTTP status; 0 if there was no response, or for a GraphQL error, which has no status. */
  readonly status: number;
  /** Type of a GraphQL error, such as `STALE_DATA`. */
  readonly type: string | undefined;

  constructor(message: string, { status = 0, type }: { readonly status?: number; readonly type?: string } = {}) {
    super(message);
    this.name = 'GitHubError';
    this.status = status;
    this.type = type;
  }

  /** Whether the outcome of the request is unknown, because there was no response or only a server error. */
  get isUnclear(): boolean {
    return this.type === undefined && (this.status === 0 || this.status >= 500);
  }
}

export interface GitHubApiOptions {
  readonly apiUrl: string;
  readonly redact: (text: string) => string;
}

const PER_PAGE = 100;
/**
 * Maximum number of pages of a list; no real thread has that many. Without this limit, an endless list would block the
 * run.
 */
const MAX_PAGES = 300;
/**
 * Milliseconds before a request is aborted. Without this limit, a request that hangs would block the run until the
 * job's timeout.
 */
const TIMEOUT_MS = 30_000;
/** Number of attempts of a read whose outcome is unknown, and the first wait between attempts in milliseconds. */
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
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const items = await request(route, { ...parameters, per_page: PER_PAGE, page });
        if (!Array.isArray(items)) throw new GitHubError(`GitHub returned an invalid list for ${route}`);
        yield items as readonly unknown[];
        if (items.length < PER_PAGE) return;
      }
    },
    graphql: (query, variables) => send(() => octokit.graphql(query, { ...variables, ...limited() })),
  };
}

/** Turns off Octokit's log, because it would print URLs without redaction. */
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
  // Octokit reports a lost connection as status 500; only an error with a real response has the member `response`.
  const status = valueAt(cause, 'response') === undefined ? undefined : numberOf(cause, 'status');
  const type = textAt(itemsOf(cause, 'errors')[0], 'type');
  return new GitHubError(redact(cause instanceof Error ? cause.message : String(cause)), {
    ...compact({ status, type }),
  });
}
