import { gzipSync } from 'node:zlib';

/** Some 260 KB of gzip that unpack to 256 MiB of spaces, to fill the memory of whoever unpacks without a limit. */
export function gzipBomb(): Buffer {
  return (made ??= makeGzipBomb());
}

let made: Buffer | undefined;

/** A gzip file may be a row of gzip files: made so, it costs the emulator itself no memory. */
function makeGzipBomb(): Buffer {
  const mebibyte = gzipSync(Buffer.alloc(1024 * 1024, ' '), { level: 9 });
  return Buffer.concat(Array.from({ length: 256 }, () => mebibyte));
}
