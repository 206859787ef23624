import type { Code } from '../core/codes.ts';

/** What there is to know about a code, beside its title, severity and exit code, which stand in the table of codes. */
export interface Explanation {
  /** What was found, in a sentence or two. */
  readonly means: string;
  /** What would come of it. */
  readonly why: string;
  /** Something that is told with this code, and the same put right. Tests run both. */
  readonly bad: Example;
  readonly good: Example;
  /** The one next step. */
  readonly next: string;
}

/**
 * A file as it stands, or a session at a shell: lines that begin with `$ ` are typed, the others are printed, and `…` in them
 * stands for what differs from run to run.
 */
export type Example =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'terminal'; readonly text: string };

/** Explanations of some of the codes. */
export type Chapter = { readonly [code in Code]?: Explanation };

/** The text without the line break that it begins with, so that it can stand below its opening quote. */
export function file(name: string, text: string): Example {
  return { kind: 'file', file: name, text: text.replace(/^\n/, '') };
}

export function manifest(text: string): Example {
  return file('connections/users/crm-contacts.yaml', text);
}

export function settings(text: string): Example {
  return file('connsync.yaml', text);
}

export function terminal(text: string): Example {
  return { kind: 'terminal', text: text.replace(/^\n/, '') };
}

/** What every connection needs, so that an example can be about something else. */
export const JOIN = `type: ref_table
join_attribute: user_email
join_type: email`;
