import { Failure, problemIdentity } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import type { Action, Plan } from '../../core/plan.ts';
import type { PassOptions } from '../../reconcile/make-plan.ts';
import { isDestructive } from '../../watch/decide.ts';
import type { PlanningOptions } from '../../session/planning-options.ts';

/** Nothing is pruned or replaced at a save, whatever flags and settings say. */
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

/** What is live was listed anew for the apply, and may need more by now than the plan that somebody saw. */
export function rejectDestructive({ actions }: Plan): void {
  const more = actions.filter(isDestructive).map(({ key }) => key);
  if (more.length === 0) return;
  throw new Failure('not-confirmed', `${more.join(', ')} would be destroyed, which is not done at a save`, {
    hint: 'look at the plan, then run connsync apply',
  });
}

/** The plan has been told already, with its warnings; an apply adds what it does, and what it finds. */
export function suppressRepeats(report: Report, warned: ReadonlySet<string>): Report {
  return (event) => {
    if (event.type === 'loaded' || event.type === 'action' || event.type === 'planned') return;
    if (event.type !== 'problem' || !warned.has(problemIdentity(event.problem))) report(event);
  };
}
