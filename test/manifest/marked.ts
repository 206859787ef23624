import type { Problem } from '../../src/core/diagnostic.ts';

/** A valid manifest up to its fields, to which a test appends one error. */
export const HEAD = 'entity: users\nid: crm\ntype: ref_table\njoin_attribute: user_email\njoin_type: email\n';

/** A range of a text, as problems report it. */
export type Place = Pick<Problem, 'line' | 'column' | 'endLine' | 'endColumn'>;

/** Removes the marks ‹ and › from a text; the text between them is the expected position of a problem. */
export function marked(text: string): { readonly text: string; readonly place: Place } {
  const start = text.indexOf('‹');
  const end = text.indexOf('›') - 1;
  if (start < 0 || end < start) throw new Error(`no ‹marks› in ${text}`);
  const plain = text.replace('‹', '').replace('›', '');
  const from = lineAndColumn(plain, start);
  const to = lineAndColumn(plain, end);
  return { text: plain, place: { line: from.line, column: from.column, endLine: to.line, endColumn: to.column } };
}

export function placeOf({ line, column, endLine, endColumn }: Problem): Place {
  return {
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(endColumn === undefined ? {} : { endColumn }),
  };
}

/** Splits the text, independently of the code under test. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
