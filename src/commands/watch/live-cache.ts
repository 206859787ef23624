import { join } from 'node:path';
import type { Report } from '../../core/event.ts';
import type { ConnectionsApi, ConnectionsReader } from '../../core/ports.ts';
import { cacheLists, type ListCache } from '../../watch/list-cache.ts';
import { connectorFor, type Connector } from '../../session/datadog-clients.ts';
import { LOCAL_SITE, type Destination } from '../../session/destination.ts';
import type { DatadogFlags } from '../flags.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** Datadog as a watch sees it: open for hours, asked seldom. */
export interface LiveCache {
  readonly lists: ListCache;
  /** For one apply; what it opens is closed again by `release`. */
  writer(concurrency: number): {
    readonly connect: () => Promise<ConnectionsApi>;
    readonly release: () => Promise<void>;
  };
  /** Whether the rate limit held something back since this was asked last, or is nearly used up. */
  isStrained(): boolean;
  close(): Promise<void>;
}

export interface LiveCacheOptions {
  readonly destination: Destination;
  readonly flags: DatadogFlags;
  readonly runtime: Runtime;
  readonly report: Report;
}

/** Under so much of it a rate limit is nearly used up. */
const LITTLE = 0.1;

/** So long at most what was asked through an embedded emulator may take that another has taken the place of, in milliseconds. */
const RETIRED_MS = 2_000;

export function openLiveCache({ destination, flags, runtime, report }: LiveCacheOptions): LiveCache {
  let strained = false;
  const open = (): Connector =>
    connectorFor({
      command: 'watch',
      destination,
      flags,
      runtime,
      localData: join(runtime.cwd, '.connsync', 'local'),
      report: (event) => {
        if (event.type === 'waiting') strained = true;
        if (event.type === 'rate-limit' && event.remaining < event.limit * LITTLE) strained = true;
        report(event);
      },
    });
  const opened = new Set<Connector>();
  let reader: Promise<ConnectionsReader> | undefined;

  const opening = (): Connector => {
    const connector = open();
    opened.add(connector);
    return connector;
  };

  const closing = async (connector: Connector): Promise<void> => {
    opened.delete(connector);
    await connector.close();
  };

  const connect = async (): Promise<ConnectionsReader> => {
    // The embedded emulator reads its data when it starts: what another process did is seen only by a new one.
    if (destination.target.site !== LOCAL_SITE) return await (reader ??= opening().reader());
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
