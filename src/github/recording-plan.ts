import { Failure } from '../core/diagnostic.ts';
import { valueAt, textAt } from './json-values.ts';

/**
 * How and where an apply records its changes. The job's state stores this as JSON for the step at the end of the job.
 */
export interface RecordingPlan {
  readonly by: 'api' | 'git';
  /**
   * Whether to commit. False with `commit: none`: the run plans from the tip's lockfile, and leaves the new one in the
   * checkout.
   */
  readonly commits: boolean;
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly remote: string;
  /** The working directory. */
  readonly folder: string;
  /**
   * The lockfile's path, three times: `path` relative to the repository's root with forward slashes, `file` on disk,
   * and `shown` as messages show it.
   */
  readonly path: string;
  readonly file: string;
  readonly shown: string;
  /** The message of every commit. Undefined means a summary of the changes. */
  readonly message?: string;
  readonly runUrl: string;
  /** A folder that exists until the end of the job: RUNNER_TEMP. */
  readonly temporary: string;
}

export interface PlanRecordingOptions extends Omit<RecordingPlan, 'by' | 'commits' | 'branch' | 'path'> {
  readonly mode: 'auto' | 'api' | 'git' | 'none';
  readonly hasToken: boolean;
  /** Whether the server's API is GitHub's. */
  readonly isGitHub: boolean;
  readonly event: string;
  /** Undefined if the event has no branch and the inputs name none. */
  readonly branch: string | undefined;
  /** Undefined if the lockfile is outside the repository. */
  readonly path: string | undefined;
}

/**
 * Returns how this apply records. Returns undefined if it records nothing and has no branch to plan from; the apply
 * then uses the checkout's lockfile. Throws `Failure('conflicting-settings')` if the settings make recording
 * impossible.
 */
export function planRecording({
  mode,
  hasToken,
  isGitHub,
  event,
  branch,
  path,
  ...rest
}: PlanRecordingOptions): RecordingPlan | undefined {
  if (mode === 'none' && (branch === undefined || path === undefined)) return undefined;
  if (branch === undefined)
    throw conflicting(`the event ${event} has no branch to record on`, 'set commit-branch, or use commit: none');
  if (path === undefined)
    throw conflicting(
      `the lockfile ${rest.shown} is outside the repository, so connsync can't commit it`,
      'set the input lockfile to a path inside the repository, or use commit: none',
    );
  if (mode === 'api' && !hasToken)
    throw conflicting(
      'commit: api needs the input github-token, which is empty',
      'remove the input github-token to use its default, or use commit: git',
    );
  const by = mode === 'api' || mode === 'git' ? mode : isGitHub && hasToken ? 'api' : 'git';
  return { ...rest, by, commits: mode !== 'none', branch, path };
}

function conflicting(message: string, hint: string): Failure {
  return new Failure('conflicting-settings', message, { hint });
}

/**
 * Returns whether a value from the job's state is a recording plan. Checks only the types of its members, because the same version of the
 * Action wrote the value.
 */
export function isRecordingPlan(value: unknown): value is RecordingPlan {
  const by = valueAt(value, 'by');
  return (by === 'api' || by === 'git') && TEXTS.every((name) => textAt(value, name) !== undefined);
}

const TEXTS = ['owner', 'repo', 'branch', 'remote', 'folder', 'path', 'file', 'shown', 'runUrl', 'temporary'] as const;
