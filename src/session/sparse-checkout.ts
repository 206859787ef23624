import { isManifestName } from '../core/manifest-name.ts';

/** The maximum size of Git's output in bytes, enough for a million paths. */
const MAX_OUTPUT = 256 * 1024 * 1024;
/** The prefix that `git ls-files -t` prints for an entry marked skip-worktree. */
const SKIPPED = 'S ';

/**
 * Returns the manifests below some folders that are in Git's index but not in a sparse checkout. Returns an empty list
 * outside a repository or without Git. Paths are relative to `cwd`, with forward slashes.
 */
export function sparseManifests(cwd: string, folders: readonly string[]): readonly string[] {
  // Loaded on demand, because only a plan needs it and loading it takes a millisecond or two.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  try {
    const listed = execFileSync('git', ['ls-files', '-t', '-z', '--', ...folders], {
      cwd,
      encoding: 'utf8',
      maxBuffer: MAX_OUTPUT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const skipped = listed.split('\0').filter((entry) => entry.startsWith(SKIPPED));
    return skipped.map((entry) => entry.slice(SKIPPED.length)).filter(isManifestName);
  } catch {
    return [];
  }
}
