import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { SETTINGS_FILE, type Inputs } from '../../session/workspace.ts';

/**
 * What stands beside the manifests and decides over a plan too: the settings as they are understood, the lockfile byte by byte,
 * and whether an apply was interrupted. One that is under way is waited for: it changes the lockfile when it ends.
 */
export function fingerprintsBeside(
  { settings, problems }: Pick<Inputs, 'settings' | 'problems'>,
  { path, shown }: Inputs['lockfile'],
): ReadonlyMap<string, string> {
  return new Map([
    [SETTINGS_FILE, JSON.stringify([settings, problems])],
    [shown, digestOf(path)],
    [`${shown}.journal`, existsSync(`${path}.journal`) && !existsSync(`${path}.lock`) ? 'left' : ''],
  ]);
}

function digestOf(path: string): string {
  try {
    // Who opens a pipe waits until somebody writes to it.
    if (!lstatSync(path).isFile()) return 'no file';
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    // Missing, or nothing that can be read: the plan says which.
    return '';
  }
}
