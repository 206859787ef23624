import { compact } from '../core/compact.ts';
import { setMaxListeners } from 'node:events';
import type { Agent } from 'node:http';
import fetch, { type Response } from 'node-fetch';
import type { Announce } from '../core/ports.ts';
import { isBeforeConnection, isUntrusted, reasonOf } from './network.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface HttpRequest {
  readonly method: Method;
  /** The URL-encoded path, built by `core/wire/paths.ts`. */
  readonly path: string;
  /** The request body as JSON text. */
  readonly body?: string;
  /** Maximum size of a successful response's body after decompression, in bytes. */
  readonly limit: number;
  /**
   * Called before each attempt. The request is sent only after the returned promise resolves. If it rejects, its error
   * is rethrown.
   */
  readonly announce?: Announce | undefined;
  /** A shorter deadline than the client's, in milliseconds. */
  readonly deadlineMs?: number;
}

/**
 * The result of one request.
 *
 * | kind     | meaning                                                                                          |
 * | -------- | ------------------------------------------------------------------------------------------------ |
 * | answered | there is a status; `flaw` says why the body is incomplete, and `body` is then the part received  |
 * | failed   | there is no status; `sent` is false only if no connection was made                               |
 * | redirect | the response was a redirect; following it would send the keys to another host                    |
 * | stopped  | the caller's signal ended the request; `sent` is false if it had not begun                       |
 */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Returns one header; the name is case-insensitive. */
      readonly header: (name: string) => string | undefined;
      readonly body: Buffer;
      readonly flaw?: Flaw;
    }
  | {
      readonly kind: 'failed';
      readonly sent: boolean;
      readonly reason: string;
      readonly untrusted: boolean;
      readonly cause?: unknown;
    }
  | { readonly kind: 'redirect' }
  | { readonly kind: 'stopped'; readonly sent: boolean };

/** Why a body is incomplete. `cut`: the network or the deadline ended it. `too-large`: connsync stopped reading it. */
export interface Flaw {
  readonly kind: 'cut' | 'too-large';
  readonly reason: string;
}

/**
 * Sends one request once. `attempt` counts the attempts of this request from 1, and is used only for traces. Throws
 * only for bugs.
 */
export type Exchange = (request: HttpRequest, signal: AbortSignal, attempt: number) => Promise<Reply>;

export interface TransportOptions {
  /** The origin of the API, such as `https://api.datadoghq.eu`. */
  readonly address: string;
  readonly agent: Agent;
  /** The headers of every request: the credentials and the user agent. */
  readonly headers: Readonly<Record<string, string>>;
  /** Timeout of the whole request, including its body, in milliseconds. */
  readonly timeoutMs: number;
  /** The allowed methods. Any other method throws, which guarantees that a dry run writes nothing. */
  readonly methods: readonly Method[];
}

/**
 * Limit for a list of connections: it fits 20,000 connections of three kilobytes, twice the usual size. A longer body
 * is a mistake or an attack, and would only fill the memory.
 */
export const LIST_LIMIT = 64 * 1024 * 1024;

/** Limit for an error's body: messages show one line of it, so the rest is not read. */
export const ERROR_LIMIT = 64 * 1024;

export function transport({ address, agent, headers, timeoutMs, methods }: TransportOptions): Exchange {
  return async (request, signal) => {
    if (!methods.includes(request.method)) {
      throw new Error(`a read-only client was asked to send ${request.method} ${request.path}`);
    }
    const url = urlOf(address, request.path);
    if (signal.aborted) return { kind: 'stopped', sent: false };
    await request.announce?.();

    using deadline = startDeadline(Math.min(timeoutMs, request.deadlineMs ?? Infinity), signal);
    try {
      const response = await fetch(url.href, {
        method: request.method,
        headers: {
          ...headers,
          Accept: request.method === 'GET' ? 'application/json' : '*/*',
          ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...compact({ body: request.body }),
        redirect: 'error',
        agent,
        signal: deadline.signal,
      });
      return await answered(response, request.limit, deadline);
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped', sent: true };
      if (isRedirect(error)) return { kind: 'redirect' };
      if (deadline.passed()) return { kind: 'failed', sent: true, reason: deadline.reason, untrusted: false };
      const sent = !isBeforeConnection(error);
      return { kind: 'failed', sent, reason: reasonOf(error), untrusted: isUntrusted(error), cause: error };
    }
  };
}

// Returns the reply for a response. A problem with the body must not hide the status: 201 means that the connection was
// created.
async function answered(response: Response, limit: number, deadline: Deadline): Promise<Reply> {
  const { body, flaw } = await readBody(response, response.ok ? limit : ERROR_LIMIT, deadline);
  return {
    kind: 'answered',
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body,
    ...compact({ flaw }),
  };
}

// Reads at most `limit` bytes of a body. node-fetch's own limit isn't used, because it discards what was already read
// and is the same for every status.
async function readBody(response: Response, limit: number, deadline: Deadline): Promise<{ body: Buffer; flaw?: Flaw }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      const bytes = Buffer.from(chunk);
      if (size + bytes.length > limit) {
        chunks.push(bytes.subarray(0, limit - size));
        return { body: Buffer.concat(chunks), flaw: { kind: 'too-large', reason: `it is longer than ${limit} bytes` } };
      }
      size += bytes.length;
      chunks.push(bytes);
    }
  } catch (error) {
    const reason = deadline.passed() ? deadline.reason : reasonOf(error);
    return { body: Buffer.concat(chunks), flaw: { kind: 'cut', reason } };
  }
  return { body: Buffer.concat(chunks) };
}

interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  readonly reason: string;
  passed(): boolean;
}

// Combines the timeout and the caller's signal without `AbortSignal.any`, because Node 20 can garbage-collect such
// signals before they fire.
function startDeadline(timeoutMs: number, caller: AbortSignal): Deadline {
  const controller = new AbortController();
  let passed = false;
  const stop = (): void => controller.abort();
  const timer = setTimeout(
    () => {
      passed = true;
      stop();
    },
    Math.min(timeoutMs, MAX_TIMER),
  );
  // One signal stops a whole run with many requests in flight, so many listeners on it are not a leak.
  setMaxListeners(0, caller);
  caller.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    reason: `no complete response within ${timeoutMs / 1000} s`,
    passed: () => passed,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', stop);
    },
  };
}

/** Maximum delay in milliseconds. With a longer delay, setTimeout fires immediately. */
const MAX_TIMER = 2 ** 31 - 1;

function isRedirect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { type } = error as { readonly type?: unknown };
  return type === 'no-redirect' || type === 'invalid-redirect';
}

/**
 * Returns the URL of a path. Throws (a bug in connsync) if the URL parser changes the path: it removes `.` and `..`,
 * even when written `%2e`, so a DELETE could hit more than was intended.
 */
export function urlOf(origin: string, path: string): URL {
  const url = new URL(path, origin);
  if (url.origin !== new URL(origin).origin || url.pathname !== path || url.href !== url.origin + path) {
    throw new Error(`the URL parser changes the path ${path}`);
  }
  return url;
}
