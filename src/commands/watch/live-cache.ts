import type { Report } from '../../core/event.ts';
import type { ConnectionsApi, ConnectionsReader } from '../../core/ports.ts';
import { cacheLists, type ListCache } from '../../watch/list-cache.ts';
import type { DatadogClients } from '../../session/datadog-clients.ts';
import { LOCAL_SITE } from '../../session/destination.ts';
import type { Workspace } from '../../session/workspace.ts';

/** The Datadog clients of a watch, which share one cache of lists. */
export interface LiveCache {
  readonly lists: ListCache;
  /** Returns a client for one apply. `release` closes it. */
  writer(concurrency: number): {
    readonly connect: () => Promise<ConnectionsApi>;
    readonly release: () => Promise<void>;
  };
  /** Returns whether the rate limit delayed a request since the last call, or is nearly used up. */
  isStrained(): boolean;
  close(): Promise<void>;
}

export interface LiveCacheOptions {
  readonly workspace: Workspace;
  readonly report: Report;
}

/** A rate limit counts as nearly used up if less than this fraction of it remains. */
const LITTLE = 0.1;

/** Milliseconds before a replaced embedded emulator is closed, so that its requests in flight can finish. */
const RETIRED_MS = 2_000;

export function openLiveCache({ workspace, report }: LiveCacheOptions): LiveCache {
  let strained = false;
  const open = (): DatadogClients =>
    workspace.openClients({
      command: 'watch',
      report: (event) => {
        if (event.type === 'waiting') strained = true;
        if (event.type === 'rate-limit' && event.remaining < event.limit * LITTLE) strained = true;
        report(event);
      },
    });
  const opened = new Set<DatadogClients>();
  let reader: Promise<ConnectionsReader> | undefined;

  const opening = (): DatadogClients => {
    const clients = open();
    opened.add(clients);
    return clients;
  };

  const closing = async (clients: DatadogClients): Promise<void> => {
    opened.delete(clients);
    await clients.close();
  };

  const connect = async (): Promise<ConnectionsReader> => {
    // The embedded emulator reads its data only when it starts. To see the changes of other processes, each list needs
    // a new emulator.
    if (workspace.target.site !== LOCAL_SITE) return await (reader ??= opening().reader());
    for (const before of opened) setTimeout(() => void closing(before), RETIRED_MS).unref();
    return await opening().reader();
  };

  return {
    lists: cacheLists(connect),
    writer: (concurrency) => {
      const writing = open();
      return { connect: () => writing.writer(concurrency), release: () => writing.close() };
    },
    isStrained: () => {
      const was = strained;
      strained = false;
      return was;
    },
    close: async () => {
      await Promise.all([...opened].map(closing));
    },
  };
}
