import type { Field } from '../core/connection.ts';

/** The attributes of a create request, as Datadog names them. */
export interface CreateAttributes {
  readonly type: string;
  readonly join_attribute: string;
  readonly join_type: string;
  readonly fields?: readonly Field[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One entry of `fields_to_update`: only what is named changes. */
export interface FieldChange {
  readonly field_id: string;
  readonly updated_field_id?: string;
  readonly updated_display_name?: string;
  readonly updated_description?: string;
  readonly updated_groups?: readonly string[];
}

/** An update request: what is not named in its three lists stays as it is. */
export interface UpdateRequest {
  readonly id: string;
  readonly add: readonly Field[];
  readonly change: readonly FieldChange[];
  readonly remove: readonly string[];
}

/** A connection as the list shows it. Values are never changed in place: a changed connection is a new value. */
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

/** Who does something, and when (ISO 8601). */
export interface Stamp {
  readonly at: string;
  readonly by: string;
}

/** The entities that exist; any other is 404. */
export const ENTITIES: readonly string[] = ['users', 'accounts'];
