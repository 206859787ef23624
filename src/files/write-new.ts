import { constants, linkSync, mkdirSync, openSync, closeSync, fsyncSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { diskFailure } from './atomic-write.ts';

/**
 * Makes a file that does not exist yet, whole and at once, with the folders above it. False where something stands there
 * already: that is left as it is. Throws a Failure `disk-failure`.
 */
export function writeNew(path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644);
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
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw diskFailure(`could not write ${path}`, cause);
  } finally {
    rmSync(temporary, { force: true });
  }
}
