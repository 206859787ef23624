import type { Report } from '../core/event.ts';

/** Turns the events of one run into text. Only reporters print. */
export interface Reporter {
  readonly report: Report;
  /** Prints what has to wait for the end of the run. */
  close(): Promise<void>;
}

/** The outputs of a reporter: stdout for the result; stderr for progress, warnings and prompts. */
export interface Sinks {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Returns the start of a line that fits into the terminal on stderr. Undefined without a terminal. */
  readonly fit?: (line: string) => string;
}

/** How text may look on each stream. */
export interface TerminalStyle {
  readonly color: { readonly out: boolean; readonly err: boolean };
  /** False if the terminal is not UTF-8, so that symbols are ASCII. */
  readonly unicode: boolean;
  /** The number of columns for wrapping lists. */
  readonly width: number;
  /** stderr is a terminal outside CI, so that a line can be redrawn. */
  readonly live: boolean;
  readonly quiet: boolean;
  /** Returns milliseconds since the epoch, to print ages. */
  readonly now: () => number;
}
