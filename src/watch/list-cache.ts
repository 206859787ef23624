import type { LiveConnection } from '../core/connection.ts';
import type { ConnectionsReader } from '../core/ports.ts';

/** A cache of the live connections, so that a plan after a save sends no requests. */
export interface ListCache {
  /** Reads from the cache, and lists an entity that was never listed. */
  readonly reader: ConnectionsReader;
  /** Lists all cached entities again. The cache keeps its old contents until all these lists are complete. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Discards all lists. Called after an apply, which may have changed the live connections. */
  clear(): void;
}

interface CachedLists {
  readonly reader: Promise<ConnectionsReader>;
  readonly lists: Map<string, Promise<readonly LiveConnection[]>>;
  readonly attributes: Map<string, Promise<readonly string[]>>;
}

/**
 * Returns an empty cache of lists. It calls `connect` each time it starts over with empty lists; `connect` may return
 * the same reader each time.
 */
export function cacheLists(connect: () => Promise<ConnectionsReader>): ListCache {
  let cached = emptyCache(connect);
  let organisation: Promise<string | undefined> | undefined;
  return {
    reader: {
      organisation: (signal) => {
        organisation ??= cached.reader.then((reader) => reader.organisation(signal));
        organisation.catch(() => (organisation = undefined));
        return organisation;
      },
      list: async (entity, signal) => cachedFetch(cached.lists, entity, await cached.reader, 'list', signal),
      attributes: async (entity, signal) =>
        cachedFetch(cached.attributes, entity, await cached.reader, 'attributes', signal),
    },
    refresh: async (signal) => {
      const before = cached;
      const fresh = emptyCache(connect);
      const reader = await fresh.reader;
      await Promise.all(
        [...before.lists.keys()].map((entity) => cachedFetch(fresh.lists, entity, reader, 'list', signal)),
      );
      // If an apply cleared the cache in the meantime, these lists are outdated and are not kept.
      if (cached === before) cached = fresh;
    },
    clear: () => {
      cached = emptyCache(connect);
    },
  };
}

function emptyCache(connect: () => Promise<ConnectionsReader>): CachedLists {
  let opened: Promise<ConnectionsReader> | undefined;
  return {
    get reader() {
      opened ??= connect();
      return opened;
    },
    lists: new Map(),
    attributes: new Map(),
  };
}

/**
 * Returns a cached result, or sends a request and caches it. Callers share a pending request; a failed one is not
 * cached.
 */
async function cachedFetch<Name extends 'list' | 'attributes'>(
  known: Map<string, ReturnType<ConnectionsReader[Name]>>,
  entity: string,
  reader: ConnectionsReader,
  name: Name,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<ConnectionsReader[Name]>>> {
  const existing = known.get(entity);
  if (existing !== undefined) return await existing;
  const request = reader[name](entity, signal) as ReturnType<ConnectionsReader[Name]>;
  known.set(entity, request);
  request.catch(() => known.delete(entity));
  return await request;
}
