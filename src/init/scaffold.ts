import { compact } from '../core/compact.ts';
import { CONNECTION_SCHEMA, EDITOR_SETTINGS, SETTINGS_SCHEMA } from './paths.ts';
import type { ScaffoldOptions } from './scaffold-files.ts';

/**
 * Decides what to do about one file:
 *
 * | wanted | existing                 | action                              |
 * | ------ | ------------------------ | ----------------------------------- |
 * | a file | nothing                  | write it                            |
 * | a file | anything                 | leave it, whatever it contains      |
 * | lines  | nothing                  | write a file with the lines         |
 * | lines  | text with all of them    | leave it                            |
 * | lines  | text without some        | append the missing lines            |
 * | lines  | not UTF-8 text           | leave it, and report missing lines  |
 */
export type FileStep =
  | { readonly kind: 'write'; readonly file: string; readonly text: string }
  | { readonly kind: 'append'; readonly file: string; readonly text: string; readonly appended: readonly string[] }
  | { readonly kind: 'leave'; readonly file: string; readonly hint?: string };

/** Contents of existing files by path: text, or null if the file is not UTF-8. */
export type ExistingFiles = ReadonlyMap<string, string | null>;

/** Compares the wanted files with the existing ones. Never overwrites an existing file. */
export function scaffold(files: readonly ScaffoldOptions[], existingFiles: ExistingFiles): readonly FileStep[] {
  return files.map((wanted) => {
    const existing = existingFiles.get(wanted.file);
    if (wanted.kind === 'lines') return linesStep(wanted, existing);
    if (existing === undefined) return { kind: 'write', file: wanted.file, text: wanted.text };
    const hint = existing === wanted.text ? undefined : hintFor(wanted, existing ?? '');
    return { kind: 'leave', file: wanted.file, ...compact({ hint }) };
  });
}

function linesStep(
  { file, lines }: ScaffoldOptions & { readonly kind: 'lines' },
  existing: string | null | undefined,
): FileStep {
  if (existing === undefined) return { kind: 'write', file, text: `${lines.join('\n')}\n` };
  if (existing === null)
    return {
      kind: 'leave',
      file,
      hint: `add these lines yourself, because the file is not UTF-8 text: ${lines.join(', ')}`,
    };
  const present = new Set(existing.split(/\r?\n/).map((line) => line.trim()));
  const appended = lines.filter((line) => !present.has(line));
  if (appended.length === 0) return { kind: 'leave', file };
  const end = existing.includes('\r\n') ? '\r\n' : '\n';
  const before = existing === '' || existing.endsWith('\n') ? existing : `${existing}${end}`;
  return { kind: 'append', file, text: `${before}${appended.map((line) => line + end).join('')}`, appended };
}

function hintFor({ file, text }: ScaffoldOptions & { readonly kind: 'file' }, existing: string): string | undefined {
  switch (file) {
    case EDITOR_SETTINGS:
      // The file may contain comments and other settings, so init doesn't rewrite it.
      return existing.includes(CONNECTION_SCHEMA) ? undefined : `add to it: ${membersOf(text)}`;
    case CONNECTION_SCHEMA:
    case SETTINGS_SCHEMA:
      return 'delete it and run connsync init again, because another version wrote it';
    default:
      return undefined;
  }
}

/** Returns the members of a JSON object on one line, to paste into another object. */
function membersOf(json: string): string {
  return JSON.stringify(JSON.parse(json)).slice(1, -1);
}
