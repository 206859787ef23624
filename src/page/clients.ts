import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { escapeControlJson } from '../core/escape-control.ts';
import type { PageDocument, PageStatus } from './document.ts';

/** The data of each event type. The server sends an event whenever its data has changed. */
export interface Sources {
  readonly document: () => PageDocument;
  readonly status: () => PageStatus;
}

/** The open pages, which receive events until the watch ends. */
export interface Clients {
  /**
   * Returns whether the socket can get an event stream. One socket serves one page, because the stream never ends and
   * later requests on the same socket would get no response.
   */
  hasRoomFor(socket: Socket): boolean;
  join(socket: Socket, response: ServerResponse): void;
  changed(part: keyof Sources): void;
  /** Sends all pages the message that the watch has ended, and waits a limited time for slow pages. */
  leave(): Promise<void>;
}

interface Client {
  readonly response: ServerResponse;
  /** Whether the client's socket is full. After it drains, the client gets only the latest state. */
  full: boolean;
  readonly sent: Record<keyof Sources, number>;
}

const MAX_CLIENTS = 32;
/** Changes within this many milliseconds are sent together. */
const BATCH_MS = 40;
/** Milliseconds between keep-alive messages, which detect closed pages. */
const HEARTBEAT_MS = 15_000;
/** Milliseconds before a page that lost the connection tries to reconnect. */
const RETRY_MS = 1_000;
/** Maximum milliseconds to wait, when the watch ends, until all pages have received the last message. */
const GOODBYE_MS = 200;

const PARTS = ['document', 'status'] as const;

/**
 * Sends changes to all pages. Serialises each state only once, and only if a page is open. A slow page skips outdated
 * states, so nothing is buffered for it.
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
      // Listens on the socket, because a response that is queued behind another one on it gets no close event.
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

/** Ends the event stream of a page. Resolves when the page has received everything or has disconnected. */
function ended(socket: Socket, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    response.end('event: ended\ndata: {}\n\n', () => resolve());
  });
}

async function settledWithin(ms: number, promises: readonly Promise<void>[]): Promise<void> {
  // Doesn't call `unref` on the timer, because the process would then exit before the last message is sent.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.all(promises), enough]);
  clearTimeout(timer);
}
