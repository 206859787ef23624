import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClientOptions } from '../../src/datadog/client.ts';
import { readCredentials, type Credentials } from '../../src/datadog/credentials.ts';

export interface Seen {
  readonly method: string;
  /** As on the request line. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Handle = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void;

/** A server on loopback that records every request, with its body, before the test answers it. */
export interface Loopback extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly seen: readonly Seen[];
}

export async function listen(handle: Handle): Promise<Loopback> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      handle(one, response, request);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Returns a port without a listener. */
export async function deadPort(): Promise<number> {
  await using server = await listen(() => {});
  return server.port;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Returns a response to GET …/connections. */
export function listOf(...connections: readonly unknown[]): unknown {
  return { data: { id: 'list_connections_response', type: 'list_connections_response', attributes: { connections } } };
}

export const BILLING = { id: 'billing', type: 'ref_table', join: { attribute: 'user_email', type: 'email' } };

export const API_KEY = '0123456789abcdef0123456789aba91f';
export const APP_KEY = 'fedcba9876543210fedcba9876543210fedc07bc';

export function keys(
  env: Readonly<Record<string, string>> = { DD_API_KEY: API_KEY, DD_APP_KEY: APP_KEY },
): Credentials {
  const { credentials } = readCredentials(env);
  if (credentials === undefined) throw new Error('these are no credentials');
  return credentials;
}

/** Replaces waiting: every wait is added to `sleeps` and ends immediately, and the clock advances by it. */
export function optionsFor(
  address: string,
  more: Partial<ClientOptions> & { readonly sleeps?: number[] } = {},
): ClientOptions {
  const { sleeps = [], ...rest } = more;
  let slept = 0;
  return {
    address,
    site: 'datadoghq.com',
    credentials: keys(),
    timeoutMs: 5000,
    maxRetries: 0,
    concurrency: 4,
    version: '1.2.3',
    environment: {},
    random: () => 0.5,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      sleeps.push(ms);
      slept += ms;
    },
    clock: () => performance.now() + slept,
    ...rest,
  };
}

export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Returns the rejection of a promise. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was not rejected');
}
