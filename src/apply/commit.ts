import { byCodeUnit, type Key } from '../core/connection.ts';
import { canonicalJson } from '../core/canonical.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import { sameFolders } from '../core/folders.ts';
import { linesOf } from '../core/lockfile.ts';
import { mergeRecords } from '../core/merge.ts';
import type { LockfileHeader, Records, Snapshot, StateStore, Version } from '../core/ports.ts';

export interface CommitOptions {
  readonly state: StateStore;
  /** What this run began with. */
  readonly snapshot: Snapshot;
  readonly header: LockfileHeader;
  readonly records: Records;
  /** The lockfile as events show it. */
  readonly lockfile: string;
  /** Waits so many milliseconds, or until the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly cut: AbortSignal;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly report: Report;
}

export interface Committed {
  readonly version: Version;
  readonly records: Records;
}

const MOST_TRIES = 10;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Records what was done, whatever happened to the store meanwhile: where somebody else committed first, both are brought
 * together key by key, and it is tried again. What can't be recorded in the end is told in full before the Failure is thrown,
 * so that nothing is lost with it.
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
  const { state, snapshot, pause, cut, random, records: ours } = options;
  const base = committedOf(snapshot);
  let { header } = options;
  let records = ours;
  let version = snapshot.version;
  let message = '';
  for (let tried = 1; tried <= MOST_TRIES; tried += 1) {
    const result = await state.commit({ header, records }, version);
    if (typeof result === 'string') return { version: result, records };
    ({ message } = result);
    if (tried > 1) await pause(random() * Math.min(LONGEST_PAUSE_MS, 50 * 2 ** tried), cut);
    const theirs = await state.load();
    const merged = mergeRecords(base, ours, theirs.records);
    if (merged.conflicts.length > 0)
      throw new Failure('lockfile-changed', `${message}, and both changed ${merged.conflicts.join(', ')}`, {
        hint: 'run connsync apply again: what is live settles it',
      });
    header = joined(options.header, theirs.header, message);
    ({ records } = merged);
    ({ version } = theirs);
  }
  throw new Failure('lockfile-changed', `${message}, ${MOST_TRIES} times in a row`, {
    hint: 'run connsync apply again: it lists before it writes',
  });
}

/** The folders of both: to one of them alone, the connections of the other would be without a manifest, and pruned. */
function joined(ours: LockfileHeader, theirs: LockfileHeader | undefined, message: string): LockfileHeader {
  if (theirs === undefined) return ours;
  if (theirs.site !== ours.site || (theirs.org !== undefined && ours.org !== undefined && theirs.org !== ours.org))
    throw new Failure('lockfile-changed', `${message}, and it belongs to another site or organisation now`, {
      hint: 'give each its own lockfile with --lockfile',
    });
  const manifests = [...new Set([...ours.manifests, ...theirs.manifests])].sort(byCodeUnit);
  return { ...theirs, ...ours, manifests: sameFolders(ours.manifests, manifests) ? ours.manifests : manifests };
}

/** Without what only the journal had: that is this run's to record. */
function committedOf({ records, uncommitted }: Snapshot): Records {
  const known = new Map(records);
  for (const { key } of uncommitted) known.delete(key);
  return known;
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
