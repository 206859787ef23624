import { canonicalJson } from './canonical.ts';
import type { Field, Spec } from './connection.ts';
import { fieldsOf } from './difference.ts';
import type { Delta, FieldUpdate } from './ports.ts';

/**
 * Returns the deltas of the PUT requests that turn the fields of `current` into those of `desired`. Unchanged values
 * are not sent, and a field id is in at most one list of a PUT. A field whose `type` or `source_name` changes is
 * removed in the first PUT and added in a second one, because the order within one PUT is not documented.
 *
 * `renames` maps old to new ids of fields that keep their column. To clear a text, the delta contains `''`; to clear
 * groups, `[]`.
 */
export function updateSteps(current: Spec, desired: Spec, renames: ReadonlyMap<string, string>): readonly Delta[] {
  const before = fieldsOf(current);
  const after = fieldsOf(desired);
  const oldIds = new Map([...renames].map(([old, id]) => [id, old]));
  const add: Field[] = [];
  const readd: Field[] = [];
  const update: FieldUpdate[] = [];
  const remove: string[] = [...before.keys()].filter((id) => !after.has(id) && !renames.has(id));
  for (const field of after.values()) {
    const oldId = oldIds.get(field.id) ?? field.id;
    const old = before.get(oldId);
    if (old === undefined) add.push(field);
    else if (old.source_name !== field.source_name || old.type !== field.type) {
      remove.push(oldId);
      readd.push(field);
    } else {
      const change = fieldUpdate(old, field);
      if (change !== undefined) update.push(change);
    }
  }
  const first = deltaOf({ add, update, remove });
  const second = deltaOf({ add: readd, update: [], remove: [] });
  return [first, second].filter((step) => step !== undefined);
}

function fieldUpdate(old: Field, field: Field): FieldUpdate | undefined {
  const change: FieldUpdate = {
    id: old.id,
    ...(old.id === field.id ? {} : { newId: field.id }),
    ...(old.display_name === field.display_name ? {} : { display_name: field.display_name ?? '' }),
    ...(old.description === field.description ? {} : { description: field.description ?? '' }),
    ...(canonicalJson(old.groups) === canonicalJson(field.groups) ? {} : { groups: field.groups ?? [] }),
  };
  return Object.keys(change).length > 1 ? change : undefined;
}

function deltaOf(lists: {
  readonly add: readonly Field[];
  readonly update: readonly FieldUpdate[];
  readonly remove: readonly string[];
}): Delta | undefined {
  const delta: Delta = {
    ...(lists.add.length > 0 ? { add: lists.add } : {}),
    ...(lists.update.length > 0 ? { update: lists.update } : {}),
    ...(lists.remove.length > 0 ? { remove: lists.remove } : {}),
  };
  return Object.keys(delta).length > 0 ? delta : undefined;
}
