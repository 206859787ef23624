import type { Report } from '../core/event.ts';

/** Turns the events of one run into text. Nothing else prints. */
export interface Reporter {
  readonly report: Report;
  /** Prints what waits for the end of the run. */
  close(): Promise<void>;
}

/** Where a reporter writes: stdout is the answer, stderr is progress, warnings and prompts. */
export interface Sinks {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** As much of a line as fits into the terminal that stderr is; left out off one. */
  readonly fit?: (line: string) => string;
}

/** How text may look on its stream. */
export interface TerminalStyle {
  readonly color: { readonly out: boolean; readonly err: boolean };
  /** False where the terminal is not UTF-8: symbols then have ASCII twins. */
  readonly unicode: boolean;
  /** Columns to wrap lists at. */
  readonly width: number;
  /** stderr is a terminal outside CI, so that one line may be rewritten. */
  readonly live: boolean;
  readonly quiet: boolean;
  /** Milliseconds since the epoch: how long ago something was is told by it. */
  readonly now: () => number;
}
