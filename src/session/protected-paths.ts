import { join, relative, resolve, sep } from 'node:path';
import { isManifestName } from '../core/manifest-name.ts';
import { Failure } from '../core/diagnostic.ts';
import { displayPath } from './display-path.ts';
import { SETTINGS_FILE, type Workspace } from './workspace.ts';

/**
 * Throws a Failure `usage` (exit code 3) if `path` is connsync.yaml, a lockfile or its journal, a file in `.connsync/`,
 * or a path that would be read as a manifest.
 */
export function rejectProtectedPath(
  path: string,
  { folders, lockfiles }: Pick<Workspace, 'folders' | 'lockfiles'>,
  cwd: string,
): void {
  const role = protectedAs(path, { folders, lockfiles }, cwd);
  if (role === undefined) return;
  throw new Failure('usage', `${displayPath(cwd, path)} is ${role}; connsync does not overwrite it`, {
    hint: 'choose another path',
  });
}

function protectedAs(
  path: string,
  { folders, lockfiles }: Pick<Workspace, 'folders' | 'lockfiles'>,
  cwd: string,
): string | undefined {
  if (path === join(cwd, SETTINGS_FILE)) return 'the settings file';
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
