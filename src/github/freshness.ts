import { isManifestName } from '../core/manifest-name.ts';
import { Failure } from '../core/diagnostic.ts';
import type { LockfileBranch } from './lockfile-branch.ts';

export interface FreshnessOptions {
  /** The branch that the manifests come from. */
  readonly branch: Pick<LockfileBranch, 'displayName' | 'blobs'>;
  /** The checked-out commit, and the commit at the branch's tip. */
  readonly checkout: string;
  readonly tip: string;
  /** Manifest folders and connsync.yaml, relative to the repository's root. */
  readonly paths: readonly string[];
}

/**
 * Throws `Failure('stale-checkout')` if the branch's tip has other manifests than the checkout. A queued or repeated
 * job checks out the commit of its event, and applying it would revert newer edits. Commits that don't change
 * manifests don't matter.
 */
export async function requireFresh({ branch, checkout, tip, paths }: FreshnessOptions): Promise<void> {
  if (tip === checkout) return;
  const [ours, theirs] = [await branch.blobs(checkout, paths), await branch.blobs(tip, paths)];
  const moved = [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((path) => isRead(path, paths) && ours.get(path) !== theirs.get(path))
    .toSorted();
  if (moved.length === 0) return;
  const named = moved.length > 3 ? `${moved.slice(0, 3).join(', ')} and ${moved.length - 3} more` : moved.join(', ');
  throw new Failure(
    'stale-checkout',
    `${named} changed in a newer commit on ${branch.displayName} that this checkout does not have`,
    { hint: "wait for that commit's own run, or run the workflow again on the branch" },
  );
}

/** Returns whether connsync reads the file, if it is given these paths. */
function isRead(file: string, paths: readonly string[]): boolean {
  if (!isManifestName(file)) return false;
  return paths.some((path) => {
    if (file === path) return true;
    if (path !== '' && !file.startsWith(`${path}/`)) return false;
    const below = file.slice(path === '' ? 0 : path.length + 1);
    return !below.split('/').some((part) => part.startsWith('.') || part.startsWith('~'));
  });
}
