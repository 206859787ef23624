import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Failure } from '../core/diagnostic.ts';

// Windows knows neither of the last two, and Node leaves them undefined there. Without O_NONBLOCK a pipe would wait for a reader.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | O_NOFOLLOW | O_NONBLOCK;

export interface TraceFile {
  append(line: string): void;
  close(): void;
}

/**
 * A file for `--trace`: 0600, never through a link, never anything but a regular file. One that can't be opened ends the run
 * before anything is sent; one that fails later is given up, since an apply matters more than its trace. Throws a Failure
 * `disk-failure`.
 */
export function openTraceFile(path: string, shown: string): TraceFile {
  let file: number | undefined = open(path, shown);
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

function open(path: string, shown: string): number {
  let file: number | undefined;
  try {
    file = openSync(path, APPEND, 0o600);
    if (fstatSync(file).isFile()) return file;
    throw new Error('it is no regular file');
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    throw new Failure('disk-failure', `could not write ${shown}: ${reasonOf(cause)}`, {
      cause,
      hint: 'name another file with --trace: a new one, or a regular file',
    });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && cause.code === 'ELOOP') return 'it is a link, and links are never followed';
  return cause.message.replace(/, \w+ '.*$/, '');
}
