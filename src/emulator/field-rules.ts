import type { Field } from '../core/connection.ts';
import type { Complaint } from './response.ts';
import type { Quirks } from './faults/faults.ts';
import { complain, type Path } from './shape.ts';
import type { StoredConnection, UpdateRequest } from './wire.ts';

/*
 * Checks the rules for field ids that no schema expresses. These messages avoid the words "exists", "duplicate" and
 * "conflict", because clients take them in a 400 to a create to mean that the connection already exists.
 */

/** Checks that a create names each field only once. */
export function checkCreatedFields(fields: readonly Field[]): readonly Complaint[] {
  return namedBefore(fields.map(({ id }, index) => ({ id, path: ['data', 'attributes', 'fields', index, 'id'] })));
}

/** Checks that an update names each field once across all three lists, and doesn't give two fields the same new id. */
export function checkListsOfUpdate({ add, change, remove }: UpdateRequest): readonly Complaint[] {
  const named = [
    ...add.map(({ id }, index) => ({ id, path: [...LISTS, 'fields_to_add', index, 'id'] })),
    ...change.map(({ field_id: id }, index) => ({ id, path: [...LISTS, 'fields_to_update', index, 'field_id'] })),
    ...remove.map((id, index) => ({ id, path: [...LISTS, 'fields_to_delete', index] })),
  ];
  const twice = namedBefore(named);
  if (twice.length > 0) return twice;

  // The API doesn't say in which order it applies the lists of a PUT, so a new id must not appear in another list.
  const renamed = change.flatMap(({ field_id, updated_field_id: id }, index) =>
    id === undefined || id === field_id
      ? []
      : [{ id, path: [...LISTS, 'fields_to_update', index, 'updated_field_id'] }],
  );
  return namedBefore([...named, ...renamed]);
}

/**
 * Checks an update against the stored connection. If it returns a complaint, the update changes nothing. A lenient
 * server overwrites an added field that exists, and ignores a removed one that is missing.
 */
export function checkAgainst(
  connection: StoredConnection,
  { add, change, remove }: UpdateRequest,
  mode: Quirks['put'],
): readonly Complaint[] {
  const has = new Set(connection.fields.map(({ id }) => id));
  const missing = (id: string, path: Path): readonly Complaint[] =>
    has.has(id) ? [] : [complain(path, `names the field ${quoted(id)}, which this connection does not have.`)];
  const taken = (id: string, path: Path): readonly Complaint[] =>
    has.has(id) ? [complain(path, `names the field ${quoted(id)}, which this connection already has.`)] : [];
  const strict = mode === 'strict';
  return [
    ...(strict ? add : []).flatMap(({ id }, index) => taken(id, [...LISTS, 'fields_to_add', index, 'id'])),
    ...change.flatMap(({ field_id, updated_field_id: to }, index) => [
      ...missing(field_id, [...LISTS, 'fields_to_update', index, 'field_id']),
      ...(to === undefined || to === field_id
        ? []
        : taken(to, [...LISTS, 'fields_to_update', index, 'updated_field_id'])),
    ]),
    ...(strict ? remove : []).flatMap((id, index) => missing(id, [...LISTS, 'fields_to_delete', index])),
  ];
}

const LISTS = ['data', 'attributes'] as const;

function namedBefore(named: readonly { readonly id: string; readonly path: Path }[]): readonly Complaint[] {
  const seen = new Set<string>();
  return named.flatMap(({ id, path }) => {
    if (seen.has(id)) return [complain(path, `names the field ${quoted(id)}, which this request already names.`)];
    seen.add(id);
    return [];
  });
}

function quoted(id: string): string {
  return JSON.stringify(id);
}
