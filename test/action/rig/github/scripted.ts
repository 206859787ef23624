/** Selects requests: all given members have to match. */
export interface Match {
  readonly method?: string;
  /** The path with its query, without the API's prefix. */
  readonly path?: RegExp;
  /** The first field of a GraphQL query, such as `createCommitOnBranch`. */
  readonly field?: string;
}

export interface Scripted {
  readonly match: Match;
  times: number;
  readonly deed: Deed;
}

export type Deed =
  /** Returns this answer without an effect. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: unknown;
      readonly headers: Record<string, string>;
    }
  /** Carries out the request, and closes the connection without an answer. */
  | { readonly kind: 'lose' }
  /** Runs a callback first, and then carries out the request. */
  | { readonly kind: 'meanwhile'; readonly callback: () => Promise<unknown> };

export interface Matched {
  readonly method: string;
  readonly path: string;
  readonly field: string | undefined;
}

/** Returns the first effect for this request and removes it if it is for one request only. */
export function takeDeed(script: readonly Scripted[], request: Matched): Deed | undefined {
  const found = script.find(({ times, match }) => times > 0 && matches(match, request));
  if (found === undefined) return undefined;
  found.times -= 1;
  return found.deed;
}

function matches({ method, path, field }: Match, request: Matched): boolean {
  return (
    (method === undefined || method === request.method) &&
    (path === undefined || path.test(request.path)) &&
    (field === undefined || field === request.field)
  );
}
