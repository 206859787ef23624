/** Which requests: all that are given have to match. */
export interface Match {
  readonly method?: string;
  /** Of the path with its query, without the API's prefix. */
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
  /** This answer, and nothing is done. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: unknown;
      readonly headers: Record<string, string>;
    }
  /** It is done, but the connection ends without an answer. */
  | { readonly kind: 'lose' }
  /** Something else happens first; then it is done. */
  | { readonly kind: 'meanwhile'; readonly callback: () => Promise<unknown> };

export interface Matched {
  readonly method: string;
  readonly path: string;
  readonly field: string | undefined;
}

/** The first deed for this request; it is used up by one. */
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
