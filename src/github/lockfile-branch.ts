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

/** A lockfile on a branch of a remote repository, by GitHub's API or by git itself. */
export interface LockfileBranch {
  /** Such as `main of acme/tables`, for messages. */
  readonly shown: string;
  /** Throws a Failure `not-recordable` where it is known that a commit would be refused. */
  preflight(): Promise<void>;
  tip(): Promise<Tip>;
  /** The object ids of all files below some paths at a commit, by their path from the repository's root. */
  blobs(commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Makes a commit that changes the lockfile and nothing else; `stale` where the branch has moved. Throws a Failure. */
  commit(request: CommitRequest): Promise<{ readonly commit: string } | 'stale'>;
}

/** Why a branch takes no commit from this run, with what to do about it. */
export function notRecordable(message: string, hint: string, cause?: unknown): Failure {
  return new Failure('not-recordable', message, { hint, ...(cause === undefined ? {} : { cause }) });
}

/** What to do where a branch takes no pushes from this token. */
export const PROTECTED_HINT =
  'let the app whose token this is bypass the rule, record on another branch with commit-branch, or use commit: none and commit the lockfile yourself';

/** What to do where the token may not write. */
export const RIGHTS_HINT = 'give the job contents: write, and pass a token that may write to the repository';
