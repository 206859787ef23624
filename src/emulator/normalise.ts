import type { Field } from '../core/connection.ts';
import type { Quirks } from './faults/faults.ts';
import type { StoredConnection } from './wire.ts';

/** What a server that knows better makes of the texts for people. */
export function normalised(connection: StoredConnection, how: Quirks['normalise']): StoredConnection {
  if (how === false) return connection;
  const better = how === 'trim' ? (text: string) => text.trim() : (text: string) => text.toLowerCase();
  const fields = connection.fields.map((field): Field => {
    const { display_name, description } = field;
    return {
      ...field,
      ...(display_name === undefined ? {} : { display_name: better(display_name) }),
      ...(description === undefined ? {} : { description: better(description) }),
    };
  });
  return { ...connection, fields };
}
