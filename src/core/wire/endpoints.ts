import type { Identity } from '../ports.ts';

/*
 * All endpoints that connsync uses, with methods and paths.
 *
 * | endpoint | request                                                              |
 * | -------- | -------------------------------------------------------------------- |
 * | validate | GET /api/v2/validate: the organisation of the API key                |
 * | list     | GET …/{entity}/mapping/connections: all connections of an entity     |
 * | mapping  | GET …/{entity}/mapping: the attributes of an entity                  |
 * | create   | POST …/{entity}/mapping/connection, with the id in the body          |
 * | update   | PUT …/{entity}/mapping/connection, with the id in the body           |
 * | remove   | DELETE …/{entity}/mapping/connection/{id}                            |
 */

/** The method and path of a request. */
export interface Endpoint<Method extends string = string> {
  readonly method: Method;
  readonly path: string;
}

const ROOT = '/api/v2/product-analytics';

export const VALIDATE = { method: 'GET', path: '/api/v2/validate' } as const;

/** The HTTP methods of the three write requests. */
export const WRITE_METHODS = { create: 'POST', update: 'PUT', remove: 'DELETE' } as const;
export type Write = keyof typeof WRITE_METHODS;

/** Returns the request that lists the connections of an entity; undefined if the entity can't be part of a URL. */
export function listEndpoint(entity: string): Endpoint<'GET'> | undefined {
  const path = mappingPath(entity);
  return path === undefined ? undefined : { method: 'GET', path: `${path}${LIST_SUFFIX}` };
}

/** Returns the request for an entity's attributes, built-in and custom; undefined if the entity can't be part of a URL. */
export function mappingEndpoint(entity: string): Endpoint<'GET'> | undefined {
  const path = mappingPath(entity);
  return path === undefined ? undefined : { method: 'GET', path };
}

/** Returns the request of a write; undefined if the entity or the id can't be part of a URL. */
export function writeEndpoint<W extends Write>(
  write: W,
  { entity, id }: Identity,
): Endpoint<(typeof WRITE_METHODS)[W]> | undefined {
  const mapping = mappingPath(entity);
  const segment = pathSegment(id);
  if (mapping === undefined || (write === 'remove' && segment === undefined)) return undefined;
  const path = write === 'remove' ? `${mapping}/connection/${segment}` : `${mapping}/connection`;
  return { method: WRITE_METHODS[write], path };
}

/** Returns the endpoint of a write for a message. If its path can't be built, uses the root path. */
export function displayEndpoint(write: Write, to: Identity): Endpoint {
  return writeEndpoint(write, to) ?? { method: WRITE_METHODS[write], path: ROOT };
}

/** Returns whether a request lists connections. */
export function isList({ method, path }: Endpoint): boolean {
  return method === 'GET' && path.endsWith(`/mapping${LIST_SUFFIX}`);
}

const LIST_SUFFIX = '/connections';

function mappingPath(entity: string): string | undefined {
  const segment = pathSegment(entity);
  return segment === undefined ? undefined : `${ROOT}/${segment}/mapping`;
}

// Rejects `.` and `..`, which `encodeURIComponent` doesn't encode, and lone surrogates, for which it throws.
function pathSegment(text: string): string | undefined {
  if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) return undefined;
  return encodeURIComponent(text);
}
