import { createHash } from 'node:crypto';
import type { Key, RecordedConnection } from '../core/connection.ts';
import { parseLockfile, printLockfile, type Lockfile } from '../core/lockfile.ts';
import type { Conflict, Holder, Release, Snapshot, StateStore, Version } from '../core/ports.ts';
import type { Journal, JournalState } from './journal.ts';

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
  // Watch mode reads the same text again and again.
  let parsed: { readonly text: string; readonly lockfile: Lockfile } | undefined;
  const parse = (text: string): Lockfile => {
    if (parsed?.text !== text) parsed = { text, lockfile: parseLockfile(text, shown) };
    return parsed.lockfile;
  };

  return {
    intendsAtOnce: false,
    hold: (...args) => home.hold(...args),
    load: async () => {
      const text = await home.read();
      return snapshotOf(text, parse, journal.read(versionOf(text)));
    },
    intend: async (intents) => {
      await Promise.all(intents.map((intent) => journal.append({ intent })));
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
      journal.committed(version);
      return version;
    },
  };
}

/** Returns the lockfile's contents, plus the completed and open changes of an interrupted run. */
function snapshotOf(
  text: string | undefined,
  parse: (text: string) => Lockfile,
  { open, done }: JournalState,
): Snapshot {
  const version = versionOf(text);
  const { header, records: written } = text === undefined ? { header: undefined, records: new Map() } : parse(text);
  const records = new Map<Key, RecordedConnection>(written);
  for (const { key, record } of done) {
    if (record === undefined) records.delete(key);
    else records.set(key, record);
  }
  return { header, records, open, uncommitted: done, version };
}

export function versionOf(text: string | undefined): Version {
  return text === undefined ? NOTHING : createHash('sha256').update(text).digest('hex');
}
