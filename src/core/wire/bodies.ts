import { compact } from '../compact.ts';
import type { Field, Spec } from '../connection.ts';
import type { Delta, FieldUpdate, Identity } from '../ports.ts';

/**
 * Returns the body of a POST. It always contains the id, which identifies the connection and is the only protection
 * against a duplicate.
 */
export function createBody({ id, spec }: Identity & { readonly spec: Spec }): object {
  const { type, join_type, join_attribute, metadata, fields } = spec;
  return {
    data: {
      type: 'connection_id',
      id,
      attributes: {
        type,
        join_type,
        join_attribute,
        ...compact({ metadata }),
        ...(fields === undefined ? {} : { fields: fields.map(fieldBody) }),
      },
    },
  };
}

/** Returns the body of a PUT: a delta instead of a whole document, without empty lists. */
export function updateBody({ id, delta }: Identity & { readonly delta: Delta }): object {
  const { add = [], update = [], remove = [] } = delta;
  return {
    data: {
      type: 'connection_id',
      id,
      attributes: {
        ...(add.length === 0 ? {} : { fields_to_add: add.map(fieldBody) }),
        ...(update.length === 0 ? {} : { fields_to_update: update.map(fieldUpdateBody) }),
        ...(remove.length === 0 ? {} : { fields_to_delete: remove }),
      },
    },
  };
}

function fieldBody(field: Field): object {
  const { id, source_name, type, display_name, description, groups } = field;
  return {
    id,
    source_name,
    type,
    ...compact({ display_name, description, groups }),
  };
}

function fieldUpdateBody({ id, newId, display_name, description, groups }: FieldUpdate): object {
  return {
    field_id: id,
    ...compact({
      updated_field_id: newId,
      updated_display_name: display_name,
      updated_description: description,
      updated_groups: groups,
    }),
  };
}
