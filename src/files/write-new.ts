import {
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Failure } from '../core/diagnostic.ts';
import { diskFailure } from './atomic-write.ts';

/**
 * Creates a new file atomically, with its parent folders, none of which may be a link below `root`. Returns false and
 * changes nothing if the path already exists. Throws `Failure('disk-failure')`.
 */
export function writeNew(root: string, path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    refuseLinks(root, path);
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
      0o644,
    );
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // A hard link is created only if the path does not exist, even if another process creates it at the same time.
    linkSync(temporary, path);
    return true;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw diskFailure(`could not write ${path}`, cause);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Throws if a folder of the path is a link. A file written through it could end up outside the repository, where no run
 * would read it.
 */
function refuseLinks(root: string, path: string): void {
  let at = root;
  for (const step of relative(root, dirname(path)).split(sep)) {
    at = join(at, step);
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new Failure(
        'disk-failure',
        `could not write ${path}: the folder ${step} is a link, and connsync does not follow links`,
        { hint: 'replace it with a regular folder, then run the command again' },
      );
  }
}
