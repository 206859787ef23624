import { appendFileSync, closeSync, openSync } from 'node:fs';
import { Failure } from '../core/diagnostic.ts';
import type { LogLine } from './log-line.ts';

/** A log file in JSON Lines. Lines are appended if the file already exists. */
export interface LogFile {
  /** Writes the line immediately, so that a killed emulator's log is complete. Never throws. */
  readonly write: (line: LogLine) => void;
  /** Closes the file. Throws a Failure if a line could not be written. */
  readonly close: () => void;
}

/** Opens a log file. Throws a Failure if that fails. */
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
      if (failed !== undefined) throw unwritable('is incomplete', path, failed);
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    throw unwritable("can't be opened", path, cause);
  }
}

function unwritable(what: string, path: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Failure('disk-failure', `The log ${path} ${what}: ${why}`, { hint: 'use another file for --log', cause });
}
