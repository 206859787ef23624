import { problem, type Problem } from '../core/diagnostic.ts';

/** A folder that does not exist is not treated as empty: its name is probably wrong. */
export function missingFolder(folder: string, folders: readonly string[]): Problem {
  const hint =
    folders.length > 1
      ? 'create it, or remove it from --dir'
      : 'create it with connsync init, or choose another folder with --dir';
  return problem('missing-folder', `the folder ${folder}/ does not exist`, { hint });
}
