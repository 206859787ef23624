import { problemIdentity, type Problem } from '../../core/diagnostic.ts';
import type { Action, Refusal } from '../../core/plan.ts';

/** The parts of a plan in which `watch` looks for something new. */
export interface WatchPlan {
  readonly actions: readonly Action[];
  readonly warnings: readonly Problem[];
  readonly refusals: readonly Refusal[];
}

/** The actions and problems that were already reported. */
export interface Reported {
  /** The digest of each action, by key. */
  readonly actions: ReadonlyMap<string, string>;
  /** Identities of the reported warnings, and messages of the reported refusals. */
  readonly problems: ReadonlySet<string>;
}

export const NOTHING_REPORTED: Reported = { actions: new Map(), problems: new Set() };

/** The parts of a plan that the previous plan didn't have. */
export interface News {
  readonly actions: readonly Action[];
  /** Keys of connections that no longer need an action. */
  readonly done: readonly string[];
  readonly warnings: readonly Problem[];
  readonly refusals: readonly Refusal[];
}

/**
 * Returns what is new in a plan. `applied` has the keys applied since the last plan; `done` omits these, because the
 * user already knows that they need no action now.
 */
export function newsIn(plan: WatchPlan, before: Reported, applied: ReadonlySet<string>): News {
  const keys = new Set(plan.actions.map(({ key }) => key));
  return {
    actions: plan.actions.filter(({ key, digest }) => before.actions.get(key) !== digest),
    done: [...before.actions.keys()].filter((key) => !keys.has(key) && !applied.has(key)),
    warnings: plan.warnings.filter((warning) => !before.problems.has(problemIdentity(warning))),
    refusals: plan.refusals.filter(({ message }) => !before.problems.has(message)),
  };
}

/** Returns the actions and problems of a plan that has just been reported. */
export function reportedWith({ actions, warnings, refusals }: WatchPlan): Reported {
  return {
    actions: new Map(actions.map(({ key, digest }) => [key, digest])),
    problems: new Set([...warnings.map(problemIdentity), ...refusals.map(({ message }) => message)]),
  };
}
