import { compact } from './compact.ts';
import { codeEntry, type Code } from './codes.ts';

/**
 * An error or warning with its location. `file` is relative to the working directory with forward slashes; lines and
 * columns count from 1; the end position is exclusive. Problems that concern no file, such as keys or network, have no
 * location.
 */
export interface Problem {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The next step for the user, such as a command to run. */
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** The lines around the location, for the code frame of human output. Not part of any JSON. */
  readonly excerpt?: Excerpt;
}

/** A few whole lines of a file. `line` is the 1-based number of the first one. */
export interface Excerpt {
  readonly line: number;
  readonly text: string;
}

/** Returns a problem with the severity that `CODES` defines for its code. */
export function problem(
  code: Code,
  message: string,
  rest: Omit<Problem, 'code' | 'severity' | 'message'> = {},
): Problem {
  return { code, severity: codeEntry(code).severity, message, ...rest };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

/** The exit codes documented in `docs/reference.md`, plus 130 and 143 for signals. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130 | 143;

/**
 * An expected failure. It ends the command with the exit code that `CODES` defines. Any other thrown error is a bug.
 * The message never contains credentials.
 */
export class Failure extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  /** The file that the failure concerns, with the 1-based line and column if known. */
  readonly place: { readonly file: string; readonly line?: number; readonly column?: number } | undefined;

  constructor(code: Code, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.hint = options.hint;
    this.place = options.place;
  }

  get exitCode(): ExitCode {
    return codeEntry(this.code).exit ?? 1;
  }

  /** Returns the failure as a problem, as listed by `--format json`. */
  toProblem(): Problem {
    return { ...problem(this.code, this.message, this.place), ...compact({ hint: this.hint }) };
  }
}

/** The next step, the location and the cause of a failure. */
export interface FailureOptions {
  readonly hint?: string;
  readonly place?: { readonly file: string; readonly line?: number; readonly column?: number };
  readonly cause?: unknown;
}

/**
 * Returns a text that identifies a problem when it is reported again. The text doesn't contain the line, which moves
 * with every edit above it.
 */
export function problemIdentity({ code, message, file = '' }: Problem): string {
  return `${code} ${file} ${message}`;
}
