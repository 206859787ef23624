import { createHash } from 'node:crypto';

/** SHA-256 of bytes, a text's in UTF-8, as 64 hex digits. A file of its own, so that what needs no hash doesn't load the library. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

const CHECKSUM = /^sha256:[0-9a-f]{64}$/;

/** Returns whether a text has the form of a plan's checksum. */
export function isChecksum(text: string): boolean {
  return CHECKSUM.test(text);
}
