import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../core/diagnostic.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Replaces a file so that at every moment either the old or the new bytes stand there, whole and on disk: a temporary file in
 * the same folder, every byte, fsync, read back, rename, fsync of the folder. Written here because the library for it
 * returned success after a short write on a full disk. Keeps the mode of the old file; never writes through a link.
 * Throws a Failure `disk-failure`; the old file is then as it was.
 */
export function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeWhole(temporary, text, modeOf(path));
    if (readFileSync(temporary, 'utf8') !== text) throw new Error('the file reads back differently');
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    rmSync(temporary, { force: true });
    if (cause instanceof Failure) throw cause;
    throw diskFailure(`could not write ${path}`, cause);
  }
}

/** What the disk refused, as a Failure that names the path and the system's reason. */
export function diskFailure(what: string, cause: unknown): Failure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Failure('disk-failure', `${what}: ${reason}`, {
    cause,
    hint: 'free some space or mend the rights, then run again',
  });
}

/** The mode for the new file. Throws where the path is a link, a pipe or a device, since a rename would silently replace it. */
function modeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true) throw new Error('it is a link, and links are never followed');
  if (stat !== undefined && !stat.isFile()) throw new Error('it is no regular file');
  return stat === undefined ? 0o644 : stat.mode & 0o777;
}

function writeWhole(path: string, text: string, mode: number): void {
  const file = openSync(path, NEW_FILE, mode);
  try {
    const bytes = Buffer.from(text, 'utf8');
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the rename itself durable. Windows has no handle on a folder, and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
