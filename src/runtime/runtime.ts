import type { Readable } from 'node:stream';
import type { Abort, Clock } from '../core/clock.ts';
import type { StateStore } from '../core/ports.ts';
import type { Reporter } from '../reporters/reporter.ts';

/** An output stream of the process. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Aborted when the reader closes the pipe. Undefined if that can't happen. */
  readonly closed?: AbortSignal;
  /** Width of the terminal in columns; undefined if the stream is not a terminal. */
  readonly columns: number | undefined;
}

/**
 * The process that a command runs in: streams, environment, signals. The entry points build it; tests build their
 * own.
 */
export interface Runtime {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly version: string;
  /** The folder of the installed package, which holds the example manifests. */
  readonly packageFolder: string;
  readonly clock: Clock;
  readonly interrupts: Interrupts;
  /** Opens the state store of a lockfile. Without it, the lockfile is a local file. */
  readonly openStore?: (lockfile: LockfilePath) => StateStore;
  /** Reporters that receive every event in addition to the one for `--format`. */
  readonly extraReporters?: readonly Reporter[];
}

export interface LockfilePath {
  /** Absolute path of the lockfile. */
  readonly path: string;
  readonly displayPath: string;
}

/**
 * SIGINT, SIGTERM and SIGHUP as two abort signals: `stop` ends the run early, and `cut` later aborts the requests still
 * in flight.
 */
export interface Interrupts extends Abort {
  /** Returns the exit code of the received signal; undefined before one arrives. */
  readonly exitCode: () => 130 | 143 | undefined;
}
