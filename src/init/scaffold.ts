import { CONNECTION_SCHEMA, EDITOR_SETTINGS, SETTINGS_SCHEMA } from './paths.ts';
import type { ScaffoldOptions } from './scaffold-files.ts';

/**
 * What to do about one file:
 *
 * | wanted | stands there            | then                                      |
 * | ------ | ----------------------- | ----------------------------------------- |
 * | a file | nothing                 | write it                                  |
 * | a file | anything                | leave it, whatever it says                |
 * | lines  | nothing                 | write a file of them                      |
 * | lines  | a text with all of them | leave it                                  |
 * | lines  | a text without some     | append those                              |
 * | lines  | no text                 | leave it, and say which lines it lacks    |
 */
export type Step =
  | { readonly kind: 'write'; readonly file: string; readonly text: string }
  | { readonly kind: 'append'; readonly file: string; readonly text: string; readonly appended: readonly string[] }
  | { readonly kind: 'leave'; readonly file: string; readonly hint?: string };

/** What stands somewhere: its text, or null for what is no text in UTF-8. */
export type ExistingFiles = ReadonlyMap<string, string | null>;

/** Holds what is wanted against what stands there already: nothing that somebody wrote is ever lost. */
export function scaffold(wanted: readonly ScaffoldOptions[], standing: ExistingFiles): readonly Step[] {
  return wanted.map((one) => {
    const there = standing.get(one.file);
    if (one.kind === 'lines') return linesStep(one, there);
    if (there === undefined) return { kind: 'write', file: one.file, text: one.text };
    const hint = there === one.text ? undefined : hintFor(one, there ?? '');
    return { kind: 'leave', file: one.file, ...(hint === undefined ? {} : { hint }) };
  });
}

function linesStep(
  { file, lines }: ScaffoldOptions & { readonly kind: 'lines' },
  there: string | null | undefined,
): Step {
  if (there === undefined) return { kind: 'write', file, text: `${lines.join('\n')}\n` };
  if (there === null) return { kind: 'leave', file, hint: `it is not UTF-8 text; add to it: ${lines.join(', ')}` };
  const present = new Set(there.split(/\r?\n/).map((line) => line.trim()));
  const appended = lines.filter((line) => !present.has(line));
  if (appended.length === 0) return { kind: 'leave', file };
  const end = there.includes('\r\n') ? '\r\n' : '\n';
  const before = there === '' || there.endsWith('\n') ? there : `${there}${end}`;
  return { kind: 'append', file, text: `${before}${appended.map((line) => line + end).join('')}`, appended };
}

function hintFor({ file, text }: ScaffoldOptions & { readonly kind: 'file' }, there: string): string | undefined {
  switch (file) {
    case EDITOR_SETTINGS:
      // It may hold comments and more, which nobody would want rewritten.
      return there.includes(CONNECTION_SCHEMA) ? undefined : `add to it: ${membersOf(text)}`;
    case CONNECTION_SCHEMA:
    case SETTINGS_SCHEMA:
      return "it is another version's; delete it and run connsync init again";
    default:
      return undefined;
  }
}

/** The members of a JSON object in one line, to be pasted into another. */
function membersOf(json: string): string {
  return JSON.stringify(JSON.parse(json)).slice(1, -1);
}
