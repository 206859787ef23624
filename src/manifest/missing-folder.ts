import { problem, type Problem } from '../core/diagnostic.ts';

/** A folder that does not exist is not the same as an empty one: most likely the name is wrong. */
export function missingFolder(folder: string, folders: readonly string[]): Problem {
  const hint =
    folders.length > 1
      ? 'make it, or leave it out of --dir'
      : 'make it, begin with connsync init, or name another with --dir';
  return problem('missing-folder', `the folder ${folder}/ does not exist`, { hint });
}
