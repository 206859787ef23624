import type { Key } from './connection.ts';
import { splitKey } from './connection.ts';
import { fieldsOf } from './difference.ts';
import type { Action } from './plan.ts';

/**
 * Sorts actions, which are given in the order of their keys: an action that frees a field id comes before the action in
 * the same entity that uses this id again. `runsAfter` records these dependencies. In a cycle of dependencies, one
 * action doesn't wait.
 */
export function sortActions(actions: readonly Action[]): readonly Action[] {
  const freedBy = new Map<string, Key[]>();
  for (const action of actions)
    for (const freed of slotsFreed(action)) freedBy.set(freed, [...(freedBy.get(freed) ?? []), action.key]);
  if (freedBy.size === 0) return actions;
  const byKey = new Map(actions.map((action) => [action.key, action]));
  const placed = new Map<Key, Action>();
  for (const first of actions) {
    // Uses an explicit stack instead of recursion, because a chain of dependencies may be as long as the plan.
    const stack = [{ action: first, dependencies: dependenciesOf(first, freedBy), next: 0 }];
    const waiting = new Set([first.key]);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const dependency = byKey.get(top.dependencies[top.next] ?? '');
      top.next += 1;
      if (dependency !== undefined && !placed.has(dependency.key) && !waiting.has(dependency.key)) {
        waiting.add(dependency.key);
        stack.push({ action: dependency, dependencies: dependenciesOf(dependency, freedBy), next: 0 });
      } else if (top.next > top.dependencies.length) {
        stack.pop();
        if (!placed.has(top.action.key))
          placed.set(top.action.key, withRunsAfter(top.action, top.dependencies, placed));
      }
    }
  }
  return [...placed.values()];
}

function withRunsAfter(action: Action, dependencies: readonly Key[], placed: ReadonlyMap<Key, Action>): Action {
  const after = dependencies.filter((key) => placed.has(key));
  return after.length === 0 ? action : { ...action, runsAfter: after };
}

function dependenciesOf(action: Action, freedBy: ReadonlyMap<string, readonly Key[]>): readonly Key[] {
  const keys = slotsClaimed(action).flatMap((slot) => freedBy.get(slot) ?? []);
  return [...new Set(keys)].filter((key) => key !== action.key).sort();
}

/** Returns a map key for a field id within the entity of a connection. */
function slot(key: Key, fieldId: string): string {
  return `${splitKey(key).entity}\n${fieldId}`;
}

function slotsFreed(action: Action): readonly string[] {
  if (action.kind === 'delete') return idsOf(action.from).map((id) => slot(action.key, id));
  if (action.kind !== 'update' && action.kind !== 'replace') return [];
  const kept = new Set(idsOf(action.to));
  return idsOf(action.from)
    .filter((id) => !kept.has(id))
    .map((id) => slot(action.key, id));
}

function slotsClaimed(action: Action): readonly string[] {
  if (action.kind === 'create') return idsOf(action.to).map((id) => slot(action.key, id));
  if (action.kind !== 'update' && action.kind !== 'replace') return [];
  const had = new Set(idsOf(action.from));
  return idsOf(action.to)
    .filter((id) => !had.has(id))
    .map((id) => slot(action.key, id));
}

function idsOf(spec: Parameters<typeof fieldsOf>[0]): readonly string[] {
  return [...fieldsOf(spec).keys()];
}
