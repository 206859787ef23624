import type { Field } from '../core/connection.ts';
import type { Quirks } from './faults/faults.ts';
import type { StoredConnection } from './wire.ts';

/**
 * Returns the connection with its display names and descriptions trimmed or in lower case, as some servers store them.
 */
export function normalised(connection: StoredConnection, how: Quirks['normalise']): StoredConnection {
  if (how === false) return connection;
  const normalisedText = how === 'trim' ? (text: string) => text.trim() : (text: string) => text.toLowerCase();
  const fields = connection.fields.map((field): Field => {
    const { display_name, description } = field;
    return {
      ...field,
      ...(display_name === undefined ? {} : { display_name: normalisedText(display_name) }),
      ...(description === undefined ? {} : { description: normalisedText(description) }),
    };
  });
  return { ...connection, fields };
}
