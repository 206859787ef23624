import type { Readable } from 'node:stream';
import type { Abort, Clock } from '../core/clock.ts';
import type { StateStore } from '../core/ports.ts';
import type { Reporter } from '../reporters/reporter.ts';

/** A stream that a command writes to. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Aborted once nobody reads any more. Left out where that can't happen. */
  readonly closed?: AbortSignal;
  /** Columns of the terminal; undefined off one. */
  readonly columns: number | undefined;
}

/** Everything that a command needs of the process it runs in; only the entry point builds one from the real thing. */
export interface Runtime {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly version: string;
  /** Where the package is installed: its example manifests stand in there. */
  readonly packageFolder: string;
  readonly clock: Clock;
  readonly interrupts: Interrupts;
  /** Where lockfiles live: files beside the manifests, unless a rim knows better. */
  readonly openStore?: (lockfile: LockfilePath) => StateStore;
  /** Told of every event beside the reporter for `--format`. */
  readonly beside?: readonly Reporter[];
}

/** Which lockfile a command is about. */
export interface LockfilePath {
  /** Absolute, and as messages show it. */
  readonly path: string;
  readonly shown: string;
}

/** SIGINT, SIGTERM and SIGHUP as the two steps in which a run ends early. */
export interface Interrupts extends Abort {
  /** The exit code that the signal asks for, once one came. */
  readonly exitCode: () => 130 | 143 | undefined;
}
