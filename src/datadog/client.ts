import { setTimeout as timer } from 'node:timers/promises';
import { arch, platform, versions } from 'node:process';
import { Failure } from '../core/diagnostic.ts';
import type {
  Announce,
  Answer,
  ConnectionsApi,
  ConnectionsReader,
  ConnectionsWriter,
  Identity,
} from '../core/ports.ts';
import { redactor } from '../core/redact.ts';
import { createBody, updateBody } from '../core/wire/bodies.ts';
import {
  displayEndpoint,
  listEndpoint,
  mappingEndpoint,
  VALIDATE,
  writeEndpoint,
  type Endpoint,
  type Write,
} from '../core/wire/endpoints.ts';
import { routeTo } from './agent.ts';
import { credentialHeaders, secretValues, type Credentials } from './credentials.ts';
import { badAnswer, listFailure, type ReadContext } from './failure.ts';
import type { LimitReading } from './rate-limiter.ts';
import { writeResultOf } from './write-result.ts';
import { retrying, type Sender, type Sent } from './retry.ts';
import { checkAddress } from './site.ts';
import { traced, type TraceLine } from './trace.ts';
import { ERROR_LIMIT, LIST_LIMIT, transport, type HttpRequest, type Method, type Reply } from './transport.ts';
import { parseAttributes, parseList, parseOrganisation } from './wire.ts';

export type { LimitReading } from './rate-limiter.ts';
export type { TraceLine } from './trace.ts';

export interface ClientOptions {
  /** The origin, such as `https://api.datadoghq.eu` or `http://127.0.0.1:1234`. */
  readonly address: string;
  /** The name of the site, for messages. */
  readonly site: string;
  readonly credentials: Credentials;
  /** Timeout of each request, including its body, in milliseconds. */
  readonly timeoutMs: number;
  /** Maximum number of retries of one request. */
  readonly maxRetries: number;
  /** Maximum number of sockets that are open at the same time. */
  readonly concurrency: number;
  /** Version of connsync, for the user agent. */
  readonly version: string;
  /** The environment variables. Only the proxy variables are read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called before every wait, once for all requests that wait for the same reason. */
  readonly waiting?: (wait: { reason: string; ms: number }) => void;
  /** Called after a response that reports the remaining rate limit, at most once every 250 ms. */
  readonly limit?: (reading: LimitReading) => void;
  /** Called after every request. */
  readonly trace?: (line: TraceLine) => void;
  /** Returns a number from 0 up to, but not including, 1. Defaults to `Math.random`. */
  readonly random?: () => number;
  /** Waits `ms` milliseconds. Rejects as soon as the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Monotonic time in milliseconds. Defaults to `performance.now`. */
  readonly clock?: () => number;
}

export interface Closable {
  /** Closes the keep-alive sockets. */
  close(): void;
}

/**
 * Returns a read-only client: it has no write methods, and its transport throws on any method but GET. Throws a
 * Failure if the address or the proxy is invalid.
 */
export async function readerFor(options: ClientOptions): Promise<ConnectionsReader & Closable> {
  const line = await openLine(options, ['GET']);
  return { ...readsOver(line), close: () => line.close() };
}

/** Returns a client that reads and writes. Throws a Failure if the address or the proxy is invalid. */
export async function clientFor(options: ClientOptions): Promise<ConnectionsApi & Closable> {
  const line = await openLine(options, ['GET', 'POST', 'PUT', 'DELETE']);
  return { ...readsOver(line), ...writesOver(line), close: () => line.close() };
}

/** The connection to Datadog, and the context that messages need. */
interface Line {
  readonly send: Sender;
  readonly context: ReadContext;
}

async function openLine(options: ClientOptions, methods: readonly Method[]): Promise<Line & Closable> {
  const address = checkAddress(options.address);
  if ('message' in address) throw new Failure('bad-address', address.message, { hint: address.hint });
  const { agent, via, secrets } = await routeTo(new URL(address.url), options);

  const redact = redactor([...secretValues(options.credentials), ...secrets]);
  const headers = { ...credentialHeaders(options.credentials), 'User-Agent': userAgent(options.version) };
  const exchange = transport({ address: address.url, agent, headers, timeoutMs: options.timeoutMs, methods });
  const send = retrying(traced(exchange, redact, options.trace), {
    maxRetries: options.maxRetries,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((ms, signal) => timer(ms, undefined, { signal })),
    clock: options.clock ?? (() => performance.now()),
    waiting: options.waiting,
    limit: options.limit,
  });
  const context = { site: options.site, credentials: options.credentials, via, redact };
  return { send, context, close: () => agent.destroy() };
}

function readsOver({ send, context }: Line): ConnectionsReader {
  const read = async (entity: string, endpoint: Endpoint<'GET'> | undefined, signal: AbortSignal): Promise<unknown> => {
    if (endpoint === undefined) throw new Failure('unsafe-id', `${JSON.stringify(entity)} is not a valid entity name`);
    const request: HttpRequest = { ...endpoint, limit: LIST_LIMIT };
    const { reply, instead } = await send(request, signal);
    throwIfStopped(reply, signal);
    return readJson(entity, instead ?? request, reply, context);
  };
  return {
    async organisation(signal) {
      const request: HttpRequest = { ...VALIDATE, limit: ERROR_LIMIT };
      const { reply } = await send(request, signal);
      throwIfStopped(reply, signal);
      return reply.kind === 'answered' && reply.status === 200 ? parseOrganisation(jsonOf(reply).value) : undefined;
    },

    async list(entity, signal) {
      return parseList(entity, await read(entity, listEndpoint(entity), signal));
    },

    async attributes(entity, signal) {
      return parseAttributes(await read(entity, mappingEndpoint(entity), signal));
    },
  };
}

interface Sending {
  readonly to: Identity;
  readonly body?: object;
  readonly announce: Announce | undefined;
}

function writesOver({ send, context }: Line): ConnectionsWriter {
  const write = async (write: Write, { to, body, announce }: Sending, signal: AbortSignal): Promise<Answer> => {
    const endpoint = writeEndpoint(write, to);
    if (endpoint === undefined) return unsendable(write, to);
    const request: HttpRequest = {
      ...endpoint,
      limit: ERROR_LIMIT,
      announce,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    return writeResultOf(request, await send(request, signal), context);
  };
  return {
    create: (to, signal, announce) => write('create', { to, body: createBody(to), announce }, signal),
    update: (to, signal, announce) => write('update', { to, body: updateBody(to), announce }, signal),
    remove: (to, signal, announce) => write('remove', { to, announce }, signal),
  };
}

// Returns the result for a write that is not sent, because the URL parser would change the entity or id and the request
// could hit another connection.
function unsendable(write: Write, to: Identity): Answer {
  const message = "its entity or id can't be part of a URL, so connsync can't address it";
  return { kind: 'unsent', attempts: 0, error: { ...displayEndpoint(write, to), message } };
}

function readJson(entity: string, request: HttpRequest, reply: Sent['reply'], context: ReadContext): unknown {
  if (reply.kind !== 'answered' || reply.status !== 200 || reply.flaw !== undefined) {
    throw listFailure(entity, request, reply, context);
  }
  const { value, problem } = jsonOf(reply);
  if (problem !== undefined) throw badAnswer(request, problem);
  return value;
}

// Parses a response's JSON. Rejects invalid UTF-8, because replacing the invalid bytes would change ids.
function jsonOf({ header, body, flaw }: Extract<Reply, { kind: 'answered' }>): { value?: unknown; problem?: string } {
  const type = header('content-type');
  if (type !== undefined && !/\bjson\b/i.test(type)) return { problem: 'a body that is not JSON' };
  if (flaw !== undefined) return { problem: 'an incomplete body' };
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return { value };
  } catch {
    return { problem: body.length === 0 ? 'an empty body' : 'a body that is not JSON' };
  }
}

function throwIfStopped(reply: Sent['reply'], signal: AbortSignal): void {
  if (reply.kind === 'stopped' || (signal.aborted && reply.kind === 'answered' && reply.flaw !== undefined)) {
    throw signal.reason;
  }
}

function userAgent(version: string): string {
  return `connsync/${version} (node ${versions.node}; os ${platform}; arch ${arch})`;
}
