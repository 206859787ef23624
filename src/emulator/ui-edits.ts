import type { ChangeRecord } from './oracle.ts';
import { createdConnection, type Store } from './store.ts';
import type { CreateAttributes, Stamp, StoredConnection } from './wire.ts';

/**
 * Edits that a person could make in Datadog's UI. The request log doesn't contain them. Each throws if the UI would
 * not allow it.
 */
export interface UiEdits {
  seed(entity: string, connection: CreateAttributes & { readonly id: string }, by?: string): void;
  edit(entity: string, id: string, change: (connection: StoredConnection) => StoredConnection, by?: string): void;
  drop(entity: string, id: string, by?: string): void;
}

/** Returns the UI edits of a store. `changed` is called after each edit, to save and log it. */
export function uiEdits(
  store: Store,
  stamp: (by: string) => Stamp,
  changed: (op: ChangeRecord['op'], entity: string, id: string, by: string) => void,
): UiEdits {
  const existing = (entity: string, id: string): StoredConnection => {
    const connection = store.get(entity, id);
    if (connection === undefined) throw new Error(`The connection ${entity}/${id} does not exist.`);
    return connection;
  };
  return {
    seed(entity, { id, ...attributes }, by = UI_USER) {
      if (store.get(entity, id) !== undefined) throw new Error(`The connection ${entity}/${id} already exists.`);
      store.put(entity, createdConnection(id, attributes, stamp(by)));
      changed('created', entity, id, by);
    },
    edit(entity, id, change, by = UI_USER) {
      const { at } = stamp(by);
      store.put(entity, { ...change(existing(entity, id)), id, updated_at: at, updated_by: by });
      changed('updated', entity, id, by);
    },
    drop(entity, id, by = UI_USER) {
      existing(entity, id);
      store.remove(entity, id);
      changed('deleted', entity, id, by);
    },
  };
}

const UI_USER = 'ana@acme.example';
