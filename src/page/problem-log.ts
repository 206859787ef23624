import { problemIdentity, type Problem } from '../core/diagnostic.ts';
import type { SyncEvent } from '../core/event.ts';

/** The current problems: those of the last pass, and those reported since. */
export interface ProblemLog {
  report(event: SyncEvent): void;
  /** Called before the events of a pass. */
  begins(): void;
  all(): readonly Problem[];
}

/**
 * A pass reports everything that is still wrong with its inputs, so it replaces the problems reported before it. Two
 * kinds of problems are reported between passes:
 *
 * - a failed list of Datadog: the next attempt is scheduled immediately, and a successful one clears the problem;
 * - a failed apply: connsync plans again immediately, so the problem is kept next to that plan, or it would disappear unread.
 */
export function openProblemLog(): ProblemLog {
  let settled: readonly Problem[] = [];
  let retained: readonly Problem[] = [];
  let since = new Map<string, Problem>();
  let listProblems = new Set<string>();
  /** The last event, if it was a problem. */
  let newest: string | undefined;

  return {
    report: (event) => {
      const before = newest;
      newest = undefined;
      if (event.type === 'problem') {
        const { line = '', column = '' } = event.problem;
        newest = `${line}:${column} ${problemIdentity(event.problem)}`;
        since.set(newest, event.problem);
      } else if (event.type === 'scheduled' && before !== undefined) listProblems.add(before);
      else if (event.type === 'planned' || event.type === 'plan-skipped') {
        settled = withNewProblems(retained, since.values());
        [retained, since, listProblems] = [[], new Map(), new Set()];
      }
    },
    begins: () => {
      const applyProblems = [...since].flatMap(([name, problem]) => (listProblems.has(name) ? [] : [problem]));
      retained = withNewProblems(retained, applyProblems);
      [since, listProblems] = [new Map(), new Set()];
    },
    all: () => withNewProblems(withNewProblems(settled, retained), since.values()),
  };
}

/** A problem that is reported again with the same message stays in its first position. */
function withNewProblems(reported: readonly Problem[], newProblems: Iterable<Problem>): readonly Problem[] {
  const texts = new Set(reported.map(problemIdentity));
  return [...reported, ...[...newProblems].filter((problem) => !texts.has(problemIdentity(problem)))];
}
