import { problemIdentity, type Problem } from '../../core/diagnostic.ts';
import type { Action, Refusal } from '../../core/plan.ts';

/** One plan of a watch, as far as news about it are concerned. */
export interface WatchPlan {
  readonly actions: readonly Action[];
  readonly warnings: readonly Problem[];
  readonly refusals: readonly Refusal[];
}

/** What was already reported. */
export interface Reported {
  /** Digests by key. */
  readonly actions: ReadonlyMap<string, string>;
  /** Identities of warnings, and messages of refusals. */
  readonly problems: ReadonlySet<string>;
}

export const NOTHING_REPORTED: Reported = { actions: new Map(), problems: new Set() };

/** What a plan says that the plan before didn't. */
export interface News {
  readonly actions: readonly Action[];
  /** Keys that need nothing any more. */
  readonly done: readonly string[];
  readonly warnings: readonly Problem[];
  readonly refusals: readonly Refusal[];
}

/** Returns what is new in a plan. `applied` are keys applied since the last plan: their absence is no news. */
export function newsIn(plan: WatchPlan, before: Reported, applied: ReadonlySet<string>): News {
  const keys = new Set(plan.actions.map(({ key }) => key));
  return {
    actions: plan.actions.filter(({ key, digest }) => before.actions.get(key) !== digest),
    done: [...before.actions.keys()].filter((key) => !keys.has(key) && !applied.has(key)),
    warnings: plan.warnings.filter((warning) => !before.problems.has(problemIdentity(warning))),
    refusals: plan.refusals.filter(({ message }) => !before.problems.has(message)),
  };
}

/** Returns what counts as reported once a plan was. */
export function reportedWith({ actions, warnings, refusals }: WatchPlan): Reported {
  return {
    actions: new Map(actions.map(({ key, digest }) => [key, digest])),
    problems: new Set([...warnings.map(problemIdentity), ...refusals.map(({ message }) => message)]),
  };
}
