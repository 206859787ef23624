import type { Field } from '../core/connection.ts';
import type { Complaint } from './response.ts';
import type { Quirks } from './faults/faults.ts';
import { complain, type Path } from './shape.ts';
import type { StoredConnection, UpdateRequest } from './wire.ts';

/*
 * What no schema says about field ids. The words "exists", "duplicate" and "conflict" are kept out of these sentences:
 * clients read them in a 400 to a create as "this connection is there already".
 */

/** A create names each field once. */
export function checkCreatedFields(fields: readonly Field[]): readonly Complaint[] {
  return namedTwice(fields.map(({ id }, index) => ({ id, path: ['data', 'attributes', 'fields', index, 'id'] })));
}

/** An update names each field once, in all of its three lists together, and gives no two fields one new id. */
export function checkListsOfUpdate({ add, change, remove }: UpdateRequest): readonly Complaint[] {
  const named = [
    ...add.map(({ id }, index) => ({ id, path: [...LISTS, 'fields_to_add', index, 'id'] })),
    ...change.map(({ field_id: id }, index) => ({ id, path: [...LISTS, 'fields_to_update', index, 'field_id'] })),
    ...remove.map((id, index) => ({ id, path: [...LISTS, 'fields_to_delete', index] })),
  ];
  const twice = namedTwice(named);
  if (twice.length > 0) return twice;

  // The order within one PUT is nobody's promise, so a new id must not be one that another list gives or takes.
  const renamed = change.flatMap(({ field_id, updated_field_id: id }, index) =>
    id === undefined || id === field_id
      ? []
      : [{ id, path: [...LISTS, 'fields_to_update', index, 'updated_field_id'] }],
  );
  return namedTwice([...named, ...renamed]);
}

/**
 * What an update asks for must fit the connection as it is; otherwise nothing of it is done. A lenient server overwrites
 * what is added twice, and has nothing to remove where it is gone.
 */
export function checkAgainst(
  connection: StoredConnection,
  { add, change, remove }: UpdateRequest,
  manner: Quirks['put'],
): readonly Complaint[] {
  const has = new Set(connection.fields.map(({ id }) => id));
  const missing = (id: string, path: Path): readonly Complaint[] =>
    has.has(id) ? [] : [complain(path, `names the field ${quoted(id)}, which this connection does not have.`)];
  const taken = (id: string, path: Path): readonly Complaint[] =>
    has.has(id) ? [complain(path, `names the field ${quoted(id)}, which this connection has already.`)] : [];
  const strict = manner === 'strict';
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

function namedTwice(named: readonly { readonly id: string; readonly path: Path }[]): readonly Complaint[] {
  const seen = new Set<string>();
  return named.flatMap(({ id, path }) => {
    if (seen.has(id)) return [complain(path, `names the field ${quoted(id)}, which is named before in this request.`)];
    seen.add(id);
    return [];
  });
}

function quoted(id: string): string {
  return JSON.stringify(id);
}
