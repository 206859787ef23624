import type { Identity } from '../ports.ts';

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

/** DELETE. Undefined where the id can not stand in an address, as it is with all four. */
export function removePath({ entity, id }: Identity): string | undefined {
  const base = writePath(entity);
  const segment = pathSegment(id);
  return base === undefined || segment === undefined ? undefined : `${base}/${segment}`;
}

// `encodeURIComponent` leaves the dots of `.` and `..`, and throws on half a character pair.
function pathSegment(text: string): string | undefined {
  if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) return undefined;
  return encodeURIComponent(text);
}
