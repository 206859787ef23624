import type { Field } from '../core/connection.ts';

/** The attributes of a create request, in Datadog's naming. */
export interface CreateAttributes {
  readonly type: string;
  readonly join_attribute: string;
  readonly join_type: string;
  readonly fields?: readonly Field[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One entry of `fields_to_update`. An update changes only the members that the entry sets. */
export interface FieldChange {
  readonly field_id: string;
  readonly updated_field_id?: string;
  readonly updated_display_name?: string;
  readonly updated_description?: string;
  readonly updated_groups?: readonly string[];
}

/** An update request: fields that its three lists don't name stay unchanged. */
export interface UpdateRequest {
  readonly id: string;
  readonly add: readonly Field[];
  readonly change: readonly FieldChange[];
  readonly remove: readonly string[];
}

/** A connection as in the list response. Values are immutable: a change creates a new value. */
export interface StoredConnection {
  readonly id: string;
  readonly type: string;
  readonly join: { readonly attribute: string; readonly type: string };
  readonly fields: readonly Field[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** Times are ISO 8601 in UTC; authors are handles. */
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

/** The author of a change, and its time (ISO 8601). */
export interface Stamp {
  readonly at: string;
  readonly by: string;
}

/** The entities that exist. A request for any other entity gets a 404. */
export const ENTITIES: readonly string[] = ['users', 'accounts'];
