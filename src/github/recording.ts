import type { Clock } from '../core/clock.ts';
import { printLockfile } from '../core/lockfile.ts';
import type { StateStore } from '../core/ports.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { fileJournal } from '../state/journal.ts';
import { journalledStore, NOTHING, type LockfileHome } from '../state/journalled-store.ts';
import { apiBranch } from './api-branch.ts';
import type { GitHubApi } from './api.ts';
import { branchHome, type BranchHome } from './branch-home.ts';
import { commitMessage } from './commit-message.ts';
import { gitBranch } from './git-branch.ts';
import type { Git } from './git.ts';
import type { LockfileBranch, Tip } from './lockfile-branch.ts';
import type { RecordingPlan } from './recording-plan.ts';
import { openScratch, type Scratch } from './scratch.ts';

export type CommitStatus = 'committed' | 'unchanged' | 'skipped' | 'failed';

/** The result of recording. */
export interface Recorded {
  readonly status: CommitStatus;
  /** The last commit that recorded changes. */
  readonly commit: string | undefined;
  /** Path of the saved copy, if the lockfile could not be recorded. */
  readonly savedAt: string | undefined;
}

export const NOT_RECORDED: Recorded = { status: 'skipped', commit: undefined, savedAt: undefined };

/** The clients that recording uses. */
export interface GitHubClients {
  readonly api: GitHubApi | undefined;
  readonly git: Git;
  readonly clock: Clock;
}

export interface Recording {
  readonly store: StateStore;
  /** Returns the result so far. */
  readonly recorded: () => Recorded;
}

/** Opens the state store that records to a branch. Calls `first` with the tip that the run plans from. */
export function openRecording(
  plan: RecordingPlan,
  clients: GitHubClients,
  first: (tip: Tip, branch: LockfileBranch) => Promise<void>,
): Recording {
  const scratch = openScratch(plan);
  const branch = branchFor(plan, clients, plan.branch);
  const home = branchHome({
    branch,
    message: (before, after) => plan.message ?? commitMessage(before, after, plan.runUrl),
    first: async (tip) => {
      await first(tip, branch);
      scratch.base.write(tip.lockfile);
    },
    random: clients.clock.random,
  });
  const journal = fileJournal(scratch.journal, clients.clock.now);
  if (plan.commits) return recordingInto(home, scratch, journalledStore({ home, journal, shown: plan.shown }));
  const store = journalledStore({ home: checkoutStorage(home, plan.file), journal, shown: plan.shown });
  return { store, recorded: () => NOT_RECORDED };
}

/** Returns a branch of the repository, through the API or git as the plan says. */
export function branchFor(plan: RecordingPlan, { api, git }: GitHubClients, branch: string): LockfileBranch {
  const { by, owner, repo, remote, path } = plan;
  if (by === 'api' && api !== undefined) return apiBranch({ api, owner, repo, branch, path });
  return gitBranch({ git, remote, branch, path, scratch: openScratch(plan).folder });
}

/** Returns a recording that saves the lockfile on this machine's disk before it commits, in case the commit fails. */
function recordingInto(home: BranchHome, scratch: Scratch, store: StateStore): Recording {
  let status: CommitStatus = 'skipped';
  const commit: StateStore['commit'] = async (state, ifVersion) => {
    const text = printLockfile(state);
    status = 'failed';
    scratch.keepAside(text);
    const result = await store.commit(state, ifVersion);
    if (typeof result !== 'string') return result;
    status = home.commit === undefined ? 'unchanged' : 'committed';
    scratch.dropAside();
    // The base now has every recorded change, so the step at the end of the job has nothing to record.
    scratch.base.write(result === NOTHING ? undefined : text);
    return result;
  };
  return {
    store: { ...store, commit },
    recorded: () => ({ status, commit: home.commit, savedAt: status === 'failed' ? scratch.aside : undefined }),
  };
}

/** Returns a store that plans from the branch's tip and writes to the checkout, for a later step to commit. */
function checkoutStorage(home: LockfileHome, file: string): LockfileHome {
  let kept: string | undefined;
  return {
    hold: async () => async () => {},
    read: async () => kept ?? (await home.read()),
    write: async (text) => {
      writeAtomically(file, text);
      kept = text;
    },
  };
}
