import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import type { Code } from '../core/codes.ts';

/** What could be read, or why nothing could. */
export type Read =
  { readonly bytes: Uint8Array } | { readonly code: Code; readonly message: string; readonly hint: string };
type Refusal = Exclude<Read, { readonly bytes: Uint8Array }>;

/** Grows to the largest limit that was asked for, and is used again for every file. */
let buffer = new Uint8Array(0);

/**
 * Reads a regular file, up to `limit` bytes; a longer one is refused. `file` is absolute; the bytes are valid until the
 * next call. Never throws, follows no link and never waits: opening a pipe would block until somebody writes to it.
 */
export function readManifestBytes(file: string, limit: number): Read {
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

/** A file that was changed more recently may be changed once more with the same times, in milliseconds: FAT counts by twos. */
const RECENT_MS = 2_500;

/**
 * What the system notes of a regular file that changes with each write to it, whoever makes it; undefined where it is too young for
 * that, and where there is no such file. `now` is in milliseconds since the epoch.
 */
export function stampOf(file: string, now: number): string | undefined {
  const stat = statOf(file);
  if (stat?.isFile() !== true) return undefined;
  const { ctimeMs, ctimeNs, mtimeNs, ino, size } = stat;
  return now - Number(ctimeMs) < RECENT_MS ? undefined : `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** Undefined where it may not be looked at either: reading it says why. */
function statOf(file: string): BigIntStats | undefined {
  try {
    return lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The first line of a regular file, from its first `limit` bytes; of anything else, and where nothing can be read, nothing. */
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

// Windows knows neither flag, and Node leaves them undefined there.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants> & { O_RDONLY: number };
const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

const NOT_REGULAR = {
  code: 'linked-file',
  message: 'this is a link or a special file, and is not read',
  hint: 'put the file itself here, or delete this',
} as const;

function tooLarge(limit: number): Refusal {
  return {
    code: 'file-too-large',
    message: `the file is larger than ${limit / 1024} KiB`,
    hint: 'divide it into several manifests',
  };
}

// The file may grow or shrink meanwhile: what counts is what could be read, and never more than the limit.
function readAll(descriptor: number, size: number, limit: number): Read {
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
  // ELOOP: a link, which O_NOFOLLOW refuses. ENXIO: a socket.
  if (code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO') return NOT_REGULAR;
  if (code === 'ENOENT') return unreadable('there is no such file, or it is gone', 'look at its name, or run again');
  if (code === 'EACCES' || code === 'EPERM') return unreadable('the file may not be read', RIGHTS);
  const message = error instanceof Error ? error.message.replace(/, \w+ '.*$/, '') : String(error);
  return unreadable(`the file can not be read: ${message}`, RIGHTS);
}

const RIGHTS = 'mend its rights, or move it elsewhere';

function unreadable(message: string, hint: string): Refusal {
  return { code: 'unreadable-file', message, hint };
}
