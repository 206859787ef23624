import { createHash } from 'node:crypto';
import type { Key, RecordedConnection } from '../core/connection.ts';
import { parseLockfile, printLockfile, type Lockfile } from '../core/lockfile.ts';
import type { Conflict, Holder, Records, Release, Snapshot, StateStore, Version } from '../core/ports.ts';
import { canonicalJson } from '../core/canonical.ts';
import type { DoneIntent, Journal, JournalState } from './journal.ts';

/** Where the text of a lockfile is stored: a local file, or a file on a branch. */
export interface LockfileHome {
  hold(holder: Holder, waitMs: number, signal: AbortSignal, waiting?: (ms: number) => void): Promise<Release>;
  /** Returns undefined if there is no lockfile yet. Throws a Failure if it can't be read. */
  read(): Promise<string | undefined>;
  /**
   * Replaces the whole text. Returns a conflict if the text has changed since the last `read`. Throws a Failure if it
   * can't be written.
   */
  write(text: string): Promise<void | Conflict>;
}

export interface JournalledStoreOptions {
  readonly home: LockfileHome;
  readonly journal: Journal;
  /** The path of the lockfile that messages show. */
  readonly shown: string;
}

/** The version of a lockfile that does not exist. */
export const NOTHING: Version = 'nothing';

/** A state store that keeps its lockfile in any `LockfileHome`, with a write-ahead journal on this machine's disk. */
export function journalledStore({ home, journal, shown }: JournalledStoreOptions): StateStore {
  // Caches the last parsed lockfile, because watch mode reads the same text again and again.
  let parsed: { readonly text: string; readonly lockfile: Lockfile } | undefined;
  const parse = (text: string): Lockfile => {
    if (parsed?.text !== text) parsed = { text, lockfile: parseLockfile(text, shown) };
    return parsed.lockfile;
  };

  /** The records in the lockfile, without the changes that only the journal contains. */
  let committed: Records = new Map();

  return {
    intendsAtOnce: false,
    hold: (...args) => home.hold(...args),
    load: async () => {
      const text = await home.read();
      const snapshot = snapshotOf(text, parse, journal.read());
      ({ committed } = snapshot);
      return snapshot;
    },
    intend: async (intents) => {
      await Promise.all(
        intents.map((intent) => journal.append({ intent, was: fingerprintOf(committed.get(intent.key)) })),
      );
    },
    settle: (outcome) => journal.append({ outcome }),
    commit: async (state, ifVersion) => {
      const before = await home.read();
      if (versionOf(before) !== ifVersion)
        return { conflict: true, message: `${shown} was changed by another process while this apply ran` };
      const text = before === undefined && state.records.size === 0 ? undefined : printLockfile(state);
      const conflict = text === undefined || text === before ? undefined : await home.write(text);
      if (conflict !== undefined) return conflict;
      const version = versionOf(text);
      journal.committed();
      committed = state.records;
      return version;
    },
  };
}

/** Returns the lockfile's contents, plus the completed and open changes of an interrupted run. */
function snapshotOf(
  text: string | undefined,
  parse: (text: string) => Lockfile,
  { open, done }: JournalState,
): Snapshot & { readonly committed: Records } {
  const { header, records: committed } = text === undefined ? { header: undefined, records: NO_RECORDS } : parse(text);
  const uncommitted = missingFrom(committed, done);
  const records = new Map<Key, RecordedConnection>(committed);
  for (const { key, record } of uncommitted) {
    if (record === undefined) records.delete(key);
    else records.set(key, record);
  }
  return { header, records, committed, open, uncommitted, version: versionOf(text) };
}

const NO_RECORDS: Records = new Map();

/**
 * Returns the completed changes that the lockfile lacks. Drops a change only if the lockfile's record of its key has
 * changed since, not if only other records have, for example after a `git pull`.
 */
export function missingFrom(records: Records, done: readonly DoneIntent[]): readonly DoneIntent[] {
  return done.filter(({ key, was }) => fingerprintOf(records.get(key)) === was);
}

function fingerprintOf(record: RecordedConnection | undefined): string {
  return createHash('sha256')
    .update(canonicalJson(record ?? null))
    .digest('hex')
    .slice(0, 16);
}

export function versionOf(text: string | undefined): Version {
  return text === undefined ? NOTHING : createHash('sha256').update(text).digest('hex');
}
