/** Returns the organisation; the only path that is not below an entity. */
export const VALIDATE_PATH = '/api/v2/validate';

/** Reports whether a request lists all connections of an entity. */
export function isList({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method === 'GET' && path.endsWith('/mapping/connections');
}

/**
 * Returns the URL of a path. Throws (a bug in connsync) if the URL parser changes the path: it removes `.` and `..`,
 * even when written `%2e`, so a DELETE could hit more than was intended.
 */
export function addressOf(origin: string, path: string): URL {
  const url = new URL(path, origin);
  if (url.origin !== new URL(origin).origin || url.pathname !== path || url.href !== url.origin + path) {
    throw new Error(`the URL parser changes the path ${path}`);
  }
  return url;
}
