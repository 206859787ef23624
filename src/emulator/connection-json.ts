import type { StoredConnection } from './wire.ts';

/**
 * A connection's JSON. It is kept for as long as the value lives, so that a list of thousands, or the data file after
 * one change, costs no more than joining texts.
 */
export function connectionJson(connection: StoredConnection): string {
  const known = texts.get(connection);
  if (known !== undefined) return known;
  const text = JSON.stringify(connection);
  texts.set(connection, text);
  return text;
}

const texts = new WeakMap<StoredConnection, string>();
