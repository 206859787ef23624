import type { StoredConnection } from './wire.ts';

/**
 * Returns a connection's JSON. It is cached for the lifetime of the value, so that a list of thousands, or the data
 * file after one change, costs only a join of strings.
 */
export function connectionJson(connection: StoredConnection): string {
  const known = texts.get(connection);
  if (known !== undefined) return known;
  const text = JSON.stringify(connection);
  texts.set(connection, text);
  return text;
}

const texts = new WeakMap<StoredConnection, string>();
