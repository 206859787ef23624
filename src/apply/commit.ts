import { byCodeUnit, type Key } from '../core/connection.ts';
import { canonicalJson } from '../core/canonical.ts';
import type { Abort, Clock } from '../core/clock.ts';
import { Failure, problem } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import { mergedHeader } from '../core/lockfile-header.ts';
import { linesOf } from '../core/lockfile.ts';
import { mergeRecords } from '../core/merge.ts';
import type { LockfileHeader, Records, Snapshot, StateStore, Version } from '../core/ports.ts';

export interface CommitOptions {
  readonly state: StateStore;
  /** The state of the store when this run loaded it. */
  readonly snapshot: Snapshot;
  readonly header: LockfileHeader;
  readonly records: Records;
  /** Path of the lockfile as events show it. */
  readonly lockfile: string;
  readonly clock: Pick<Clock, 'sleep' | 'random'>;
  readonly abort: Pick<Abort, 'cut'>;
  readonly report: Report;
}

export interface Committed {
  readonly version: Version;
  readonly records: Records;
}

const MAX_TRIES = 10;
const MAX_PAUSE_MS = 2_000;

/**
 * Commits the run's records. If another run committed first, merges both key by key and retries. Throws a `Failure` if
 * the records can't be committed, after reporting every changed line, so that no change is lost.
 */
export async function commitRecords(options: CommitOptions): Promise<Committed> {
  const { snapshot, report, lockfile } = options;
  try {
    const committed = await tryCommit(options);
    if (committed.version !== snapshot.version)
      report({ type: 'recorded', file: lockfile, connections: committed.records.size });
    return committed;
  } catch (cause) {
    if (cause instanceof Failure) reportRecordFailed(options);
    throw cause;
  }
}

async function tryCommit(options: CommitOptions): Promise<Committed> {
  const { state, snapshot, clock, abort, records: ours } = options;
  const base = committedOf(snapshot);
  let { header } = options;
  let records = ours;
  let version = snapshot.version;
  let message = '';
  for (let tried = 1; tried <= MAX_TRIES; tried += 1) {
    const result = await state.commit({ header, records }, version);
    if (typeof result === 'string') return { version: result, records };
    ({ message } = result);
    if (tried > 1) await clock.sleep(clock.random() * Math.min(MAX_PAUSE_MS, 50 * 2 ** tried), abort.cut);
    const theirs = await state.load();
    const merged = mergeRecords(base, ours, theirRecords(theirs, options));
    if (merged.conflicts.length > 0)
      throw new Failure('lockfile-changed', `${message}, and both runs changed ${merged.conflicts.join(', ')}`, {
        hint: 'run connsync apply again; it compares these connections with Datadog',
      });
    header = mergedHeader(options.header, theirs.header, message);
    ({ records } = merged);
    ({ version } = theirs);
  }
  throw new Failure('lockfile-changed', `${message}, ${MAX_TRIES} times in a row`, {
    hint: 'run connsync apply again; it lists the connections before it writes',
  });
}

/** Returns the records in the lockfile, without the changes that only the journal contains. */
function committedOf({ records, committed = records }: Snapshot): Records {
  return committed;
}

/**
 * Returns the records that the other run committed. If someone deleted the lockfile while the apply ran, returns the
 * records that this run loaded, because a deleted lockfile must not count as empty.
 */
function theirRecords(theirs: Snapshot, { snapshot, lockfile, report }: CommitOptions): Records {
  if (theirs.header !== undefined || snapshot.header === undefined) return theirs.records;
  const message = `${lockfile} was deleted while the apply ran; connsync writes it again with every record that it had loaded`;
  report({
    type: 'problem',
    problem: problem('lockfile-deleted', message, { hint: 'to release connections, run connsync state rm' }),
  });
  return committedOf(snapshot);
}

function reportRecordFailed({ snapshot, records, lockfile, report }: CommitOptions): void {
  const keys = [...new Set([...snapshot.records.keys(), ...records.keys()])].sort(byCodeUnit);
  const changed = keys.filter((key) => isChanged(key, committedOf(snapshot), records));
  if (changed.length === 0) return;
  report({
    type: 'record-failed',
    file: lockfile,
    lines: changed.flatMap((key) => linesOf(records.get(key))),
    removed: changed.filter((key) => !records.has(key)),
  });
}

function isChanged(key: Key, before: Records, after: Records): boolean {
  return canonicalJson(before.get(key) ?? null) !== canonicalJson(after.get(key) ?? null);
}
