import { Failure } from '../core/diagnostic.ts';
import { memberOf, textOf } from './json-values.ts';

/** How and where an apply records. What the step at the job's end needs to go on with it is in the job's state, as JSON. */
export interface RecordingPlan {
  readonly by: 'api' | 'git';
  /** False with `commit: none`: the tip's lockfile is planned from, and the new one stays in the checkout. */
  readonly commits: boolean;
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly remote: string;
  /** The working directory. */
  readonly folder: string;
  /** The lockfile, from the repository's root with forward slashes, on disk, and as messages show it. */
  readonly path: string;
  readonly file: string;
  readonly shown: string;
  /** What every commit says; left out for what changed. */
  readonly message?: string;
  readonly runUrl: string;
  /** A folder that outlives the step: RUNNER_TEMP. */
  readonly temporary: string;
}

export interface PlanRecordingOptions extends Omit<RecordingPlan, 'by' | 'commits' | 'branch' | 'path'> {
  readonly mode: 'auto' | 'api' | 'git' | 'none';
  readonly hasToken: boolean;
  /** Whether its API is GitHub's. */
  readonly isGitHub: boolean;
  readonly event: string;
  /** Undefined where the event is about none, and none was named. */
  readonly branch: string | undefined;
  /** Undefined where the lockfile lies outside the repository. */
  readonly path: string | undefined;
}

/**
 * How this apply records. Undefined where it doesn't, and there is no branch to plan from: the checkout's own lockfile is all there
 * is then. Throws a Failure `conflicting-settings` where it can't be.
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
    throw conflicting(
      `an apply on ${event} is about no branch, so there is none to record on`,
      'name it with commit-branch, or use commit: none',
    );
  if (path === undefined)
    throw conflicting(
      `the lockfile ${rest.shown} lies outside the repository, where it can not be recorded`,
      'name one inside with the input lockfile, or use commit: none',
    );
  if (mode === 'api' && !hasToken)
    throw conflicting(
      'commit: api needs the input github-token, which is empty',
      'leave github-token at its default, or use commit: git',
    );
  const by = mode === 'api' || mode === 'git' ? mode : isGitHub && hasToken ? 'api' : 'git';
  return { ...rest, by, commits: mode !== 'none', branch, path };
}

function conflicting(message: string, hint: string): Failure {
  return new Failure('conflicting-settings', message, { hint });
}

/** Whether a value from the job's state is a plan: it was printed by the same action, some minutes before. */
export function isRecordingPlan(value: unknown): value is RecordingPlan {
  const by = memberOf(value, 'by');
  return (by === 'api' || by === 'git') && TEXTS.every((name) => textOf(value, name) !== undefined);
}

const TEXTS = ['owner', 'repo', 'branch', 'remote', 'folder', 'path', 'file', 'shown', 'runUrl', 'temporary'] as const;
