import { compact } from '../core/compact.ts';
import type { Field } from '../core/connection.ts';
import {
  ENTITIES,
  type CreateAttributes,
  type FieldChange,
  type Stamp,
  type StoredConnection,
  type UpdateRequest,
} from './wire.ts';

/**
 * The connections of every entity, in the order of their creation. A store uses no disk, clock or HTTP.
 *
 * If the server accepts duplicates, an id may belong to several connections: reads and updates use the oldest, and a
 * removal deletes all of them.
 */
export class Store {
  /** Called after each change with all connections that now have the id. */
  onChange: ((entity: string, id: string, now: readonly StoredConnection[]) => void) | undefined;
  readonly #entities: ReadonlyMap<string, Map<string, readonly StoredConnection[]>>;

  constructor(saved: ReadonlyMap<string, readonly StoredConnection[]> = new Map()) {
    this.#entities = new Map(ENTITIES.map((entity) => [entity, new Map()]));
    for (const entity of ENTITIES) for (const connection of saved.get(entity) ?? []) this.add(entity, connection);
  }

  knows(entity: string): boolean {
    return this.#entities.has(entity);
  }

  list(entity: string): readonly StoredConnection[] {
    return [...this.#of(entity).values()].flat();
  }

  everything(): ReadonlyMap<string, readonly StoredConnection[]> {
    return new Map(ENTITIES.map((entity) => [entity, this.list(entity)]));
  }

  /** Returns the ids that belong to more than one connection. */
  shared(entity: string): readonly string[] {
    return [...this.#of(entity)].flatMap(([id, { length }]) => (length > 1 ? [id] : []));
  }

  get(entity: string, id: string): StoredConnection | undefined {
    return this.#of(entity).get(id)?.[0];
  }

  /** Adds a connection, or replaces the oldest one with the same id. */
  put(entity: string, connection: StoredConnection): void {
    const [, ...others] = this.#of(entity).get(connection.id) ?? [];
    this.set(entity, connection.id, [connection, ...others]);
  }

  /** Adds a connection, even if another one has the same id. */
  add(entity: string, connection: StoredConnection): void {
    this.set(entity, connection.id, [...(this.#of(entity).get(connection.id) ?? []), connection]);
  }

  /** Deletes all connections that have the id. Returns false if there were none. */
  remove(entity: string, id: string): boolean {
    const existed = this.#of(entity).has(id);
    if (existed) this.set(entity, id, []);
    return existed;
  }

  /** Replaces all connections that have an id. */
  set(entity: string, id: string, now: readonly StoredConnection[]): void {
    if (now.length === 0) this.#of(entity).delete(id);
    else this.#of(entity).set(id, now);
    this.onChange?.(entity, id, now);
  }

  #of(entity: string): Map<string, readonly StoredConnection[]> {
    const connections = this.#entities.get(entity);
    if (connections === undefined)
      throw new Error(`The entity ${entity} does not exist; the entities are ${ENTITIES.join(' and ')}.`);
    return connections;
  }
}

/** Returns the connection that a create stores, without members that the API doesn't document. */
export function createdConnection(id: string, attributes: CreateAttributes, { at, by }: Stamp): StoredConnection {
  const { type, join_attribute, join_type, fields = [], metadata } = attributes;
  return {
    id,
    type,
    join: { attribute: join_attribute, type: join_type },
    fields: fields.map(storedField),
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
    created_at: at,
    created_by: by,
    updated_at: at,
    updated_by: by,
  };
}

/** Returns the connection after a validated update. An added field replaces an existing field with the same id. */
export function updatedConnection(
  connection: StoredConnection,
  { add, change, remove }: UpdateRequest,
  { at, by }: Stamp,
): StoredConnection {
  const removedIds = new Set([...remove, ...add.map(({ id }) => id)]);
  const changes = new Map(change.map((one) => [one.field_id, one]));
  const remaining = connection.fields
    .filter(({ id }) => !removedIds.has(id))
    .map((field) => changedField(field, changes.get(field.id)));
  return { ...connection, fields: [...remaining, ...add.map(storedField)], updated_at: at, updated_by: by };
}

/**
 * Returns a field after a change. An empty text or list clears a member, and list responses leave out cleared members.
 */
function changedField(field: Field, change: FieldChange | undefined): Field {
  if (change === undefined) return field;
  const display_name = change.updated_display_name ?? field.display_name;
  const description = change.updated_description ?? field.description;
  const groups = change.updated_groups ?? field.groups;
  return {
    id: change.updated_field_id ?? field.id,
    source_name: field.source_name,
    type: field.type,
    ...(display_name === undefined || display_name === '' ? {} : { display_name }),
    ...(description === undefined || description === '' ? {} : { description }),
    ...(groups === undefined || groups.length === 0 ? {} : { groups: [...groups] }),
  };
}

function storedField({ id, source_name, type, display_name, description, groups }: Field): Field {
  return {
    id,
    source_name,
    type,
    ...compact({ display_name, description }),
    ...(groups === undefined ? {} : { groups: [...groups] }),
  };
}
