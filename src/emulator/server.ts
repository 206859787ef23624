import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Failure } from '../core/diagnostic.ts';
import { refusal, type Answer } from './answer.ts';
import { readBody, textOf } from './body.ts';
import { clicksOn, type Clicks } from './clicks.ts';
import { openData } from './data.ts';
import { uuidFrom } from './organisation.ts';
import { answerTo, type Received, type Stages } from './pipeline.ts';
import { rateLimiter, type RateLimit } from './rate-limit.ts';
import { RequestLog, type OpenRequest, type SeenRequest } from './request-log.ts';
import { Scripts, type Script } from './scripted.ts';
import type { Stamp, StoredConnection } from './wire.ts';

export { parseRateLimit, type RateLimit } from './rate-limit.ts';
export type { SeenRequest } from './request-log.ts';
export type { Script } from './scripted.ts';
export type { StoredConnection } from './wire.ts';

export interface EmulatorOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Everything persists there, in `connections.json`; without it the emulator forgets at its end. */
  readonly dataDir?: string;
  /** Load what `dataDir` holds, never write or create anything. */
  readonly readOnlyData?: boolean;
  readonly rateLimit?: RateLimit;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Who `created_by` and `updated_by` name for requests. */
  readonly actor?: string;
  /** The organisation's UUID. Default: the one in `dataDir`, else a new one. */
  readonly organisation?: string;
  /** Makes the ids of requests, and of connections whose creator left the id out. */
  readonly newId?: () => string;
}

/** A running emulator of the Datadog endpoints that connsync talks to, on loopback. */
export interface Emulator extends Clicks, AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The organisation's UUID. */
  readonly organisation: string;
  /** The last 100,000 requests, in the order in which they came. */
  readonly requests: readonly SeenRequest[];
  /** The most requests in flight at once since the start or the last `resetLog`. */
  readonly peak: number;
  resetLog(): void;
  /** The connections of an entity, as the list shows them. */
  connections(entity: string): readonly StoredConnection[];
  /** The next matching requests that carry keys and are within the rate limit get these answers, in order. */
  answerNext(script: Script): void;
  /** Every answer waits so long, in milliseconds, after its request was carried out. */
  latencyMs: number;
  /** Ends all sockets at once, and waits for the disk. */
  close(): Promise<void>;
}

/** Starts an emulator. Throws a Failure where the port is taken, or the data folder is damaged or can't be used. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { clock = Date.now, newId = randomUUID, actor = 'ci@acme.example', rateLimit } = options;
  const data = await openData(options);
  const { store, organisation, save } = data;
  const stamp = (by: string): Stamp => ({ at: new Date(clock()).toISOString(), by });
  const log = new RequestLog(clock);
  const scripts = new Scripts();
  const stages: Stages = {
    takeTurn: rateLimit === undefined ? undefined : rateLimiter(rateLimit, clock),
    scripts,
    world: { store, organisation, apiKeyId: uuidFrom(`key of ${organisation}`), stamp: () => stamp(actor), newId },
    save,
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    response.setHeader('x-request-id', newId());
    void serve(request, response, { log, stages, latencyMs: () => emulator.latencyMs });
  });
  server.on('clientError', (error, socket) => refuseGarbage(error, socket, newId()));
  const url = await listen(server, options.port ?? 0);

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop(server).then(data.settle));
  const emulator: Emulator = {
    url,
    organisation,
    requests: log.entries,
    get peak() {
      return log.peak;
    },
    resetLog: () => log.reset(),
    ...clicksOn(store, stamp, () => void save().catch(() => {})), // `close` tells what the disk refused
    connections: (entity) => store.list(entity),
    answerNext: (script) => scripts.add(script),
    latencyMs: 0,
    close,
    [Symbol.asyncDispose]: close,
  };
  return emulator;
}

interface Serving {
  readonly log: RequestLog;
  readonly stages: Stages;
  readonly latencyMs: () => number;
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { log } = serving;
  const seen = begin(request, log);
  response.once('close', () => log.end(seen, 0)); // an answered request has ended before
  try {
    const received = await receive(request, seen, log);
    const answer = await answerTo(received, serving.stages);
    if (serving.latencyMs() > 0) await passTime(serving.latencyMs());
    send(answer, response, () => log.end(seen, answer.status));
  } catch (error) {
    if (response.destroyed || response.headersSent) return; // the client is gone
    const why = error instanceof Error ? error.message : String(error);
    send(refusal(500, [{ detail: `The emulator failed: ${why}` }]), response, () => log.end(seen, 500));
  }
}

function begin(request: IncomingMessage, log: RequestLog): OpenRequest {
  const { method = '', url = '', headers } = request;
  const userAgent = headers['user-agent'];
  return log.begin({
    method,
    path: url,
    headers: Object.keys(headers),
    ...(userAgent === undefined ? {} : { userAgent }),
  });
}

async function receive(request: IncomingMessage, seen: OpenRequest, log: RequestLog): Promise<Received> {
  const body = await readBody(request);
  const text = textOf(body);
  if (text !== undefined && typeof body === 'object') {
    log.tookBody(seen, 'json' in text ? text.json : text.text, body.bytes.length);
  }
  return { seen, headers: request.headers, body, text };
}

/** The request ends in the log before the client can hear of it, so that its next one is never counted beside it. */
function send({ status, headers = {}, body }: Answer, response: ServerResponse, end: () => void): void {
  if (response.destroyed) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  end();
  response.end(body);
}

/** A timer that holds no process back once the server is closed. */
async function passTime(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** What isn't HTTP at all gets an answer too, then the socket is closed. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex, requestId: string): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const { body = '' } = refusal(status, [{ detail: 'This is no HTTP request that the emulator can read.' }]);
  const head = [
    `HTTP/1.1 ${status} Refused`,
    `x-request-id: ${requestId}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('usage', `The emulator can not listen on port ${port}: ${cause.code ?? cause.message}.`, {
      hint: 'Give another port, or 0 for any free one.',
      cause,
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeAllConnections();
  await closed;
}

// Long, so that a client's idle connection is not closed just while it sends the next request on it.
const KEEP_ALIVE_MS = 55_000;
