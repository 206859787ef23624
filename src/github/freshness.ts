import { Failure } from '../core/diagnostic.ts';
import type { LockfileBranch, Tip } from './lockfile-branch.ts';

export interface FreshnessOptions {
  readonly branch: LockfileBranch;
  /** The commit that was checked out. */
  readonly checkout: string;
  /** Folders of manifests and connsync.yaml, from the repository's root. */
  readonly paths: readonly string[];
}

/**
 * A queued or repeated job has checked out the commit of its event. Where the branch has other manifests by now, applying the old
 * ones would put newer edits back: throws a Failure `stale-checkout`. Commits that leave the manifests alone are no reason.
 */
export async function requireFresh({ branch, checkout, paths }: FreshnessOptions, tip: Tip): Promise<void> {
  if (tip.commit === checkout) return;
  const [ours, theirs] = [await branch.blobs(checkout, paths), await branch.blobs(tip.commit, paths)];
  const moved = [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter(isRead)
    .filter((path) => ours.get(path) !== theirs.get(path))
    .toSorted();
  if (moved.length === 0) return;
  const named = moved.length > 3 ? `${moved.slice(0, 3).join(', ')} and ${moved.length - 3} more` : moved.join(', ');
  throw new Failure(
    'stale-checkout',
    `a newer commit on ${branch.shown} changes ${named}, and this checkout does not have it`,
    { hint: 'its own run will apply it; to repeat this one, run the workflow anew on the branch' },
  );
}

/** What connsync reads: no other file of the folders matters. */
function isRead(path: string): boolean {
  const hidden = path.split('/').some((part) => part.startsWith('.') || part.startsWith('~'));
  return !hidden && /\.(?:ya?ml|json)$/.test(path);
}
