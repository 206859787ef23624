import { getOctokit } from '@actions/github';

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
  /** 0 where there was no answer. */
  readonly status: number;
  /** Of a GraphQL error, such as `STALE_DATA`. */
  readonly type: string | undefined;

  constructor(message: string, { status = 0, type, cause }: { status?: number; type?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'GitHubError';
    this.status = status;
    this.type = type;
  }
}

const PER_PAGE = 100;
/** Nobody has so many comments; a server that never ends its list would hold the run for ever. */
const MOST_PAGES = 300;

export function gitHubApi(token: string, { apiUrl, redact }: GitHubApiOptions): GitHubApi {
  const octokit = getOctokit(token, { baseUrl: apiUrl });
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw errorFrom(cause, redact);
    }
  };
  const request = (route: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    told(async () => (await octokit.request(route, parameters)).data as unknown);
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
    graphql: (query, variables) => told(() => octokit.graphql(query, { ...variables })),
  };
}

export interface GitHubApiOptions {
  readonly apiUrl: string;
  readonly redact: (text: string) => string;
}

function errorFrom(cause: unknown, redact: (text: string) => string): GitHubError {
  const { status, message, errors } = (typeof cause === 'object' && cause !== null ? cause : {}) as {
    readonly status?: unknown;
    readonly message?: unknown;
    readonly errors?: unknown;
  };
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const type = typeof first === 'object' && first !== null && 'type' in first ? first.type : undefined;
  return new GitHubError(redact(typeof message === 'string' ? message : String(cause)), {
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof type === 'string' ? { type } : {}),
  });
}
