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
 * Makes a file that does not exist yet, whole and at once, with the folders above it, none of which below `root` may be a link.
 * False where something stands there already: that is left as it is. Throws a Failure `disk-failure`.
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
    // A link is made only where nothing stands, whoever else is making one.
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

/** What is written through a linked folder would stand where no run looks for it, or outside of the repository. */
function refuseLinks(root: string, path: string): void {
  let at = root;
  for (const step of relative(root, dirname(path)).split(sep)) {
    at = join(at, step);
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new Failure(
        'disk-failure',
        `could not write ${path}: the folder ${step} is a link, and links are never followed`,
        { hint: 'put the folder itself in its place, then run again' },
      );
  }
}
