import { join, relative, resolve, sep } from 'node:path';
import { isManifestName } from '../core/manifest-name.ts';
import { Failure } from '../core/diagnostic.ts';
import { displayPath } from './display-path.ts';
import { SETTINGS_FILE, type Workspace } from './workspace.ts';

/**
 * Whatever a command writes where it is told to must not take the place of what connsync lives by. Throws a Failure (3) where the
 * path is that of the settings, the lockfile or what stands beside it, or would be read as a manifest.
 */
export function refuseOwnFiles(
  path: string,
  { folders, lockfiles }: Pick<Workspace, 'folders' | 'lockfiles'>,
  cwd: string,
): void {
  const what = ownFile(path, { folders, lockfiles }, cwd);
  if (what === undefined) return;
  throw new Failure('usage', `${displayPath(cwd, path)} is ${what}, and is not overwritten`, {
    hint: 'name another file',
  });
}

function ownFile(
  path: string,
  { folders, lockfiles }: Pick<Workspace, 'folders' | 'lockfiles'>,
  cwd: string,
): string | undefined {
  if (path === join(cwd, SETTINGS_FILE)) return 'the settings';
  if (path.startsWith(join(cwd, '.connsync') + sep)) return "in connsync's own folder";
  for (const { path: lockfile } of lockfiles) {
    if (path === lockfile) return 'the lockfile';
    if ([`${lockfile}.journal`, `${lockfile}.lock`].includes(path)) return 'part of the lockfile';
  }
  const isManifest = folders.shown.some((folder) => {
    const within = relative(resolve(cwd, folder), path);
    const isHidden = within.split(sep).some((name) => name.startsWith('.'));
    return within !== '' && !isHidden && isManifestName(path);
  });
  return isManifest ? 'a manifest' : undefined;
}
