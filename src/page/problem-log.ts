import { problemIdentity, type Problem } from '../core/diagnostic.ts';
import type { SyncEvent } from '../core/event.ts';

/** The problems that hold now: those of the last pass, and what was told since. */
export interface ProblemLog {
  report(event: SyncEvent): void;
  /** Told before the events of a pass. */
  begins(): void;
  all(): readonly Problem[];
}

/**
 * A pass finds anew whatever is still wrong with what it looks at, so that it takes the place of what was told before it. Two
 * things are told between two passes, and it looks at neither:
 *
 * - what a look at Datadog failed over: the next one is scheduled right behind it, and one that went well ends it;
 * - what an apply failed over: it is planned again at once, and would be gone before anybody read it. It holds beside that plan.
 */
export function openProblemLog(): ProblemLog {
  let settled: readonly Problem[] = [];
  let carried: readonly Problem[] = [];
  let since = new Map<string, Problem>();
  let ofLooks = new Set<string>();
  /** What was told last, where that was a problem. */
  let newest: string | undefined;

  return {
    report: (event) => {
      const before = newest;
      newest = undefined;
      if (event.type === 'problem') {
        const { line = '', column = '' } = event.problem;
        newest = `${line}:${column} ${problemIdentity(event.problem)}`;
        since.set(newest, event.problem);
      } else if (event.type === 'scheduled' && before !== undefined) ofLooks.add(before);
      else if (event.type === 'planned' || event.type === 'plan-skipped') {
        settled = withNews(carried, since.values());
        [carried, since, ofLooks] = [[], new Map(), new Set()];
      }
    },
    begins: () => {
      const ofApplies = [...since].flatMap(([name, problem]) => (ofLooks.has(name) ? [] : [problem]));
      carried = withNews(carried, ofApplies);
      [since, ofLooks] = [new Map(), new Set()];
    },
    all: () => withNews(withNews(settled, carried), since.values()),
  };
}

/** What was told again in the same words stands there once, as it was told first. */
function withNews(told: readonly Problem[], news: Iterable<Problem>): readonly Problem[] {
  const texts = new Set(told.map(problemIdentity));
  return [...told, ...[...news].filter((problem) => !texts.has(problemIdentity(problem)))];
}
