import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
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
    // Where a file stands on the way there, removing would fail too, in words that are of no help.
    if (existsSync(temporary)) rmSync(temporary, { force: true });
    throw writeFailure(path, cause);
  }
}

/** What the disk refused, as a Failure that says the system's reason, and what to do about that one. */
export function diskFailure(what: string, cause: unknown): Failure {
  // Node's message repeats the path, and that of the temporary file.
  const reason = cause instanceof Error ? cause.message.replace(/, \w+ '.*$/, '') : String(cause);
  return new Failure('disk-failure', `${what}: ${reason}`, { cause, hint: `${remedyOf(cause)}, then run again` });
}

function remedyOf(cause: unknown): string {
  switch (systemCode(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'free some space';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'mend the rights';
    default:
      return 'free some space or mend the rights';
  }
}

/** Of a file that there is no place for, the folder that is missing is the reason. */
function writeFailure(path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const folder = dirname(path);
  if (systemCode(cause) === 'ENOENT' && !existsSync(folder))
    return unwritable(path, `there is no folder ${folder}`, 'make it, or name a file in another one');
  if (systemCode(cause) === 'ENOTDIR') return unwritable(path, `${folder} is no folder`, 'name a file in another one');
  return diskFailure(`could not write ${path}`, cause);
}

function unwritable(path: string, why: string, hint: string): Failure {
  return new Failure('disk-failure', `could not write ${path}: ${why}`, { hint });
}

function systemCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

/** The mode for the new file. Throws where the path is a link, a pipe or a device, since a rename would silently replace it. */
function modeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true)
    throw unwritable(path, 'it is a link, and links are never followed', 'name the file itself, or remove the link');
  if (stat?.isDirectory() === true) throw unwritable(path, 'it is a folder', 'name a file: one in it, or another');
  if (stat !== undefined && !stat.isFile())
    throw unwritable(path, 'it is no regular file', 'name another file, or remove this one');
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
