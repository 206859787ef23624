import { Failure } from '../core/diagnostic.ts';

/** One commit of a branch, as far as an apply looks at it. */
export interface Tip {
  /** Its object id. */
  readonly commit: string;
  /** The lockfile's text; undefined where there is none. */
  readonly lockfile: string | undefined;
}

export interface CommitRequest {
  readonly text: string;
  readonly message: string;
  /** The commit that the branch has to be at. */
  readonly onto: string;
}

export type CommitEnded =
  | { readonly kind: 'committed'; readonly commit: string }
  /** The branch has moved, and nothing was changed. */
  | { readonly kind: 'stale' }
  /** There was no answer: only the branch itself can tell. */
  | { readonly kind: 'unclear'; readonly failure: Failure };

/** A lockfile on a branch of a remote repository, by GitHub's API or by git itself. All of it throws Failures `not-recordable`. */
export interface LockfileBranch {
  /** Such as `main of acme/tables`, for messages. */
  readonly shown: string;
  /** Throws where it is known that a commit would be refused. */
  preflight(): Promise<void>;
  tip(): Promise<Tip>;
  /** The object ids of all files below some paths at a commit, by their path from the repository's root, which is '' itself. */
  blobs(commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Makes a commit that changes the lockfile and nothing else. */
  commit(request: CommitRequest): Promise<CommitEnded>;
}

/** What stands in the way of recording. */
export type Trouble = 'protected' | 'rights' | 'token' | 'missing' | 'no-checkout' | 'lost';

/** What to do about it. */
const HINTS: Readonly<Record<Trouble, string>> = {
  protected:
    'let the app whose token this is bypass the rule, record on another branch with commit-branch, or use commit: none and commit the lockfile yourself',
  rights: 'give the job contents: write, and pass a token that may write to the repository',
  token: 'the token is missing, or not valid any more: pass another as github-token',
  missing: 'does the branch exist, and may the token read the repository?',
  'no-checkout': 'check out the repository first, with actions/checkout and git on the runner',
  lost: 'run the job again: what is live and equal is adopted, and nothing is done twice',
};

export function notRecordable(trouble: Trouble, message: string, cause?: unknown): Failure {
  const hint = HINTS[trouble];
  return new Failure('not-recordable', message, { hint, ...(cause === undefined ? {} : { cause }) });
}

/** Does something with a branch; what `explain` knows of what is thrown is thrown as that Failure. */
export async function explained<T>(
  explain: (cause: unknown) => Failure | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw explain(cause) ?? cause;
  }
}
