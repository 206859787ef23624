import type { Code } from '../core/codes.ts';

/** The explanation of a code. The table of codes holds its title, severity and exit code. */
export interface Explanation {
  /** What connsync found, in one or two sentences. */
  readonly means: string;
  /** Why the finding matters. */
  readonly why: string;
  /** An example that produces this code, and its fix. Tests run both. */
  readonly bad: Example;
  readonly good: Example;
  /** The next step, as one instruction. */
  readonly next: string;
}

/**
 * An example is a file or a shell session. In a session, lines that begin with `$ ` are commands, the others are
 * output, and `…` replaces text that changes from run to run.
 */
export type Example =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'terminal'; readonly text: string };

/** The explanations of a group of codes. */
export type Chapter = { readonly [code in Code]?: Explanation };

/**
 * Returns an example of a file. Removes the first line break of the text, so that a template literal can begin on its
 * own line.
 */
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

/** The required properties that examples about other properties include. */
export const JOIN = `type: ref_table
join_attribute: user_email
join_type: email`;
