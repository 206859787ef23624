import { compact } from '../core/compact.ts';
import type { Problem } from '../core/diagnostic.ts';
import type { PageConnection, PageProblem } from './document.ts';

/** Returns the code frame of a problem, or undefined if its source isn't known. */
export type DrawFrame = (problem: Problem) => string | undefined;

export interface ProblemOptions {
  readonly draw: DrawFrame;
  readonly sanitize: (text: string) => string;
  /** Redacts secrets in a text and keeps its line breaks. */
  readonly redact: (text: string) => string;
  readonly maxProblems: number;
}

/** Returns the problems with their connections: errors first, otherwise in the order in which they were reported. */
export function pageProblems(
  problems: readonly Problem[],
  connections: readonly PageConnection[],
  { draw, sanitize, redact, maxProblems }: ProblemOptions,
): readonly PageProblem[] {
  const byFile = new Map<string, PageConnection[]>();
  for (const connection of connections) {
    const { file = '' } = connection;
    const others = byFile.get(file);
    if (others === undefined) byFile.set(file, [connection]);
    else others.push(connection);
  }
  const ordered = [
    ...problems.filter(({ severity }) => severity === 'error'),
    ...problems.filter(({ severity }) => severity === 'warning'),
  ];
  return ordered.slice(0, maxProblems).map((problem) => {
    const { code, severity, message, hint, file, line, column } = problem;
    const frame = draw(problem);
    const shown = file === undefined ? undefined : sanitize(file);
    return {
      code,
      severity,
      message: sanitize(message),
      ...(hint === undefined ? {} : { hint: sanitize(hint) }),
      ...compact({ file: shown, line, column }),
      ...(frame === undefined ? {} : { frame: redact(frame) }),
      of: shown === undefined ? [] : affected(problem, byFile.get(shown) ?? []).map(({ id }) => id),
    };
  });
}

/**
 * Returns the connections that a problem affects. An error affects all invalid connections of its file; a warning
 * affects only the document that it is in.
 */
function affected({ severity, line = 1 }: Problem, inFile: readonly PageConnection[]): readonly PageConnection[] {
  const invalid = inFile.filter(({ states }) => states[0] === 'invalid');
  if (severity === 'error' && invalid.length > 0) return invalid;
  const above = inFile.filter((connection) => (connection.line ?? Infinity) <= line);
  return above.toSorted((a, b) => (b.line ?? 0) - (a.line ?? 0)).slice(0, 1);
}
