import { createHash } from 'node:crypto';

/**
 * Returns the SHA-256 of bytes or of a text in UTF-8, as 64 hex digits. The function has its own file, so that code
 * that needs no hash doesn't load the crypto library.
 */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

const CHECKSUM = /^sha256:[0-9a-f]{64}$/;

/** Returns whether a text has the format of a plan's checksum. */
export function isChecksum(text: string): boolean {
  return CHECKSUM.test(text);
}
