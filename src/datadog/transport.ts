import { setMaxListeners } from 'node:events';
import type { Agent } from 'node:http';
import fetch, { type Response } from 'node-fetch';
import type { Announce } from '../core/ports.ts';
import { isBeforeConnection, isUntrusted, reasonOf } from './network.ts';
import { addressOf } from './paths.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface HttpRequest {
  readonly method: Method;
  /** Encoded, from `paths.ts`. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** The most bytes that the body of a good answer may have, after decompression. */
  readonly limit: number;
  /** Called before each sending: nothing leaves before it has resolved, and what it throws is thrown on. */
  readonly announce?: Announce | undefined;
  /** Where it is to be answered sooner than others. */
  readonly deadlineMs?: number;
}

/**
 * What became of one request.
 *
 * | kind     | what is known                                                                                    |
 * | -------- | ------------------------------------------------------------------------------------------------ |
 * | answered | there is a status; `flaw` says why the body is not whole, and `body` is then what there was of it |
 * | failed   | there is none; `sent` is false only where no connection had been made                            |
 * | redirect | the answer was a redirect, which is never followed: it would carry the keys to another host      |
 * | stopped  | the caller's signal ended it; `sent` is false where it had not begun                             |
 */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** One header, by its name in any case. */
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

/** `cut`: the network or the deadline ended the body. `too-large`: we did. */
export interface Flaw {
  readonly kind: 'cut' | 'too-large';
  readonly reason: string;
}

/**
 * Sends one request, once. `attempt` counts from 1 what was sent of this request, and only serves to tell it.
 * It throws only for bugs.
 */
export type Exchange = (request: HttpRequest, signal: AbortSignal, attempt: number) => Promise<Reply>;

export interface TransportOptions {
  /** The origin. */
  readonly address: string;
  readonly agent: Agent;
  /** Sent with every request: the credentials and the user agent. */
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole request, its body included. */
  readonly timeoutMs: number;
  /** Anything else throws: this is what makes a dry run dry. */
  readonly methods: readonly Method[];
}

/**
 * For a list of connections: 20,000 of them fit with three kilobytes each, twice what is usual. Whatever is longer is a
 * mistake or an attack, and would only fill the memory.
 */
export const LIST_LIMIT = 64 * 1024 * 1024;

/** Of an error's body, one line is shown. What comes after this much is not read. */
export const ERROR_LIMIT = 64 * 1024;

export function transport({ address, agent, headers, timeoutMs, methods }: TransportOptions): Exchange {
  return async (request, signal) => {
    if (!methods.includes(request.method)) {
      throw new Error(`a client that only reads was asked to send ${request.method} ${request.path}`);
    }
    const url = addressOf(address, request.path);
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
        ...(request.body === undefined ? {} : { body: request.body }),
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

// Once there is a status, nothing that befalls the body may hide it: 201 means created.
async function answered(response: Response, limit: number, deadline: Deadline): Promise<Reply> {
  const { body, flaw } = await readBody(response, response.ok ? limit : ERROR_LIMIT, deadline);
  return {
    kind: 'answered',
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body,
    ...(flaw === undefined ? {} : { flaw }),
  };
}

// node-fetch's own limit throws away what was read, and knows of one limit only.
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

// By hand: composite signals of Node 20 can be collected before they fire.
function startDeadline(timeoutMs: number, caller: AbortSignal): Deadline {
  const controller = new AbortController();
  let passed = false;
  const stop = (): void => controller.abort();
  const timer = setTimeout(
    () => {
      passed = true;
      stop();
    },
    Math.min(timeoutMs, LONGEST_TIMER),
  );
  // One signal stops a whole run, with many requests under way: that is no leak to be warned of.
  setMaxListeners(0, caller);
  caller.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    reason: `no complete answer within ${timeoutMs / 1000} s`,
    passed: () => passed,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', stop);
    },
  };
}

/** A longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

function isRedirect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { type } = error as { readonly type?: unknown };
  return type === 'no-redirect' || type === 'invalid-redirect';
}
