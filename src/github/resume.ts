import { existsSync, readFileSync } from 'node:fs';
import { commitRecords } from '../apply/commit.ts';
import type { Key, RecordedConnection } from '../core/connection.ts';
import { parseLockfile } from '../core/lockfile.ts';
import type { Header } from '../core/ports.ts';
import type { Reporter } from '../report/reporter.ts';
import { fileJournal } from '../state/journal.ts';
import { versionOf } from '../state/journalled-store.ts';
import { basePath, journalPath, openRecording, type Reach, type RecordingPlan } from './stores.ts';

/** What the main step leaves for the post step, should it be killed before it could record. */
export interface Remembered {
  readonly plan: RecordingPlan;
  /** For the header of a lockfile that does not exist yet. */
  readonly header: Header;
}

/** Keeps what the post step needs, as soon as the plan is known and before anything is sent. */
export function rememberFor(plan: RecordingPlan, folders: readonly string[], save: (value: string) => void): Reporter {
  return {
    report: (event) => {
      if (event.type !== 'planned') return;
      const { site, org } = event.target;
      const header: Header = { site, ...(org === undefined ? {} : { org }), manifests: folders };
      save(JSON.stringify({ plan, header } satisfies Remembered));
    },
    close: async () => {},
  };
}

/** Records what the main step did and left in its journal. Gives the commit, or undefined where nothing was left. */
export async function recordWhatIsLeft({ plan, header }: Remembered, reach: Reach): Promise<string | undefined> {
  if (!plan.commits || !existsSync(journalPath(plan))) return undefined;
  const base = existsSync(basePath(plan)) ? readFileSync(basePath(plan), 'utf8') : undefined;
  const { open, done } = fileJournal(journalPath(plan), reach.now).read(versionOf(base));
  if (done.length === 0) return undefined;
  const before = base === undefined ? undefined : parseLockfile(base, plan.shown);
  const was = before?.records ?? new Map<Key, RecordedConnection>();
  const records = new Map(was);
  for (const { key, record } of done) {
    if (record === undefined) records.delete(key);
    else records.set(key, record);
  }
  const { recording, store } = openRecording(plan, reach);
  await commitRecords({
    state: store,
    snapshot: { header: before?.header, records: was, open, uncommitted: [], version: versionOf(base) },
    header: { ...header, ...before?.header },
    records,
    lockfile: plan.shown,
    pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    cut: new AbortController().signal,
    random: reach.random,
    report: () => {},
  });
  return recording.commit;
}
