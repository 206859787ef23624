import type { Readable } from 'node:stream';

/** A stream that a command writes to. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Columns of the terminal; undefined off one. */
  readonly columns: number | undefined;
}

/** Everything that a command needs of the process it runs in; only the entry point builds one from the real thing. */
export interface World {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly version: string;
  /** Where the package is installed: its example manifests stand in there. */
  readonly packageFolder: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly interrupts: Interrupts;
}

export interface Interrupts {
  /** Aborted at the first SIGINT, SIGTERM or SIGHUP: start nothing new, finish what is in flight, record it. */
  readonly stop: AbortSignal;
  /** Aborted once finishing took too long. */
  readonly cut: AbortSignal;
  /** The exit code that the signal asks for, once one came. */
  readonly exitCode: () => 130 | 143 | undefined;
}
