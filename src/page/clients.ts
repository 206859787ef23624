import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { escapeControlJson } from '../core/escape-control.ts';
import type { PageDocument, PageStatus } from './document.ts';

/** What is sent, each as an event of its name whenever it changed. */
export interface Sources {
  readonly document: () => PageDocument;
  readonly standing: () => PageStatus;
}

/** Open pages. */
export interface Clients {
  /** One socket is one page: what it is sent never ends, so nothing that is asked for behind it is ever answered. */
  hasRoomFor(socket: Socket): boolean;
  join(socket: Socket, response: ServerResponse): void;
  changed(part: keyof Sources): void;
  /** Tells all of them that the watch has ended; those that do not listen are waited for no longer than a goodbye may take. */
  leave(): Promise<void>;
}

interface Client {
  readonly response: ServerResponse;
  /** Its socket is full: it gets the newest once that has drained, and nothing in between. */
  full: boolean;
  readonly sent: Record<keyof Sources, number>;
}

const MOST_CLIENTS = 32;
/** A burst of changes is sent as one, in milliseconds. */
const TOGETHER_MS = 40;
/** So often something is sent whatever happens, in milliseconds: that is how a page that is gone is noticed. */
const HEARTBEAT_MS = 15_000;
/** How soon a page that lost the watch looks for it again, in milliseconds. */
const RETRY_MS = 1_000;
/** The longest that a goodbye may take, in milliseconds. */
const GOODBYE_MS = 200;

const PARTS = ['document', 'standing'] as const;

/**
 * Sends each page what is new. There is one text of what stands now, made when somebody is there to read it; a page that reads
 * slowly misses what has been overtaken, and nothing is kept for it.
 */
export function openClients(sources: Sources): Clients {
  const clients = new Map<Socket, Client>();
  const revision: Record<keyof Sources, number> = { document: 1, standing: 1 };
  const texts = new Map<keyof Sources, { readonly revision: number; readonly text: string }>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const textOf = (part: keyof Sources): string => {
    const known = texts.get(part);
    if (known?.revision === revision[part]) return known.text;
    const text = `event: ${part}\ndata: ${escapeControlJson(sources[part]())}\n\n`;
    texts.set(part, { revision: revision[part], text });
    return text;
  };

  const bring = (client: Client): void => {
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
    hasRoomFor: (socket) => clients.size < MOST_CLIENTS && !clients.has(socket),
    join: (socket, response) => {
      const client: Client = { response, full: false, sent: { document: 0, standing: 0 } };
      clients.set(socket, client);
      // The response itself is told of nothing while it waits behind another one on its socket.
      socket.once('close', () => clients.delete(socket));
      response.on('error', () => clients.delete(socket));
      response.on('drain', () => {
        client.full = false;
        bring(client);
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      bring(client);
    },
    changed: (part) => {
      revision[part] += 1;
      if (clients.size === 0) texts.clear();
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const client of clients.values()) bring(client);
      }, TOGETHER_MS);
      timer.unref();
    },
    leave: async () => {
      clearTimeout(timer);
      clearInterval(heartbeat);
      const told = [...clients].map(
        ([socket, { response }]) =>
          new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
            response.end('event: ended\ndata: {}\n\n', () => resolve());
          }),
      );
      // Not unref'ed: were it the last thing that is waited for, the process would end in the middle of leaving.
      let goodbye: ReturnType<typeof setTimeout> | undefined;
      const enough = new Promise<void>((resolve) => {
        goodbye = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([Promise.all(told), enough]);
      clearTimeout(goodbye);
    },
  };
}
