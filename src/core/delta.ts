import { canonicalJson } from './canonical.ts';
import type { Field, Spec } from './connection.ts';
import { fieldsOf } from './difference.ts';
import type { Delta, FieldUpdate } from './ports.ts';

/**
 * The PUTs that turn the fields of `from` into those of `to`, with the fewest entries: nothing is sent that doesn't change,
 * and no field id stands in two lists of one PUT. A field whose `type` or `source_name` changes is removed in the first PUT
 * and added in a second one, since the order inside one PUT is not documented.
 *
 * `renames` maps old to new ids of fields that keep their column. Texts are cleared with `''`, groups with `[]`.
 */
export function updateSteps(from: Spec, to: Spec, renames: ReadonlyMap<string, string>): readonly Delta[] {
  const before = fieldsOf(from);
  const after = fieldsOf(to);
  const origin = new Map([...renames].map(([old, id]) => [id, old]));
  const add: Field[] = [];
  const later: Field[] = [];
  const update: FieldUpdate[] = [];
  const remove: string[] = [...before.keys()].filter((id) => !after.has(id) && !renames.has(id));
  for (const field of after.values()) {
    const oldId = origin.get(field.id) ?? field.id;
    const old = before.get(oldId);
    if (old === undefined) add.push(field);
    else if (old.source_name !== field.source_name || old.type !== field.type) {
      remove.push(oldId);
      later.push(field);
    } else {
      const change = fieldUpdate(old, field);
      if (change !== undefined) update.push(change);
    }
  }
  const first = deltaOf({ add, update, remove });
  const second = deltaOf({ add: later, update: [], remove: [] });
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
