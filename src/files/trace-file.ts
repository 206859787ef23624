import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Failure } from '../core/diagnostic.ts';

// Windows has neither O_NOFOLLOW nor O_NONBLOCK, and Node leaves them undefined there. Without O_NONBLOCK, opening a
// pipe would wait for a reader.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | O_NOFOLLOW | O_NONBLOCK;

export interface TraceFile {
  append(line: string): void;
  close(): void;
}

/**
 * Opens the file of `--trace` with mode 0600: only a regular file, and never through a link. A file that can't be
 * opened ends the run before it sends anything. A later write error stops only the trace, because the apply matters
 * more. Throws `Failure('disk-failure')`.
 */
export function openTraceFile(path: string, displayPath: string): TraceFile {
  let file: number | undefined = open(path, displayPath);
  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    append: (line) => {
      if (file === undefined) return;
      try {
        const bytes = Buffer.from(`${line}\n`);
        for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      } catch {
        close();
      }
    },
    close,
  };
}

function open(path: string, displayPath: string): number {
  let file: number | undefined;
  try {
    file = openSync(path, APPEND, 0o600);
    if (fstatSync(file).isFile()) return file;
    throw new Error('it is not a regular file');
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    throw new Failure('disk-failure', `could not write ${displayPath}: ${reasonOf(cause)}`, {
      cause,
      hint: 'choose a new file or a regular file for --trace',
    });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && cause.code === 'ELOOP') return 'it is a link, and connsync does not follow links';
  return cause.message.replace(/, \w+ '.*$/, '');
}
