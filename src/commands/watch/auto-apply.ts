import { Failure, problemIdentity, type Problem } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import type { Action, Plan } from '../../core/plan.ts';
import type { PassOptions } from '../../reconcile/make-plan.ts';
import { isDestructive } from '../../watch/decide.ts';
import type { PlanningOptions } from '../../session/planning-options.ts';

/**
 * Returns pass options without prune and replace, whatever flags and settings say. A save must never destroy a
 * connection.
 */
export function nonDestructive(
  { settings, includes = () => true }: PlanningOptions,
  left: readonly Action[],
): Partial<PassOptions> {
  const keys = new Set(left.map(({ key }) => key));
  return {
    settings: { ...settings, prune: false, allowReplace: false },
    includes: (key) => includes(key) && !keys.has(key),
  };
}

/**
 * Throws a Failure `not-confirmed` if the plan would destroy something. The apply lists the connections again, so its
 * plan can differ from the one on the screen.
 */
export function rejectDestructive({ actions }: Plan): void {
  const more = actions.filter(isDestructive).map(({ key }) => key);
  if (more.length === 0) return;
  throw new Failure(
    'not-confirmed',
    `${more.join(', ')} would be destroyed, and watch never destroys connections after a save`,
    {
      hint: 'review the plan, then run connsync apply',
    },
  );
}

/**
 * Returns a report function that drops the events in which an apply repeats the plan before it: actions and warnings.
 */
export function suppressRepeats(report: Report, warned: ReadonlySet<string>): Report {
  return (event) => {
    if (event.type === 'loaded' || event.type === 'action' || event.type === 'planned') return;
    if (event.type !== 'problem' || !warned.has(problemIdentity(event.problem))) report(event);
  };
}

/** Returns a problem with a hint for watch. The usual hint names --lock-timeout, which watch doesn't have. */
export function withWatchHint(found: Problem): Problem {
  return found.code === 'lock-held' ? { ...found, hint: 'press r to retry now, or wait for the next save' } : found;
}
