import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { escapeControlJson } from '../core/escape-control.ts';
import type { PageDocument, PageStatus } from './document.ts';

/** The event types. Each is sent whenever its data changed. */
export interface Sources {
  readonly document: () => PageDocument;
  readonly status: () => PageStatus;
}

/** Number of open pages. */
export interface Clients {
  /**
   * One socket serves one page: the event stream never ends, so later requests on the same socket would get no
   * response.
   */
  hasRoomFor(socket: Socket): boolean;
  join(socket: Socket, response: ServerResponse): void;
  changed(part: keyof Sources): void;
  /** Sends all pages the end of the watch, and waits a limited time for slow ones. */
  leave(): Promise<void>;
}

interface Client {
  readonly response: ServerResponse;
  /** The client's socket is full. After it drains, the client gets only the latest state. */
  full: boolean;
  readonly sent: Record<keyof Sources, number>;
}

const MAX_CLIENTS = 32;
/** Changes within this time in milliseconds are sent together. */
const BATCH_MS = 40;
/** Interval of keep-alive messages in milliseconds, which detect pages that are gone. */
const HEARTBEAT_MS = 15_000;
/** How soon a page that lost the connection retries, in milliseconds. */
const RETRY_MS = 1_000;
/** When the watch ends, the longest time to wait for pages to receive the last message, in milliseconds. */
const GOODBYE_MS = 200;

const PARTS = ['document', 'status'] as const;

/**
 * Sends changes to all pages. The text of the current state is built once, and only if a page is open. A slow page
 * skips outdated states, and nothing is buffered for it.
 */
export function openClients(sources: Sources): Clients {
  const clients = new Map<Socket, Client>();
  const revision: Record<keyof Sources, number> = { document: 1, status: 1 };
  const texts = new Map<keyof Sources, { readonly revision: number; readonly text: string }>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const textOf = (part: keyof Sources): string => {
    const known = texts.get(part);
    if (known?.revision === revision[part]) return known.text;
    const text = `event: ${part}\ndata: ${escapeControlJson(sources[part]())}\n\n`;
    texts.set(part, { revision: revision[part], text });
    return text;
  };

  const sendTo = (client: Client): void => {
    for (const part of PARTS) {
      if (client.full || client.sent[part] === revision[part]) continue;
      client.sent[part] = revision[part];
      client.full = !client.response.write(textOf(part));
    }
  };

  const heartbeat = setInterval(() => {
    for (const client of clients.values()) if (!client.full) client.full = !client.response.write(': here\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    hasRoomFor: (socket) => clients.size < MAX_CLIENTS && !clients.has(socket),
    join: (socket, response) => {
      const client: Client = { response, full: false, sent: { document: 0, status: 0 } };
      clients.set(socket, client);
      // A response that is queued behind another one on its socket gets no close event itself.
      socket.once('close', () => clients.delete(socket));
      response.on('error', () => clients.delete(socket));
      response.on('drain', () => {
        client.full = false;
        sendTo(client);
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      sendTo(client);
    },
    changed: (part) => {
      revision[part] += 1;
      if (clients.size === 0) texts.clear();
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const client of clients.values()) sendTo(client);
      }, BATCH_MS);
      timer.unref();
    },
    leave: async () => {
      clearTimeout(timer);
      clearInterval(heartbeat);
      const closings = [...clients].map(([socket, { response }]) => ended(socket, response));
      await settledWithin(GOODBYE_MS, closings);
    },
  };
}

/** Ends the event stream of a page, and resolves when the page has all of it or is gone. */
function ended(socket: Socket, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    response.end('event: ended\ndata: {}\n\n', () => resolve());
  });
}

async function settledWithin(ms: number, promises: readonly Promise<void>[]): Promise<void> {
  // Not unref'ed: the process would otherwise exit before the last message is sent.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.all(promises), enough]);
  clearTimeout(timer);
}
