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
 * Replaces a file atomically: at every moment it has either the complete old or the complete new bytes, on disk.
 * Writes all bytes to a temporary file in the same folder, then fsync, read back, rename, and fsync of the folder.
 * This is not the write-file-atomic library, because that returned success after a short write on a full disk. Keeps
 * the mode of the old file and never writes through a link. Throws `Failure('disk-failure')` and leaves the old file
 * unchanged.
 */
export function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeWhole(temporary, text, modeOf(path));
    if (readFileSync(temporary, 'utf8') !== text) throw new Error('the file has different contents when read back');
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    // Removing the temporary file can fail for the same reason, with a less helpful message.
    if (existsSync(temporary)) rmSync(temporary, { force: true });
    throw writeFailure(path, cause);
  }
}

/** Returns the Failure for a disk error, with the system's reason and a hint for it. */
export function diskFailure(what: string, cause: unknown): Failure {
  // Node's message contains the paths of the file and of the temporary file, so only its reason is used.
  const reason = cause instanceof Error ? cause.message.replace(/, \w+ '.*$/, '') : String(cause);
  return new Failure('disk-failure', `${what}: ${reason}`, {
    cause,
    hint: `${remedyOf(cause)}, then run the command again`,
  });
}

function remedyOf(cause: unknown): string {
  switch (systemCode(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'free some space';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'fix the permissions';
    default:
      return 'free some space or fix the permissions';
  }
}

/** Returns the Failure for a failed write. If the parent folder is missing, the message names that folder. */
function writeFailure(path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const folder = dirname(path);
  if (systemCode(cause) === 'ENOENT' && !existsSync(folder))
    return unwritable(path, `the folder ${folder} does not exist`, 'create it, or choose a file in another folder');
  if (systemCode(cause) === 'ENOTDIR')
    return unwritable(path, `${folder} is not a folder`, 'choose a file in another folder');
  return diskFailure(`could not write ${path}`, cause);
}

function unwritable(path: string, why: string, hint: string): Failure {
  return new Failure('disk-failure', `could not write ${path}: ${why}`, { hint });
}

function systemCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

/**
 * Returns the mode for the new file. Throws if the path is a link, a pipe or a device, because a rename would
 * silently replace it.
 */
function modeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true)
    throw unwritable(
      path,
      'it is a link, and connsync does not follow links',
      'pass the target file, or remove the link',
    );
  if (stat?.isDirectory() === true)
    throw unwritable(path, 'it is a folder', 'choose a file in that folder, or elsewhere');
  if (stat !== undefined && !stat.isFile())
    throw unwritable(path, 'it is not a regular file', 'choose another file, or remove this one');
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

/** Makes the rename durable. Windows can't open a folder, and doesn't need this. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
