import type { Key } from './connection.ts';
import { splitKey } from './connection.ts';
import { fieldsOf } from './difference.ts';
import type { Action } from './plan.ts';

/**
 * Puts actions, given in the order of their keys, so that one that gives a field id up comes before the one in the same
 * entity that takes it, and notes the order in `after`. Where two actions would wait for each other, the first by key goes first.
 */
export function inOrder(actions: readonly Action[]): readonly Action[] {
  const givers = new Map<string, Key[]>();
  for (const action of actions)
    for (const slot of slotsGiven(action)) givers.set(slot, [...(givers.get(slot) ?? []), action.key]);
  if (givers.size === 0) return actions;
  const byKey = new Map(actions.map((action) => [action.key, action]));
  const waitsFor = new Map(actions.map((action) => [action.key, giversOf(action, givers)]));
  const placed = new Map<Key, Action>();
  const visiting = new Set<Key>();
  const place = (action: Action): void => {
    if (placed.has(action.key) || visiting.has(action.key)) return;
    visiting.add(action.key);
    const wanted = waitsFor.get(action.key) ?? [];
    for (const key of wanted) {
      const giver = byKey.get(key);
      if (giver !== undefined) place(giver);
    }
    const after = wanted.filter((key) => placed.has(key));
    placed.set(action.key, after.length === 0 ? action : { ...action, after });
  };
  for (const action of actions) place(action);
  return [...placed.values()];
}

function giversOf(action: Action, givers: ReadonlyMap<string, readonly Key[]>): readonly Key[] {
  const keys = slotsTaken(action).flatMap((slot) => givers.get(slot) ?? []);
  return [...new Set(keys)].filter((key) => key !== action.key).sort();
}

/** An attribute of an entity, as one text. */
function slot(key: Key, fieldId: string): string {
  return `${splitKey(key).entity}\n${fieldId}`;
}

function slotsGiven(action: Action): readonly string[] {
  if (action.kind === 'delete') return idsOf(action.from).map((id) => slot(action.key, id));
  if (action.kind !== 'update' && action.kind !== 'replace') return [];
  const kept = new Set(idsOf(action.to));
  return idsOf(action.from)
    .filter((id) => !kept.has(id))
    .map((id) => slot(action.key, id));
}

function slotsTaken(action: Action): readonly string[] {
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
