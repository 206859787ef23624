import { problemIdentity, type Problem } from '../core/diagnostic.ts';
import type { Phase, SyncEvent } from '../core/event.ts';

/** The problems that have not been resolved. */
export interface ProblemLog {
  report(event: SyncEvent): void;
  /** Call this before each pass starts reporting events. */
  begins(): void;
  all(): readonly Problem[];
}

/**
 * Opens a log of problems. The phase that found a problem decides how long the log keeps it:
 *
 * - `plan`: until the next pass, which reports it again if it still exists;
 * - `poll`: until the next pass begins;
 * - `apply`: until the second plan after it, because the first plan follows at once and would hide the problem.
 */
export function openProblemLog(): ProblemLog {
  let settled: readonly Problem[] = [];
  let carried: readonly Problem[] = [];
  let recent = new Map<string, { readonly problem: Problem; readonly phase: Phase }>();

  const recentOf = (...phases: readonly Phase[]): readonly Problem[] =>
    [...recent.values()].flatMap(({ problem, phase }) => (phases.includes(phase) ? [problem] : []));

  return {
    report: (event) => {
      if (event.type === 'problem') {
        const { problem, phase = 'plan' } = event;
        const { line = '', column = '' } = problem;
        recent.set(`${line}:${column} ${problemIdentity(problem)}`, { problem, phase });
      } else if (event.type === 'planned' || event.type === 'plan-skipped') {
        settled = merged(carried, recentOf('plan', 'poll', 'apply'));
        carried = [];
        recent = new Map();
      }
    },
    begins: () => {
      carried = merged(carried, recentOf('plan', 'apply'));
      recent = new Map();
    },
    all: () => merged(merged(settled, carried), recentOf('plan', 'poll', 'apply')),
  };
}

/** Returns both lists as one. A problem in both lists appears once, at its first position. */
function merged(known: readonly Problem[], added: readonly Problem[]): readonly Problem[] {
  const identities = new Set(known.map(problemIdentity));
  return [...known, ...added.filter((problem) => !identities.has(problemIdentity(problem)))];
}
