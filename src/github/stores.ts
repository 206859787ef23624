import { mkdirSync, rmSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { Failure } from '../core/diagnostic.ts';
import type { StateStore } from '../core/ports.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { fileJournal } from '../state/journal.ts';
import { journalledStore } from '../state/journalled-store.ts';
import { apiBranch } from './api-branch.ts';
import type { GitHubApi } from './api.ts';
import { requireFresh } from './freshness.ts';
import { gitBranch } from './git-branch.ts';
import type { Git } from './git.ts';
import type { LockfileBranch } from './lockfile-branch.ts';
import { recordOn, type Recording } from './recording.ts';

/** How and where an apply records. What the post step needs to go on with it is written into the job's state as JSON. */
export interface RecordingPlan {
  readonly by: 'api' | 'git';
  /** False with `commit: none`: the tip's lockfile is planned from, and the new one stays in the workspace. */
  readonly commits: boolean;
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly remote: string;
  /** The lockfile, from the repository's root with forward slashes, on disk, and as messages show it. */
  readonly path: string;
  readonly file: string;
  readonly shown: string;
  readonly message: string | undefined;
  readonly runUrl: string;
  /** A folder that outlives the step: RUNNER_TEMP. */
  readonly scratch: string;
}

export interface Reach {
  readonly api: GitHubApi | undefined;
  readonly git: Git;
  readonly now: () => number;
  readonly random: () => number;
}

export interface OpenedRecording {
  readonly recording: Recording;
  readonly store: StateStore;
}

const AUTHOR = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };

/** The lockfile as it stands in the repository. Throws a Failure where it lies outside. */
export function pathInRepository(workspace: string, file: string): string {
  const path = relative(workspace, file);
  if (path === '' || path.startsWith('..') || isAbsolute(path))
    throw new Failure(
      'conflicting-settings',
      `the lockfile ${file} lies outside the repository, where it can not be recorded`,
      {
        hint: 'name one below the workspace with the input lockfile, or use commit: none',
      },
    );
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** Opens the state store that records into the branch. `fresh` is left out in the post step, whose manifests were looked at before. */
export function openRecording(
  plan: RecordingPlan,
  { api, git, now, random }: Reach,
  fresh?: { readonly checkout: string; readonly paths: readonly string[] },
): OpenedRecording {
  const scratch = join(plan.scratch, 'connsync');
  mkdirSync(scratch, { recursive: true });
  const branch = branchFor(plan, { api, git, scratch });
  const recording = recordOn({
    branch,
    shown: plan.shown,
    message: plan.message,
    runUrl: plan.runUrl,
    first: async (tip) => {
      if (fresh === undefined) return;
      rmSync(basePath(plan), { force: true });
      if (tip.lockfile !== undefined) writeAtomically(basePath(plan), tip.lockfile);
      await requireFresh({ branch, ...fresh }, tip);
    },
    aside: {
      put: (text) => writeAtomically(asidePath(plan), text),
      remove: () => rmSync(asidePath(plan), { force: true }),
    },
    random,
  });
  const home = plan.commits ? recording : keptInWorkspace(recording, plan.file);
  return {
    recording,
    store: journalledStore({ home, journal: fileJournal(journalPath(plan), now), shown: plan.shown }),
  };
}

type Named = Pick<RecordingPlan, 'scratch' | 'path' | 'branch'>;

/** Where the new lockfile is kept until it is recorded. A job may apply several folders, each with a lockfile of its own. */
export function asidePath({ scratch, path, branch }: Named): string {
  return join(scratch, 'connsync', `${branch}-${path}`.replace(/[^\w.-]/g, '_'));
}

export function journalPath(plan: Named): string {
  return `${asidePath(plan)}.journal`;
}

/** The lockfile that the main step planned from; absent where the branch had none. */
export function basePath(plan: Named): string {
  return `${asidePath(plan)}.base`;
}

function branchFor(
  { by, owner, repo, branch, remote, path }: RecordingPlan,
  { api, git, scratch }: { readonly api: GitHubApi | undefined; readonly git: Git; readonly scratch: string },
): LockfileBranch {
  if (by === 'api' && api !== undefined) return apiBranch({ api, owner, repo, branch, path });
  return gitBranch({ git, remote, branch, path, scratch, author: AUTHOR });
}

/** Planned from the branch's tip, and written into the workspace, for a later step to record. */
function keptInWorkspace(recording: Recording, file: string): Parameters<typeof journalledStore>[0]['home'] {
  let kept: string | undefined;
  return {
    hold: async () => async () => {},
    read: async () => kept ?? (await recording.read()),
    write: async (text) => {
      writeAtomically(file, text);
      kept = text;
    },
  };
}
