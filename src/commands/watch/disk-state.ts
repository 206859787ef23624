import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { openManifestCache } from '../../manifest/manifest-cache.ts';
import type { Manifests } from '../../manifest/read-all.ts';
import { SETTINGS_FILE, type Workspace } from '../../session/workspace.ts';
import { changedNames } from '../../watch/decide.ts';

/** The files on disk, and how they differ from the last plan. */
export interface DiskChanges {
  readonly manifests: Manifests;
  /** Every manifest on disk. */
  readonly files: readonly string[];
  readonly isFirst: boolean;
  /** Names of changed files, sorted. */
  readonly changed: readonly string[];
  /** The changed files except the lockfile and its journal, which connsync writes itself. */
  readonly saved: readonly string[];
}

/** Remembers the files that the last plan used. */
export interface DiskState {
  /**
   * Reads the files that may have changed. `settings` is the workspace opened with the latest connsync.yaml; `planned`
   * is the workspace to plan, which is an older one if connsync.yaml has an error.
   */
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
      const lockfile = planned.lockfile.displayPath;
      const saved = changed.filter((name) => name !== lockfile && name !== `${lockfile}.journal`);
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
 * Returns fingerprints of everything that affects a plan, except the manifests: the parsed settings, the lockfile's
 * bytes, and whether an apply was interrupted. An apply in progress doesn't count as interrupted, because it changes
 * the lockfile when it ends.
 */
function fingerprints(
  { settings, problems }: Workspace,
  { lockfile: { path, displayPath } }: Workspace,
): ReadonlyMap<string, string> {
  const isInterrupted = existsSync(`${path}.journal`) && !existsSync(`${path}.lock`);
  return new Map([
    [SETTINGS_FILE, JSON.stringify([settings, problems])],
    [displayPath, digestOfFile(path)],
    [`${displayPath}.journal`, isInterrupted ? 'interrupted' : ''],
  ]);
}

function digestOfFile(path: string): string {
  try {
    // Opening a FIFO would block until another process writes to it.
    if (!lstatSync(path).isFile()) return 'no file';
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    // The file is missing or unreadable. If that is an error, the plan reports it.
    return '';
  }
}
