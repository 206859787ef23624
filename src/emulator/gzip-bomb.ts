import { gzipSync } from 'node:zlib';

/** Some 260 KB of gzip that unpack to 256 MiB of spaces, to fill the memory of whoever unpacks without a limit. */
export function bomb(): Buffer {
  return (made ??= makeBomb());
}

let made: Buffer | undefined;

/** A gzip file may be a row of gzip files: made so, it costs the emulator itself no memory. */
function makeBomb(): Buffer {
  const mebibyte = gzipSync(Buffer.alloc(1024 * 1024, ' '), { level: 9 });
  return Buffer.concat(Array.from({ length: 256 }, () => mebibyte));
}
