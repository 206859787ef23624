import type { Report } from '../core/event.ts';

/** Turns the events of one run into text. Only reporters print. */
export interface Reporter {
  readonly report: Report;
  /** Prints the output that has to wait for the end of the run. */
  close(): Promise<void>;
}

/** The outputs of a reporter: stdout for the result; stderr for progress, warnings and prompts. */
export interface Sinks {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Truncates a line to the width of the terminal on stderr. Undefined if stderr is not a terminal. */
  readonly fit?: (line: string) => string;
}

/** The style of text on each stream. */
export interface TerminalStyle {
  readonly color: { readonly out: boolean; readonly err: boolean };
  /** Whether the terminal uses UTF-8. If it doesn't, symbols are ASCII. */
  readonly unicode: boolean;
  /** The width in columns at which lists are wrapped. */
  readonly width: number;
  /** Whether stderr is a terminal outside CI, so that a line can be redrawn. */
  readonly live: boolean;
  readonly quiet: boolean;
  /** Returns the current time in milliseconds since the epoch, for printing ages. */
  readonly now: () => number;
}
