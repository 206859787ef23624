import type { Field } from '../core/connection.ts';
import type { Complaint } from './response.ts';
import { checkCreatedFields, checkListsOfUpdate } from './field-rules.ts';
import { exactly, identifier, listOf, mapOf, record, text } from './shape.ts';
import type { CreateAttributes, FieldChange, UpdateRequest } from './wire.ts';

/** A valid create request; `id` is undefined if the server should choose it. */
export interface CreateRequest {
  readonly id: string | undefined;
  readonly attributes: CreateAttributes;
}

export type Checked<Request> = { readonly request: Request } | { readonly complaints: readonly Complaint[] };

/** Validates a create body: first the API's schema, then the rules that no schema expresses. */
export function checkCreate(body: unknown): Checked<CreateRequest> {
  const complaints = CREATE(body, []);
  if (complaints.length > 0) return { complaints };
  const { data } = body as CreateBody;
  const twice = checkCreatedFields(data.attributes.fields ?? []);
  return twice.length > 0 ? { complaints: twice } : { request: { id: data.id, attributes: data.attributes } };
}

/** Validates the body of an update without the stored connection; `checkAgainst` then compares the two. */
export function checkUpdate(body: unknown): Checked<UpdateRequest> {
  const complaints = UPDATE(body, []);
  if (complaints.length > 0) return { complaints };
  const { id, attributes = {} } = (body as UpdateBody).data;
  const { fields_to_add: add = [], fields_to_update: change = [], fields_to_delete: remove = [] } = attributes;
  const request = { id, add, change, remove };
  const clashes = checkListsOfUpdate(request);
  return clashes.length > 0 ? { complaints: clashes } : { request };
}

const FIELD = record(
  { id: identifier, source_name: text, type: text },
  { display_name: text, description: text, groups: listOf(text) },
);

const FIELD_CHANGE = record(
  { field_id: identifier },
  {
    updated_field_id: identifier,
    updated_display_name: text,
    updated_description: text,
    updated_groups: listOf(text),
  },
);

const CREATE = record(
  {
    data: record(
      {
        type: exactly('connection_id'),
        attributes: record(
          { type: text, join_attribute: text, join_type: text },
          { fields: listOf(FIELD), metadata: mapOf(text) },
        ),
      },
      { id: identifier },
    ),
  },
  {},
);

const UPDATE = record(
  {
    data: record(
      { type: exactly('connection_id'), id: identifier },
      {
        attributes: record(
          {},
          {
            fields_to_add: listOf(FIELD),
            fields_to_update: listOf(FIELD_CHANGE),
            fields_to_delete: listOf(identifier),
          },
        ),
      },
    ),
  },
  {},
);

/** The shape of a stored connection in the data file. */
export const STORED = record(
  {
    id: identifier,
    type: text,
    join: record({ attribute: text, type: text }, {}),
    fields: listOf(FIELD),
    created_at: text,
    created_by: text,
    updated_at: text,
    updated_by: text,
  },
  { metadata: mapOf(text) },
);

interface CreateBody {
  readonly data: { readonly id?: string; readonly attributes: CreateAttributes };
}

interface UpdateBody {
  readonly data: {
    readonly id: string;
    readonly attributes?: {
      readonly fields_to_add?: readonly Field[];
      readonly fields_to_update?: readonly FieldChange[];
      readonly fields_to_delete?: readonly string[];
    };
  };
}
