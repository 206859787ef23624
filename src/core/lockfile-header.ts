import { byCodeUnit } from './connection.ts';
import { compact } from './compact.ts';
import { Failure } from './diagnostic.ts';
import type { LockfileHeader } from './ports.ts';

/*
 * The rules for the lockfile header that a run writes. The site and organisation are those of the run, and members that
 * a newer connsync wrote are kept. The folders are chosen so that a record never seems to have no manifest only because
 * the header lacks its folder.
 *
 * | writer                                    | folders in the header                                             |
 * | ----------------------------------------- | ----------------------------------------------------------------- |
 * | an apply that leaves no record orphaned   | those of this run                                                 |
 * | an apply that leaves a record orphaned    | as before, so that a later prune reads the orphan's folder        |
 * | import, accept, state rebuild             | the recorded ones and those of this run                           |
 * | a commit after another run's commit       | those of both                                                     |
 */

/** The target and the manifest folders of a run. */
export interface HeaderFacts {
  readonly site: string;
  /** The organisation's UUID, if Datadog reported it. */
  readonly org: string | undefined;
  /** Manifest folders, normalised and relative to the lockfile. */
  readonly folders: readonly string[];
}

/** Returns the header after an apply. `orphans` is true if any record has no manifest in this run. */
export function headerAfterApply(
  before: LockfileHeader | undefined,
  { site, org, folders }: HeaderFacts,
  orphans: boolean,
): LockfileHeader {
  const keepsFolders = before !== undefined && (orphans || sameFolders(before.manifests, folders));
  return { ...before, ...compact({ site, org }), manifests: keepsFolders ? before.manifests : folders };
}

/** Returns the header after a command that adds records without planning, such as import. */
export function headerWithFolders(
  before: LockfileHeader | undefined,
  { site, org, folders }: HeaderFacts,
): LockfileHeader {
  const manifests = [...new Set([...(before?.manifests ?? []), ...folders])];
  return { ...before, ...compact({ site, org: org ?? before?.org }), manifests };
}

/**
 * Merges this run's header with `theirs`, which another run has written in the meantime. Throws a
 * `Failure('lockfile-changed')`, which begins with `message`, if the two headers belong to different targets.
 */
export function mergedHeader(
  ours: LockfileHeader,
  theirs: LockfileHeader | undefined,
  message: string,
): LockfileHeader {
  if (theirs === undefined) return ours;
  if (theirs.site !== ours.site || (theirs.org !== undefined && ours.org !== undefined && theirs.org !== ours.org))
    throw new Failure('lockfile-changed', `${message}, and it now belongs to another site or organisation`, {
      hint: 'give each target its own lockfile with --lockfile',
    });
  const manifests = [...new Set([...ours.manifests, ...theirs.manifests])].sort(byCodeUnit);
  return { ...theirs, ...ours, manifests: sameFolders(ours.manifests, manifests) ? ours.manifests : manifests };
}

/** Returns whether two lists name the same folders, in any order. */
export function sameFolders(a: readonly string[], b: readonly string[]): boolean {
  const [one, two] = [new Set(a), new Set(b)];
  return one.size === two.size && [...one].every((folder) => two.has(folder));
}
