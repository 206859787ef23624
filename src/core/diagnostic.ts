import { compact } from './compact.ts';
import { codeEntry, type Code } from './codes.ts';

/**
 * Something wrong, with its address. `file` is relative to the working directory with forward slashes;
 * lines and columns count from 1; the end is exclusive. Problems without a file (keys, network) leave the place out.
 */
export interface Problem {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The one next step. */
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** The lines around the place, for the code frame of human output; no part of any JSON. */
  readonly excerpt?: Excerpt;
}

/** A few whole lines of a source; `line` is the 1-based number of the first of them. */
export interface Excerpt {
  readonly line: number;
  readonly text: string;
}

/** Builds a problem whose severity is the one that the table of codes gives it. */
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

/** The exit codes of the contract in `docs/reference.md`, beside 130 and 143 for signals. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130 | 143;

/**
 * An expected failure: it ends the command, with the exit code of its code. Anything else that is thrown is a bug of ours.
 * The message never holds a key.
 */
export class Failure extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  /** `file` and, where it is known, the 1-based line and column that the failure is about. */
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

  /** The same as a problem, as the documents of `--format json` list it. */
  toProblem(): Problem {
    return { ...problem(this.code, this.message, this.place), ...compact({ hint: this.hint }) };
  }
}

/** What a failure says beside its code and message: the one next step, the file that it is about, and what caused it. */
export interface FailureOptions {
  readonly hint?: string;
  readonly place?: { readonly file: string; readonly line?: number; readonly column?: number };
  readonly cause?: unknown;
}

/** The same for two tellings of one problem: a line moves with every edit above it, and makes no other problem of it. */
export function problemIdentity({ code, message, file = '' }: Problem): string {
  return `${code} ${file} ${message}`;
}
