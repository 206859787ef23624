import { escapeControlJson } from '../core/escape-control.ts';
import { eventDocument } from './documents.ts';
import type { Reporter, Sinks } from './reporter.ts';

export interface NdjsonOptions {
  /** Tells the lines of one run from those of another. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Every event as it happens, one flat JSON object a line. */
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
