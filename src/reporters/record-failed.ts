import { escapeControl } from '../core/escape-control.ts';
import type { Reporter } from './reporter.ts';

/**
 * What was done and could not be recorded, in full, on stderr, whatever the format: it is the only copy. Lines are those that the
 * lockfile would have; printable text of JSON is the same JSON.
 */
export function recordFailedReporter(err: (text: string) => void): Reporter {
  return {
    report: (event) => {
      if (event.type !== 'record-failed') return;
      const { file, lines, removed } = event;
      err(`This was done in Datadog, and could not be recorded in ${escapeControl(file)}:\n`);
      for (const line of lines) err(`${line.replace(UNSAFE, escaped)}\n`);
      for (const key of removed) err(`deleted: ${escapeControl(key)}\n`);
      err(
        `Keep these lines. Once ${escapeControl(file)} can be written, connsync apply records them again: it looks at what is live first.\n`,
      );
    },
    close: async () => {},
  };
}

// JSON.stringify leaves these as they are; inside a JSON text an escape means the same.
const UNSAFE = /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
