import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../core/diagnostic.ts';
import { refusalOf } from './request-guard.ts';
import { openClients, type Clients, type Sources } from './clients.ts';
import type { Html } from './html.ts';

export interface PageServer {
  readonly url: string;
  /** Call this after the data of the sources changed. */
  changed(part: keyof Sources): void;
  /** Sends the last message to all pages, then closes all sockets. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly html: Html;
  /** The port to listen on; 0 uses any free port. */
  readonly port: number;
  readonly sources: Sources;
}

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** Serves the page and its updates on loopback only. Throws a Failure if the port is taken. */
export async function servePage({ html, port, sources }: ServeOptions): Promise<PageServer> {
  const clients = openClients(sources);
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) =>
    answer(request, response, { html, clients, port: portOf(server) }),
  );
  const url = await listen(server, port);
  return {
    url,
    changed: (part) => clients.changed(part),
    close: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      await clients.leave();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Timeout for receiving a request, in milliseconds. */
const REQUEST_MS = 10_000;

interface Serving {
  readonly html: Html;
  readonly clients: Clients;
  readonly port: number;
}

function answer(request: IncomingMessage, response: ServerResponse, { html, clients, port }: Serving): void {
  const isHead = request.method === 'HEAD';
  const send = (status: number, type: string, body: string, more: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(status, {
      ...HEADERS,
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      ...more,
    });
    response.end(isHead ? undefined : body);
  };
  const refused = refusalOf(request, port);
  if (refused !== undefined) {
    send(refused.status, 'text/plain; charset=utf-8', `${refused.reason}\n`, refused.headers);
    return;
  }
  switch (request.url?.split('?')[0]) {
    case '/':
      send(200, 'text/html; charset=utf-8', html.served, { 'content-security-policy': html.policy });
      return;
    case '/events':
      if (!clients.hasRoomFor(request.socket)) {
        send(503, 'text/plain; charset=utf-8', 'Too many pages are open; close some of them.\n', {
          'retry-after': '5',
        });
        return;
      }
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
      if (isHead) response.end();
      else clients.join(request.socket, response);
      return;
    default:
      send(404, 'text/plain; charset=utf-8', 'Not found; the page is at /.\n');
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('usage', `the status page can't listen on port ${port}: ${cause.code ?? cause.message}`, {
      hint: 'use another port, or remove --port to use any free one',
      cause,
    });
  });
  return `http://127.0.0.1:${portOf(server)}/`;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
