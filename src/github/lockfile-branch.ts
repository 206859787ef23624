import { compact } from '../core/compact.ts';
import { Failure } from '../core/diagnostic.ts';

/** The last commit of a branch, and the lockfile in that commit. */
export interface Tip {
  /** Object id of the commit. */
  readonly commit: string;
  /** Text of the lockfile, or undefined if it does not exist. */
  readonly lockfile: string | undefined;
}

export interface CommitRequest {
  readonly text: string;
  readonly message: string;
  /** The commit that the branch's tip must be; otherwise nothing is committed. */
  readonly onto: string;
}

export type CommitEnded =
  | { readonly kind: 'committed'; readonly commit: string }
  /** The branch has changed; nothing was committed. */
  | { readonly kind: 'stale' }
  /** There was no response, so only the branch itself shows whether the commit was created. */
  | { readonly kind: 'unclear'; readonly failure: Failure };

/**
 * A lockfile on a branch of a remote repository, through GitHub's API or git. Every method throws
 * `Failure('not-recordable')`.
 */
export interface LockfileBranch {
  /** The name that messages show, such as `main of acme/tables`. */
  readonly displayName: string;
  /** Throws if a commit would be refused, as far as that can be known in advance. */
  preflight(): Promise<void>;
  tip(): Promise<Tip>;
  /**
   * Returns the object ids of all files below `paths` at a commit. Both `paths` and the keys of the result are relative
   * to the repository's root, which is ''.
   */
  blobs(commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Creates a commit that changes only the lockfile. */
  commit(request: CommitRequest): Promise<CommitEnded>;
}

/** The reasons why recording can fail. */
export type Trouble = 'protected' | 'rights' | 'token' | 'missing' | 'no-checkout' | 'lost';

const HINTS: Readonly<Record<Trouble, string>> = {
  protected:
    'let the app that owns the token bypass the rule, set commit-branch to another branch, or set commit: none and commit the lockfile yourself',
  rights: 'give the job contents: write, and pass a token that can write to the repository',
  token: 'pass a valid token as github-token; this one is missing or has expired',
  missing: 'check that the branch exists and that the token can read the repository',
  'no-checkout': 'check out the repository first with actions/checkout, and install git on the runner',
  lost: 'run the job again: it adopts live connections that equal their manifests, and repeats nothing',
};

export function notRecordable(trouble: Trouble, message: string, cause?: unknown): Failure {
  const hint = HINTS[trouble];
  return new Failure('not-recordable', message, { hint, ...compact({ cause }) });
}

/** Runs `work`, and converts an error that `explain` recognises to a Failure. */
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
