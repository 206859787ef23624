import type { Readable } from 'node:stream';
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
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly interrupts: Interrupts;
  /** Where lockfiles live: files beside the manifests, unless a rim knows better. */
  readonly openStore?: (lockfile: StoreOptions) => StateStore;
  /** Told of every event beside the reporter for `--format`. */
  readonly beside?: readonly Reporter[];
}

/** Which lockfile a command is about. */
export interface StoreOptions {
  /** Absolute, and as messages show it. */
  readonly path: string;
  readonly shown: string;
}

export interface Interrupts {
  /** Aborted at the first SIGINT, SIGTERM or SIGHUP: start nothing new, finish what is in flight, record it. */
  readonly stop: AbortSignal;
  /** Aborted once finishing took too long. */
  readonly cut: AbortSignal;
  /** The exit code that the signal asks for, once one came. */
  readonly exitCode: () => 130 | 143 | undefined;
}
