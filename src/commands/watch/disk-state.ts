import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { openManifestCache } from '../../manifest/manifest-cache.ts';
import type { Manifests } from '../../manifest/read-all.ts';
import { SETTINGS_FILE, type Workspace } from '../../session/workspace.ts';
import { changedNames } from '../../watch/decide.ts';

/** What is on disk now, and what differs from the last plan. */
export interface DiskChanges {
  readonly manifests: Manifests;
  /** Every manifest that was found. */
  readonly files: readonly string[];
  readonly isFirst: boolean;
  /** Names of changed files, sorted. */
  readonly changed: readonly string[];
  /** The changed files that a person saved: all but the lockfile and its journal. */
  readonly saved: readonly string[];
}

/** Remembers the files that the last plan was made from. */
export interface DiskState {
  /** Reads what may have changed. `settings` is the workspace as connsync.yaml now describes it; `planned` the one to plan. */
  read(settings: Workspace, planned: Workspace): DiskChanges;
  /** Returns whether nothing has changed since the last `read`. */
  isUnchanged(settings: Workspace, planned: Workspace): boolean;
}

export function openDiskState(): DiskState {
  const cache = openManifestCache();
  let before: ReadonlyMap<string, string> | undefined;
  return {
    read: (settings, planned) => {
      const { manifests, contents } = cache.read(planned.manifests);
      const now = new Map([...contents, ...fingerprints(settings, planned)]);
      const isFirst = before === undefined;
      const changed = before === undefined ? [] : changedNames(before, now);
      before = now;
      const { shown } = planned.lockfile;
      const saved = changed.filter((name) => name !== shown && name !== `${shown}.journal`);
      return { manifests, files: [...contents.keys()], isFirst, changed, saved };
    },
    isUnchanged: (settings, planned) => {
      const { contents } = cache.read(planned.manifests);
      const now = new Map([...contents, ...fingerprints(settings, planned)]);
      return before !== undefined && changedNames(before, now).length === 0;
    },
  };
}

/**
 * Everything beside the manifests that decides a plan: the settings as they were understood, the lockfile's bytes, and whether an
 * apply was interrupted. An apply in progress counts as nothing yet: it changes the lockfile when it ends.
 */
function fingerprints(
  { settings, problems }: Workspace,
  { lockfile: { path, shown } }: Workspace,
): ReadonlyMap<string, string> {
  const isInterrupted = existsSync(`${path}.journal`) && !existsSync(`${path}.lock`);
  return new Map([
    [SETTINGS_FILE, JSON.stringify([settings, problems])],
    [shown, digestOfFile(path)],
    [`${shown}.journal`, isInterrupted ? 'interrupted' : ''],
  ]);
}

function digestOfFile(path: string): string {
  try {
    // Opening a FIFO would block until another process writes to it.
    if (!lstatSync(path).isFile()) return 'no file';
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    // Missing or unreadable; the plan reports which.
    return '';
  }
}
