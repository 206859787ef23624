import { Failure } from '../core/diagnostic.ts';
import type { LockfileBranch } from './lockfile-branch.ts';

export interface FreshnessOptions {
  /** The branch that the manifests come from. */
  readonly branch: Pick<LockfileBranch, 'shown' | 'blobs'>;
  /** The commit that was checked out, and the one that the branch is at. */
  readonly checkout: string;
  readonly tip: string;
  /** Folders of manifests and connsync.yaml, from the repository's root. */
  readonly paths: readonly string[];
}

/**
 * A queued or repeated job has checked out the commit of its event. Where the branch has other manifests by now, applying the old
 * ones would put newer edits back: throws a Failure `stale-checkout`. Commits that leave the manifests alone are no reason.
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
    `a newer commit on ${branch.shown} changes ${named}, and this checkout does not have it`,
    { hint: 'its own run will apply it; to repeat this one, run the workflow anew on the branch' },
  );
}

/** What connsync reads below one of these paths: no other file matters. */
function isRead(file: string, paths: readonly string[]): boolean {
  if (!/\.(?:ya?ml|json)$/.test(file)) return false;
  return paths.some((path) => {
    if (file === path) return true;
    if (path !== '' && !file.startsWith(`${path}/`)) return false;
    const below = file.slice(path === '' ? 0 : path.length + 1);
    return !below.split('/').some((part) => part.startsWith('.') || part.startsWith('~'));
  });
}
