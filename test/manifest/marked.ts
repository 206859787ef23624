import type { Problem } from '../../src/core/diagnostic.ts';

/** A valid manifest up to its fields, to put one wrong thing behind. */
export const HEAD = 'entity: users\nid: crm\ntype: ref_table\njoin_attribute: user_email\njoin_type: email\n';

/** A stretch of a text as problems tell it. */
export type Place = Pick<Problem, 'line' | 'column' | 'endLine' | 'endColumn'>;

/** Takes the marks ‹ and › out of a text: what stands between them is the place that a problem should have. */
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

/** Written another way than in the code that it tests: by splitting. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
