import { codeFrameColumns } from '@babel/code-frame';
import type { Problem } from '../../core/diagnostic.ts';
import { escapeControl, escapeControlLines } from '../../core/escape-control.ts';

/** The lines around a problem with its place marked, and its hint beside the mark. Undefined where the source isn't known. */
export function codeFrame({ excerpt, line, column, endLine, endColumn, hint }: Problem): string | undefined {
  if (excerpt === undefined || line === undefined) return undefined;
  const start = { line, column: column ?? 1 };
  // Of a range over many lines the beginning is marked: that is enough to find it.
  const location =
    endColumn === undefined || endLine !== line ? { start } : { start, end: { line, column: endColumn } };
  const message = hint === undefined ? {} : { message: escapeControl(hint) };
  const options = { startLine: excerpt.line, linesAbove: 2, linesBelow: 1, ...message };
  return codeFrameColumns(escapeControlLines(excerpt.text), location, options);
}
