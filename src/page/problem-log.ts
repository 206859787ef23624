import { problemIdentity, type Problem } from '../core/diagnostic.ts';
import type { Phase, SyncEvent } from '../core/event.ts';

/** The problems that currently hold. */
export interface ProblemLog {
  report(event: SyncEvent): void;
  /** Called before the events of a pass. */
  begins(): void;
  all(): readonly Problem[];
}

/**
 * Keeps problems by the phase that found them:
 *
 * - `plan`: the next pass finds them again if they still hold, so each pass replaces those of the pass before;
 * - `poll`: they hold until the next pass begins;
 * - `apply`: a plan follows at once and would hide them, so they are kept beside that plan and go with the next one.
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

/** Lists a problem that was found twice only once, where it was first. */
function merged(known: readonly Problem[], added: readonly Problem[]): readonly Problem[] {
  const identities = new Set(known.map(problemIdentity));
  return [...known, ...added.filter((problem) => !identities.has(problemIdentity(problem)))];
}
