import { gzipSync } from 'node:zlib';

/**
 * Returns about 260 KB of gzip that decompress to 256 MiB of spaces, to exhaust a client that decompresses without a
 * limit.
 */
export function gzipBomb(): Buffer {
  return (made ??= makeGzipBomb());
}

let made: Buffer | undefined;

/** A gzip file may be a concatenation of gzip files, so building it needs little memory. */
function makeGzipBomb(): Buffer {
  const mebibyte = gzipSync(Buffer.alloc(1024 * 1024, ' '), { level: 9 });
  return Buffer.concat(Array.from({ length: 256 }, () => mebibyte));
}
