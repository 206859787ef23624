import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../core/diagnostic.ts';
import { parseLockfile } from '../core/lockfile.ts';
import { mergeRecords } from '../core/merge.ts';
import type { Conflict } from '../core/ports.ts';
import type { LockfileHome } from '../state/journalled-store.ts';
import { notRecordable, type LockfileBranch, type Tip } from './lockfile-branch.ts';

export interface RecordingOptions {
  readonly branch: LockfileBranch;
  /** The lockfile as messages show it. */
  readonly shown: string;
  /** What a commit says; undefined for what changed. */
  readonly message: string | undefined;
  /** A link to the run, for the message. */
  readonly runUrl: string;
  /** Called with the tip that the run plans from. Throws a Failure where the manifests are older than those at the tip. */
  readonly first: (tip: Tip) => Promise<void>;
  /** Keeps the text on disk until it is recorded, for the case that it never is. */
  readonly aside: Aside;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface Aside {
  put(text: string): void;
  remove(): void;
}

export type CommitStatus = 'committed' | 'unchanged' | 'skipped' | 'failed';

/** Where the lockfile of a branch lives, and what became of recording into it. */
export interface Recording extends LockfileHome {
  readonly status: CommitStatus;
  /** The last commit that was made. */
  readonly commit: string | undefined;
}

const MOST_TRIES = 10;
const LONGEST_PAUSE_MS = 4_000;

/**
 * The lockfile on a branch: always that of the branch's tip, since the job's checkout may be older than what the run before it
 * recorded. Written by compare-and-swap: where somebody else pushed in between, but left the lockfile alone, it is tried again on top
 * of theirs; where the lockfile moved, that is a conflict for whoever merges.
 */
export function recordOn(options: RecordingOptions): Recording {
  const { branch, aside, random, first } = options;
  let tip: Tip | undefined;
  let status: CommitStatus = 'unchanged';
  let commit: string | undefined;

  const pause = (tried: number): Promise<unknown> => sleep(random() * Math.min(LONGEST_PAUSE_MS, 100 * 2 ** tried));

  const write = async (text: string): Promise<void | Conflict> => {
    for (let tried = 1; tried <= MOST_TRIES; tried += 1) {
      const onto = tip ?? (await branch.tip());
      const done = await branch.commit({ text, message: messageFor(onto.lockfile, text, options), onto: onto.commit });
      if (done !== 'stale') {
        ({ commit } = done);
        tip = { commit: done.commit, lockfile: text };
        status = 'committed';
        return undefined;
      }
      await pause(tried);
      const moved = await branch.tip();
      const isSame = moved.lockfile === onto.lockfile;
      tip = moved;
      if (!isSame)
        return { conflict: true, message: `the lockfile on ${branch.shown} was changed while this apply ran` };
    }
    throw notRecordable(
      `${branch.shown} moved ${MOST_TRIES} times while this run tried to record`,
      'run the job again: what is live and equal is adopted, and nothing is done twice',
    );
  };

  return {
    get status() {
      return status;
    },
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
    write: async (text) => {
      // Whatever happens from here on, what was done is on this machine's disk.
      aside.put(text);
      status = 'failed';
      const conflict = await write(text);
      if (conflict === undefined) aside.remove();
      return conflict;
    },
  };
}

/** `Record connections: 2 added, 1 changed`, and who did it. */
function messageFor(before: string | undefined, after: string, { shown, message, runUrl }: RecordingOptions): string {
  if (message !== undefined) return message;
  const was = recordsIn(before, shown);
  const is = recordsIn(after, shown);
  const added = [...is.keys()].filter((key) => !was.has(key)).length;
  const removed = [...was.keys()].filter((key) => !is.has(key)).length;
  const same = [...mergeRecords(was, is, was).records].filter(([key, record]) => was.get(key) === record).length;
  const changed = is.size - added - same;
  const parts = [
    ...(added > 0 ? [`${added} added`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
  ];
  return `Record connections${parts.length === 0 ? '' : `: ${parts.join(', ')}`}\n\nconnsync apply, ${runUrl}\n`;
}

function recordsIn(text: string | undefined, shown: string): ReturnType<typeof parseLockfile>['records'] {
  try {
    return text === undefined ? new Map() : parseLockfile(text, shown).records;
  } catch (cause) {
    if (cause instanceof Failure) return new Map();
    throw cause;
  }
}
