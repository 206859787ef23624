import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../core/diagnostic.ts';
import type { Conflict } from '../core/ports.ts';
import type { LockfileHome } from '../state/journalled-store.ts';
import { notRecordable, type LockfileBranch, type Tip } from './lockfile-branch.ts';

export interface BranchHomeOptions {
  readonly branch: LockfileBranch;
  /**
   * Called with the branch tip that the run plans from. Throws a Failure if the checked-out manifests are older than
   * those at the tip.
   */
  readonly first: (tip: Tip) => Promise<void>;
  /** Returns the commit message for a change between two lockfiles. */
  readonly message: (before: string | undefined, after: string) => string;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** The storage of a lockfile on a branch. `commit` is the last commit that recorded changes of this run. */
export interface BranchHome extends LockfileHome {
  readonly commit: string | undefined;
}

const MAX_TRIES = 10;
const MAX_PAUSE_MS = 4_000;

/**
 * Returns the storage of a lockfile on a branch. It always reads the branch's tip, because the job's checkout may be
 * older than the previous run's commit. It writes by compare-and-swap:
 *
 * | meanwhile                                | then                                                       |
 * | ---------------------------------------- | ---------------------------------------------------------- |
 * | a push that leaves the lockfile unchanged | retry on top of that push                                 |
 * | the response was lost                    | check the tip, and retry if the commit is missing          |
 * | the lockfile changed                     | return a conflict, which the caller merges key by key      |
 */
export function branchHome({ branch, first, message, random }: BranchHomeOptions): BranchHome {
  let tip: Tip | undefined;
  let commit: string | undefined;
  const pause = (tried: number): Promise<unknown> => sleep(random() * Math.min(MAX_PAUSE_MS, 100 * 2 ** tried));

  const write = async (text: string): Promise<void | Conflict> => {
    let lost: Failure | undefined;
    for (let tried = 1; tried <= MAX_TRIES; tried += 1) {
      const onto: Tip = tip ?? (await branch.tip());
      const ended = await branch.commit({ text, message: message(onto.lockfile, text), onto: onto.commit });
      if (ended.kind === 'committed') {
        ({ commit } = ended);
        tip = { commit, lockfile: text };
        return undefined;
      }
      if (ended.kind === 'unclear') lost = ended.failure;
      await pause(tried);
      tip = await branch.tip();
      if (tip.lockfile === text) {
        ({ commit } = tip);
        return undefined;
      }
      if (tip.lockfile !== onto.lockfile)
        return { conflict: true, message: `the lockfile on ${branch.displayName} changed while this apply ran` };
    }
    throw (
      lost ??
      notRecordable(
        'lost',
        `${branch.displayName} changed ${MAX_TRIES} times while this run tried to record its changes`,
      )
    );
  };

  return {
    get commit() {
      return commit;
    },
    hold: async () => {
      await branch.preflight();
      return async () => {};
    },
    read: async () => {
      const isFirst = tip === undefined;
      tip = await branch.tip();
      if (isFirst) await first(tip);
      return tip.lockfile;
    },
    write,
  };
}
