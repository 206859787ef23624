import type { Identity } from '../core/ports.ts';

/** Where an organisation is named: the only path that is not below an entity. */
export const VALIDATE_PATH = '/api/v2/validate';

/** GET: every connection of an entity. */
export function listPath(entity: string): string | undefined {
  const segment = pathSegment(entity);
  return segment === undefined ? undefined : `/api/v2/product-analytics/${segment}/mapping/connections`;
}

/** GET: the attributes known for an entity, built-in and custom. */
export function mappingPath(entity: string): string | undefined {
  const segment = pathSegment(entity);
  return segment === undefined ? undefined : `/api/v2/product-analytics/${segment}/mapping`;
}

/** POST and PUT: the id stands in the body. */
export function writePath(entity: string): string | undefined {
  const segment = pathSegment(entity);
  return segment === undefined ? undefined : `/api/v2/product-analytics/${segment}/mapping/connection`;
}

/** DELETE. Undefined where the id can not stand in an address, as it is with all three. */
export function removePath({ entity, id }: Identity): string | undefined {
  const base = writePath(entity);
  const segment = pathSegment(id);
  return base === undefined || segment === undefined ? undefined : `${base}/${segment}`;
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

// `encodeURIComponent` leaves the dots of `.` and `..`, and throws on half a character pair.
function pathSegment(text: string): string | undefined {
  if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) return undefined;
  return encodeURIComponent(text);
}
