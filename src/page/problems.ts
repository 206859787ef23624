import type { Problem } from '../core/diagnostic.ts';
import type { PageConnection, PageProblem } from './document.ts';

/** Draws an excerpt with the place marked in it; undefined where the source isn't known. */
export type DrawFrame = (problem: Problem) => string | undefined;

export interface ProblemOptions {
  readonly draw: DrawFrame;
  readonly inert: (text: string) => string;
  /** For text whose lines have to stay where they are. */
  readonly redact: (text: string) => string;
  readonly most: number;
}

/** Errors first, otherwise as they were told, each with the connections that it is about. */
export function pageProblems(
  problems: readonly Problem[],
  connections: readonly PageConnection[],
  { draw, inert, redact, most }: ProblemOptions,
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
  return ordered.slice(0, most).map((problem) => {
    const { code, severity, message, hint, file, line, column } = problem;
    const frame = draw(problem);
    const shown = file === undefined ? undefined : inert(file);
    return {
      code,
      severity,
      message: inert(message),
      ...(hint === undefined ? {} : { hint: inert(hint) }),
      ...(shown === undefined ? {} : { file: shown }),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      ...(frame === undefined ? {} : { frame: redact(frame) }),
      of: shown === undefined ? [] : concerned(problem, byFile.get(shown) ?? []).map(({ id }) => id),
    };
  });
}

/** An error is about what can't be read in its file for it; a warning about the document that it stands in. */
function concerned({ severity, line = 1 }: Problem, inFile: readonly PageConnection[]): readonly PageConnection[] {
  const invalid = inFile.filter(({ states }) => states[0] === 'invalid');
  if (severity === 'error' && invalid.length > 0) return invalid;
  const above = inFile.filter((connection) => (connection.line ?? Infinity) <= line);
  return above.toSorted((a, b) => (b.line ?? 0) - (a.line ?? 0)).slice(0, 1);
}
