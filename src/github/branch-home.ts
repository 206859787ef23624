import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../core/diagnostic.ts';
import type { Conflict } from '../core/ports.ts';
import type { LockfileHome } from '../state/journalled-store.ts';
import { notRecordable, type LockfileBranch, type Tip } from './lockfile-branch.ts';

export interface BranchHomeOptions {
  readonly branch: LockfileBranch;
  /** Called with the tip that the run plans from. Throws a Failure where the manifests are older than those at the tip. */
  readonly first: (tip: Tip) => Promise<void>;
  /** What a commit says that makes the one lockfile of the other. */
  readonly message: (before: string | undefined, after: string) => string;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** The lockfile on a branch, and the last commit that recorded what this run wrote. */
export interface BranchHome extends LockfileHome {
  readonly commit: string | undefined;
}

const MOST_TRIES = 10;
const LONGEST_PAUSE_MS = 4_000;

/**
 * The lockfile of a branch: always that of the branch's tip, since the job's checkout may be older than what the run before it
 * recorded. Written by compare-and-swap:
 *
 * | meanwhile                                    | then                                                        |
 * | -------------------------------------------- | ----------------------------------------------------------- |
 * | somebody pushed, and left the lockfile alone | tried again on top of theirs                                |
 * | the answer was lost                          | the tip says whether it was done; where not, tried again    |
 * | the lockfile moved                           | a conflict, for whoever merges key by key                   |
 */
export function branchHome({ branch, first, message, random }: BranchHomeOptions): BranchHome {
  let tip: Tip | undefined;
  let commit: string | undefined;
  const pause = (tried: number): Promise<unknown> => sleep(random() * Math.min(LONGEST_PAUSE_MS, 100 * 2 ** tried));

  const write = async (text: string): Promise<void | Conflict> => {
    let lost: Failure | undefined;
    for (let tried = 1; tried <= MOST_TRIES; tried += 1) {
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
        return { conflict: true, message: `the lockfile on ${branch.shown} was changed while this apply ran` };
    }
    throw lost ?? notRecordable('lost', `${branch.shown} moved ${MOST_TRIES} times while this run tried to record`);
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
