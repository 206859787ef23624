import { escapeControlJson } from '../core/escape-control.ts';
import { eventDocument } from './documents.ts';
import type { Reporter, Sinks } from './reporter.ts';

export interface NdjsonOptions {
  /** The id of the run, which is in each of its lines. */
  readonly run: string;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** Prints every event as it happens, as one flat JSON object per line. */
export function ndjsonReporter({ out }: Sinks, { run, now }: NdjsonOptions): Reporter {
  let seq = 0;
  return {
    report: (event) => {
      const { type, ...members } = eventDocument(event);
      out(`${escapeControlJson({ type, run, seq: (seq += 1), at: new Date(now()).toISOString(), ...members })}\n`);
    },
    close: async () => {},
  };
}
