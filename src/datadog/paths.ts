/** Where an organisation is named: the only path that is not below an entity. */
export const VALIDATE_PATH = '/api/v2/validate';

/** Whether a request asks for all connections of an entity. */
export function isList({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method === 'GET' && path.endsWith('/mapping/connections');
}

/**
 * The address that a path is sent to. The URL parser removes `.` and `..`, also where they are written `%2e`, so that a
 * DELETE could hit more than was meant: the result must be the intended path, or this throws (a bug of ours).
 */
export function addressOf(origin: string, path: string): URL {
  const url = new URL(path, origin);
  if (url.origin !== new URL(origin).origin || url.pathname !== path || url.href !== url.origin + path) {
    throw new Error(`the path ${path} would be sent as something else`);
  }
  return url;
}
