import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import type { Code } from '../core/codes.ts';

/** The bytes of a file, or the problem that prevented reading it. */
export type ReadResult =
  { readonly bytes: Uint8Array } | { readonly code: Code; readonly message: string; readonly hint: string };
type Refusal = Exclude<ReadResult, { readonly bytes: Uint8Array }>;

/** The buffer for the bytes of every file. It grows to the largest limit used so far. */
let buffer = new Uint8Array(0);

/**
 * Reads a regular file of up to `limit` bytes, and rejects a longer one. `file` is absolute. The bytes are valid
 * until the next call. Never throws, follows no link and never blocks: opening a pipe would wait for a writer.
 */
export function readManifestBytes(file: string, limit: number): ReadResult {
  let descriptor: number;
  try {
    descriptor = openSync(file, OPEN_FLAGS);
  } catch (error) {
    return refusal(error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return NOT_REGULAR;
    if (stat.size > limit) return tooLarge(limit);
    return readAll(descriptor, stat.size, limit);
  } catch (error) {
    return refusal(error);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * For this many milliseconds after a change, a file can change again and keep the same timestamps, because FAT has a
 * resolution of two seconds.
 */
const RECENT_MS = 2_500;

/**
 * Returns a stamp of a regular file; every write to the file changes its stamp. Returns undefined if the file changed
 * too recently, or doesn't exist. `now` is in milliseconds since the epoch.
 */
export function stampOf(file: string, now: number): string | undefined {
  const stat = statOf(file);
  if (stat?.isFile() !== true) return undefined;
  const { ctimeMs, ctimeNs, mtimeNs, ino, size } = stat;
  return now - Number(ctimeMs) < RECENT_MS ? undefined : `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/**
 * Returns the status of a file, or undefined if there is no permission to get it. Reading the file then reports the
 * error.
 */
function statOf(file: string): BigIntStats | undefined {
  try {
    return lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Returns the first line of a regular file, from its first `limit` bytes. Returns an empty string if it can't be
 * read.
 */
export function readFirstLine(file: string, limit: number): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, OPEN_FLAGS);
    if (!fstatSync(descriptor).isFile()) return '';
    const bytes = Buffer.alloc(limit);
    const length = readSync(descriptor, bytes, 0, limit, 0);
    return bytes.toString('utf8', 0, length).split('\n', 1)[0] ?? '';
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

// Windows has neither O_NOFOLLOW nor O_NONBLOCK, and Node leaves them undefined there.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants> & { O_RDONLY: number };
const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

const NOT_REGULAR = {
  code: 'linked-file',
  message: 'this is a link or a special file, which connsync does not read',
  hint: 'replace it with a regular file, or delete it',
} as const;

function tooLarge(limit: number): Refusal {
  return {
    code: 'file-too-large',
    message: `the file is larger than ${limit / 1024} KiB`,
    hint: 'split it into several manifests',
  };
}

// Reads an open file. The file may grow or shrink meanwhile; only the bytes read count, up to the limit.
function readAll(descriptor: number, size: number, limit: number): ReadResult {
  if (buffer.length <= limit) buffer = new Uint8Array(limit + 1);
  let length = 0;
  while (length <= limit) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += read;
    if (read === 0 || (length === size && size > 0)) return { bytes: buffer.subarray(0, length) };
  }
  return tooLarge(limit);
}

function refusal(error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // ELOOP and EMLINK mean that the file is a link, which O_NOFOLLOW rejects. ENXIO means that it is a socket.
  if (code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO') return NOT_REGULAR;
  if (code === 'ENOENT') return unreadable('the file does not exist', 'check its name, or run the command again');
  if (code === 'EACCES' || code === 'EPERM') return unreadable('you do not have permission to read the file', RIGHTS);
  const message = error instanceof Error ? error.message.replace(/, \w+ '.*$/, '') : String(error);
  return unreadable(`connsync can't read the file: ${message}`, RIGHTS);
}

const RIGHTS = 'fix its permissions, or move it elsewhere';

function unreadable(message: string, hint: string): Refusal {
  return { code: 'unreadable-file', message, hint };
}
