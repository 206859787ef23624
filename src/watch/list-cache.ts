import type { LiveConnection } from '../core/connection.ts';
import type { ConnectionsReader } from '../core/ports.ts';

/** What is live as it was listed last: a save is planned against that, and asks Datadog nothing. */
export interface ListCache {
  /** Answers from what is kept; an entity that was never listed is listed first. */
  readonly reader: ConnectionsReader;
  /** Lists everything anew; what was kept stands until all of it is there. */
  renew(signal: AbortSignal): Promise<void>;
  /** Nothing that is kept holds any more: an apply changed it. */
  forget(): void;
}

interface Kept {
  readonly reader: Promise<ConnectionsReader>;
  readonly lists: Map<string, Promise<readonly LiveConnection[]>>;
  readonly attributes: Map<string, Promise<readonly string[]>>;
}

/** `connect` is called for each listing of everything; it may well give the same reader each time. */
export function cacheLists(connect: () => Promise<ConnectionsReader>): ListCache {
  let kept = nothingKept(connect);
  let organisation: Promise<string | undefined> | undefined;
  return {
    reader: {
      organisation: (signal) => {
        organisation ??= kept.reader.then((reader) => reader.organisation(signal));
        organisation.catch(() => (organisation = undefined));
        return organisation;
      },
      list: async (entity, signal) => fetched(kept.lists, entity, await kept.reader, 'list', signal),
      attributes: async (entity, signal) => fetched(kept.attributes, entity, await kept.reader, 'attributes', signal),
    },
    renew: async (signal) => {
      const before = kept;
      const anew = nothingKept(connect);
      const reader = await anew.reader;
      await Promise.all([...before.lists.keys()].map((entity) => fetched(anew.lists, entity, reader, 'list', signal)));
      // An apply that ended in the meantime knows better.
      if (kept === before) kept = anew;
    },
    forget: () => {
      kept = nothingKept(connect);
    },
  };
}

function nothingKept(connect: () => Promise<ConnectionsReader>): Kept {
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

/** What is under way is waited for, not asked twice; what failed is asked again. */
async function fetched<Name extends 'list' | 'attributes'>(
  known: Map<string, ReturnType<ConnectionsReader[Name]>>,
  entity: string,
  reader: ConnectionsReader,
  name: Name,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<ConnectionsReader[Name]>>> {
  const there = known.get(entity);
  if (there !== undefined) return await there;
  const asked = reader[name](entity, signal) as ReturnType<ConnectionsReader[Name]>;
  known.set(entity, asked);
  asked.catch(() => known.delete(entity));
  return await asked;
}
