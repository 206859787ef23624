import type { Happening } from './oracle.ts';
import { createdConnection, type Store } from './store.ts';
import type { CreateAttributes, Stamp, StoredConnection } from './wire.ts';

/** What somebody does in Datadog's UI, past the API and its log. Each throws where a person could not do it either. */
export interface UiEdits {
  seed(entity: string, connection: CreateAttributes & { readonly id: string }, by?: string): void;
  edit(entity: string, id: string, change: (connection: StoredConnection) => StoredConnection, by?: string): void;
  drop(entity: string, id: string, by?: string): void;
}

/** `changed` is told of each change, to have it written and noted. */
export function uiEdits(
  store: Store,
  stamp: (by: string) => Stamp,
  changed: (op: Happening['op'], entity: string, id: string, by: string) => void,
): UiEdits {
  const existing = (entity: string, id: string): StoredConnection => {
    const connection = store.get(entity, id);
    if (connection === undefined) throw new Error(`There is no connection ${entity}/${id} to click on.`);
    return connection;
  };
  return {
    seed(entity, { id, ...attributes }, by = SOMEBODY) {
      if (store.get(entity, id) !== undefined) throw new Error(`The connection ${entity}/${id} exists already.`);
      store.put(entity, createdConnection(id, attributes, stamp(by)));
      changed('created', entity, id, by);
    },
    edit(entity, id, change, by = SOMEBODY) {
      const { at } = stamp(by);
      store.put(entity, { ...change(existing(entity, id)), id, updated_at: at, updated_by: by });
      changed('updated', entity, id, by);
    },
    drop(entity, id, by = SOMEBODY) {
      existing(entity, id);
      store.remove(entity, id);
      changed('deleted', entity, id, by);
    },
  };
}

const SOMEBODY = 'ana@acme.example';
