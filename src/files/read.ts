import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Code } from '../core/codes.ts';

/** Grows to the largest limit that was asked for, and is used again for every file. */
let buffer = new Uint8Array(0);

/**
 * Reads a regular file, up to `limit` bytes; a longer one is refused. `file` is absolute; the bytes are valid until the
 * next call. Never throws, follows no link and never waits: opening a pipe would block until somebody writes to it.
 */
export function readManifestBytes(
  file: string,
  limit: number,
): { readonly bytes: Uint8Array } | { readonly code: Code; readonly message: string } {
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

// Windows knows neither flag, and Node leaves them undefined there.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants> & { O_RDONLY: number };
const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

const NOT_REGULAR = { code: 'linked-file', message: 'this is a link or a special file, and is not read' } as const;

function tooLarge(limit: number): { readonly code: Code; readonly message: string } {
  return { code: 'file-too-large', message: `the file is larger than ${limit / 1024} KiB` };
}

// The file may grow or shrink meanwhile: what counts is what could be read, and never more than the limit.
function readAll(
  descriptor: number,
  size: number,
  limit: number,
): { readonly bytes: Uint8Array } | { readonly code: Code; readonly message: string } {
  if (buffer.length <= limit) buffer = new Uint8Array(limit + 1);
  let length = 0;
  while (length <= limit) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += read;
    if (read === 0 || (length === size && size > 0)) return { bytes: buffer.subarray(0, length) };
  }
  return tooLarge(limit);
}

function refusal(error: unknown): { readonly code: Code; readonly message: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // ELOOP: a link, which O_NOFOLLOW refuses. ENXIO: a socket.
  if (code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO') return NOT_REGULAR;
  if (code === 'ENOENT') return { code: 'unreadable-file', message: 'the file is gone' };
  if (code === 'EACCES' || code === 'EPERM') return { code: 'unreadable-file', message: 'the file may not be read' };
  const message = error instanceof Error ? error.message.replace(/, \w+ '.*$/, '') : String(error);
  return { code: 'unreadable-file', message: `the file can not be read: ${message}` };
}
