import { codeEntry, type Code } from '../core/codes.ts';
import type { Problem } from '../core/diagnostic.ts';

/** Orders the problems of one file by line, then by column. */
export function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/**
 * Returns the first `most` problems, and one that says how many more there are. The added problem has the position of
 * the first omitted one, and is an error if any omitted one is.
 */
export function summarizeRest<T extends { readonly code: Code; readonly message: string; readonly hint?: string }>(
  wrong: readonly T[],
  most: number,
  whole: 'document' | 'file',
): readonly T[] {
  if (wrong.length <= most) return wrong;
  const rest = wrong.slice(most);
  const next = rest.find(({ code }) => codeEntry(code).severity === 'error') ?? rest[0];
  if (next === undefined) return wrong;
  const message = `${rest.length} more problems in this ${whole} are not shown`;
  return [...wrong.slice(0, most), { ...next, message, hint: 'fix the problems above and run the command again' }];
}
