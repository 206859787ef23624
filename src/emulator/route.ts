import { empty, refusal, type EmulatorResponse } from './response.ts';

/** The operation that a request asks for. Entity and id are decoded. */
export type Route =
  | { readonly operation: 'validateKey' | 'validateKeyAndTellOrganisation' }
  | {
      readonly operation: 'getMapping' | 'listConnections' | 'createConnection' | 'updateConnection';
      readonly entity: string;
    }
  | { readonly operation: 'deleteConnection'; readonly entity: string; readonly id: string };

/**
 * Returns the operation for a method and a path. The path is not normalised, so `..` can't be used to reach another
 * path. Unknown paths get a 404. Known paths with another method get a 405 with `Allow`.
 */
export function findRoute(method: string, target: string): Route | { readonly refused: EmulatorResponse } {
  const [path = ''] = target.split('?', 1);
  const methods = methodsOf(path);
  if (methods === undefined) return { refused: refusal(404, [{ detail: 'The emulator has no such path.' }]) };
  if (methods === 'malformed') return { refused: refusal(400, [{ detail: 'The path has invalid percent-encoding.' }]) };
  const route = methods[method];
  return route ?? { refused: notAllowed(method, Object.keys(methods)) };
}

type Methods = Readonly<Record<string, Route>>;

function methodsOf(path: string): Methods | 'malformed' | undefined {
  if (path === '/api/v1/validate') return { GET: { operation: 'validateKey' } };
  if (path === '/api/v2/validate') return { GET: { operation: 'validateKeyAndTellOrganisation' } };
  const parts = MAPPING.exec(path);
  if (parts === null) return undefined;
  const [entity, id] = [decoded(parts[1]), decoded(parts[3])];
  if (entity === undefined || id === undefined) return 'malformed';
  return mappingMethods(entity, parts[2], parts[3] === undefined ? undefined : id);
}

function mappingMethods(entity: string, below: string | undefined, id: string | undefined): Methods | undefined {
  if (below === undefined) return { GET: { operation: 'getMapping', entity } };
  if (below === 'connections') {
    return id === undefined ? { GET: { operation: 'listConnections', entity } } : undefined;
  }
  if (id !== undefined) return { DELETE: { operation: 'deleteConnection', entity, id } };
  return { POST: { operation: 'createConnection', entity }, PUT: { operation: 'updateConnection', entity } };
}

const MAPPING = /^\/api\/v2\/product-analytics\/([^/]+)\/mapping(?:\/(connections?)(?:\/([^/]+))?)?$/;

function decoded(part = ''): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function notAllowed(method: string, allowed: readonly string[]): EmulatorResponse {
  const headers = { allow: allowed.join(', ') };
  // A response to HEAD has no body.
  if (method === 'HEAD') return { ...empty(405), headers };
  return refusal(
    405,
    [{ detail: `${method} is not supported here; ${allowed.join(' and ')} ${allowed.length === 1 ? 'is' : 'are'}.` }],
    headers,
  );
}
