import { byCodeUnit, type Key } from '../core/connection.ts';
import type { Action, Plan } from '../core/plan.ts';

/** Names whose content is not the same in both, sorted. */
export function differing(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly string[] {
  const changed = [...now].flatMap(([name, content]) => (before.get(name) === content ? [] : [name]));
  const gone = [...before.keys()].filter((name) => !now.has(name));
  return [...changed, ...gone].sort(byCodeUnit);
}

/**
 * What `watch --apply` does at a save, and what it leaves to somebody who looks at it.
 *
 * | action         | at a save                                                  |
 * | -------------- | ---------------------------------------------------------- |
 * | create, update | done, but for one that waits for another that is left      |
 * | adopt, forget  | done: a record, without a request                          |
 * | delete         | left: a file that is away for a moment must cost nothing   |
 * | replace        | left: its fields would be unavailable in between           |
 */
export function leftAlone({ actions }: Plan): readonly Action[] {
  const left = new Set<Key>(actions.filter(destroys).map(({ key }) => key));
  let before = -1;
  while (before < left.size) {
    before = left.size;
    for (const { key, runsAfter: after = [] } of actions) if (after.some((other) => left.has(other))) left.add(key);
  }
  return actions.filter(({ key }) => left.has(key));
}

export function destroys({ kind }: Action): boolean {
  return kind === 'delete' || kind === 'replace';
}
