import { byCodeUnit, type Key } from '../core/connection.ts';
import type { Action, Plan } from '../core/plan.ts';

/** Returns the names whose content differs between the two maps, sorted. */
export function changedNames(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly string[] {
  const changed = [...now].flatMap(([name, content]) => (before.get(name) === content ? [] : [name]));
  const removed = [...before.keys()].filter((name) => !now.has(name));
  return [...changed, ...removed].sort(byCodeUnit);
}

/**
 * Returns the actions that `watch --apply` doesn't execute, because they need a review.
 *
 * | action         | when a file is saved                                                        |
 * | -------------- | --------------------------------------------------------------------------- |
 * | create, update | executed, unless it waits for a deferred action                             |
 * | adopt, forget  | executed: changes only the record, without a request                        |
 * | delete         | deferred, because a file may be missing only for a moment                   |
 * | replace        | deferred, because its fields are unavailable between its delete and create  |
 */
export function deferredActions({ actions }: Plan): readonly Action[] {
  const deferred = new Set<Key>(actions.filter(isDestructive).map(({ key }) => key));
  let before = -1;
  while (before < deferred.size) {
    before = deferred.size;
    for (const { key, runsAfter: after = [] } of actions)
      if (after.some((other) => deferred.has(other))) deferred.add(key);
  }
  return actions.filter(({ key }) => deferred.has(key));
}

/** Returns whether `watch --apply` can execute any action of this plan. */
export function hasAutoApplicable(plan: Plan): boolean {
  return plan.actions.length > deferredActions(plan).length;
}

export function isDestructive({ kind }: Action): boolean {
  return kind === 'delete' || kind === 'replace';
}
