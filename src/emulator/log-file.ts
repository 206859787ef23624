import { appendFileSync, closeSync, openSync } from 'node:fs';
import { Failure } from '../core/diagnostic.ts';
import type { LogLine } from './log-line.ts';

/** A log on disk: JSON Lines, behind what is there already. */
export interface LogFile {
  /** Each line is in the file at once, so that an emulator that is killed has told all that it did. Never throws. */
  readonly write: (line: LogLine) => void;
  /** Throws a Failure where a line could not be written. */
  readonly close: () => void;
}

/** Throws a Failure where the file can't be opened. */
export function openLog(path: string): LogFile {
  const file = open(path);
  let failed: unknown;
  return {
    write: (line) => {
      try {
        appendFileSync(file, `${JSON.stringify(line)}\n`);
      } catch (cause) {
        failed ??= cause;
      }
    },
    close: () => {
      closeSync(file);
      if (failed !== undefined) throw unwritable('is not whole', path, failed);
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    throw unwritable('can not be opened', path, cause);
  }
}

function unwritable(what: string, path: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Failure('disk-failure', `The log ${path} ${what}: ${why}`, { hint: 'choose another --log file', cause });
}
