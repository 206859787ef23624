import { compact } from '../core/compact.ts';
import { existsSync } from 'node:fs';
import { commitRecords } from '../apply/commit.ts';
import type { Key, RecordedConnection } from '../core/connection.ts';
import type { Report } from '../core/event.ts';
import { parseLockfile } from '../core/lockfile.ts';
import type { LockfileHeader } from '../core/ports.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { fileJournal } from '../state/journal.ts';
import { missingFrom, versionOf } from '../state/journalled-store.ts';
import { itemsOf, valueAt, textAt } from './json-values.ts';
import { openRecording, type GitHubClients } from './recording.ts';
import { isRecordingPlan, type RecordingPlan } from './recording-plan.ts';
import { openScratch } from './scratch.ts';

/**
 * The data that an apply saves for the step at the end of the job, in case it is killed before it can record its
 * changes.
 */
export interface ResumeState {
  readonly plan: RecordingPlan;
  /** The header to write if the lockfile does not exist yet. */
  readonly header: LockfileHeader;
}

/** Returns a reporter that saves the ResumeState as soon as the plan is known, before any change in Datadog. */
export function saveForResume(
  plan: RecordingPlan,
  folders: readonly string[],
  save: (value: string) => void,
): Reporter {
  return {
    report: (event) => {
      if (event.type !== 'planned') return;
      const { site, org } = event.target;
      const header: LockfileHeader = { site, ...compact({ org }), manifests: folders };
      save(JSON.stringify({ plan, header } satisfies ResumeState));
    },
    close: async () => {},
  };
}

/** Parses a text that `saveForResume` saved. Returns undefined for any other value. */
export function parseResumeState(text: string): ResumeState | undefined {
  if (text === '') return undefined;
  const value: unknown = JSON.parse(text);
  const [plan, site, org] = [valueAt(value, 'plan'), textAt(value, 'header', 'site'), textAt(value, 'header', 'org')];
  if (!isRecordingPlan(plan) || site === undefined) return undefined;
  const manifests = itemsOf(value, 'header', 'manifests').filter((folder) => typeof folder === 'string');
  return { plan, header: { site, ...compact({ org }), manifests } };
}

/**
 * Records the changes that an apply left in its journal. Returns the commit, or undefined if there is nothing to
 * record.
 */
export async function recordUnfinished(
  { plan, header }: ResumeState,
  clients: GitHubClients,
  report: Report,
): Promise<string | undefined> {
  const { journal, base: known } = openScratch(plan);
  if (!plan.commits || !existsSync(journal)) return undefined;
  const base = known.read();
  const version = versionOf(base);
  const state = fileJournal(journal, clients.clock.now).read();
  const before = base === undefined ? undefined : parseLockfile(base, plan.shown);
  const was = before?.records ?? new Map<Key, RecordedConnection>();
  const done = missingFrom(was, state.done);
  if (done.length === 0) return undefined;
  const records = new Map(was);
  for (const { key, record } of done) {
    if (record === undefined) records.delete(key);
    else records.set(key, record);
  }
  // Doesn't check the manifests again, because the apply checked them before it changed anything.
  const { store, recorded } = openRecording(plan, clients, async () => {});
  await commitRecords({
    state: store,
    snapshot: { header: before?.header, records: was, open: state.open, uncommitted: [], version },
    header: { ...header, ...before?.header },
    records,
    lockfile: plan.shown,
    clock: clients.clock,
    abort: { cut: new AbortController().signal },
    report,
  });
  return recorded().commit;
}
