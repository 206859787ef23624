import type { StoredConnection } from './wire.ts';

/**
 * Returns a connection's JSON. The JSON is cached as long as the connection object exists, so that writing a list of
 * thousands, or the data file after one change, only joins strings.
 */
export function connectionJson(connection: StoredConnection): string {
  const known = texts.get(connection);
  if (known !== undefined) return known;
  const text = JSON.stringify(connection);
  texts.set(connection, text);
  return text;
}

const texts = new WeakMap<StoredConnection, string>();
