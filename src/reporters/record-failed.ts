import { escapeControl } from '../core/escape-control.ts';
import type { Reporter } from './reporter.ts';

/**
 * Prints changes that were made in Datadog but could not be recorded. Prints them in full, on stderr, and in every
 * format, because this output is their only copy. Uses the lines of the lockfile, with unprintable characters as JSON
 * escapes.
 */
export function recordFailedReporter(err: (text: string) => void): Reporter {
  return {
    report: (event) => {
      if (event.type !== 'record-failed') return;
      const { file, lines, removed } = event;
      err(`These changes were made in Datadog, but could not be recorded in ${escapeControl(file)}:\n`);
      for (const line of lines) err(`${line.replace(UNSAFE, escaped)}\n`);
      for (const key of removed) err(`deleted: ${escapeControl(key)}\n`);
      err(
        `Keep these lines. Once ${escapeControl(file)} is writable, run connsync apply: it compares the manifests with Datadog and records the changes.\n`,
      );
    },
    close: async () => {},
  };
}

// JSON.stringify doesn't escape these characters. Escaping them doesn't change the meaning of the JSON.
const UNSAFE = /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
