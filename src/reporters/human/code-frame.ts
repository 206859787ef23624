import { codeFrameColumns } from '@babel/code-frame';
import type { Problem } from '../../core/diagnostic.ts';
import { escapeControl, escapeControlLines } from '../../core/escape-control.ts';

/**
 * Returns the source lines around a problem, with its position marked and the hint next to the mark; undefined if the
 * source isn't known.
 */
export function codeFrame({ excerpt, line, column, endLine, endColumn, hint }: Problem): string | undefined {
  if (excerpt === undefined || line === undefined) return undefined;
  const start = { line, column: column ?? 1 };
  // For a range over several lines, the frame marks only the start.
  const location =
    endColumn === undefined || endLine !== line ? { start } : { start, end: { line, column: endColumn } };
  const message = hint === undefined ? {} : { message: escapeControl(hint) };
  const options = { startLine: excerpt.line, linesAbove: 2, linesBelow: 1, ...message };
  return codeFrameColumns(escapeControlLines(excerpt.text), location, options);
}
