import type { Exchange, HttpRequest, Reply } from './transport.ts';

/** How a request ended after all its tries. `attempts` counts them; refusals by the rate limit (429) don't count. */
export interface Sent {
  readonly reply: Reply;
  readonly attempts: number;
}

/** Sends a request, again where that is safe and promising. The seam: a policy is any function of this shape. */
export type Sender = (request: HttpRequest, signal: AbortSignal) => Promise<Sent>;

export interface RetryOptions {
  /** Further tries after the first. */
  readonly maxRetries: number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Rejects as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told before every wait. */
  readonly waiting?: ((wait: { reason: string; ms: number }) => void) | undefined;
}

/**
 * The policy.
 *
 * | what happened                                        | GET                 | POST, PUT, DELETE            |
 * | ---------------------------------------------------- | ------------------- | ---------------------------- |
 * | 429: not executed                                    | again, at the reset | again, at the reset          |
 * | no connection was made                               | again, with backoff | again, with backoff          |
 * | 5xx, reset, deadline, body cut                       | again, with backoff | never: it may have been done |
 * | untrusted certificate, redirect, body too large, any other status | never  | never                        |
 *
 * Backoff is full jitter: anything from 0 up to half a second, doubled with every try, at most 20 seconds. A 503 that
 * says `Retry-After` is believed instead. A 429 waits for `X-RateLimit-Reset` and up to a tenth more, since everybody
 * else wakes then too; it costs no attempt, and ten in a row end the request.
 */
export function retrying(exchange: Exchange, { maxRetries, random, sleep, waiting }: RetryOptions): Sender {
  return async (request, signal) => {
    let attempts = 0;
    let refusals = 0;
    for (let sent = 1; ; sent += 1) {
      const reply = await exchange(request, signal, sent);
      const isLimited = reply.kind === 'answered' && reply.status === 429;
      refusals = isLimited ? refusals + 1 : 0;
      if (!isLimited && hasBegun(reply)) attempts += 1;
      const isLast = isLimited ? refusals >= MOST_REFUSALS : attempts > maxRetries || !isWorthAnother(request, reply);
      if (isLast) return { reply, attempts };

      const ms = Math.round(waitFor(reply, isLimited ? refusals : attempts, random));
      waiting?.({ reason: reasonToWait(reply), ms });
      try {
        await sleep(ms, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        return { reply: { kind: 'stopped', sent: false }, attempts };
      }
    }
  };
}

/** A limit that refuses so many times in a row is not one that passes soon. */
const MOST_REFUSALS = 10;
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 20_000;

function hasBegun(reply: Reply): boolean {
  return reply.kind !== 'stopped' || reply.sent;
}

// In milliseconds. `failures` counts from 1.
function waitFor(reply: Reply, failures: number, random: () => number): number {
  const told = toldSeconds(reply);
  if (told !== undefined) return told * 1000 * (1 + random() / 10);
  return random() * Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
}

function isWorthAnother({ method }: HttpRequest, reply: Reply): boolean {
  switch (reply.kind) {
    case 'failed':
      return method === 'GET' ? !reply.untrusted : !reply.sent && !reply.untrusted;
    case 'answered':
      return method === 'GET' && (reply.status >= 500 || reply.flaw?.kind === 'cut');
    case 'redirect':
    case 'stopped':
      return false;
    default:
      return reply satisfies never;
  }
}

// What the server says about when to come back, in seconds; undefined where it says nothing or nonsense.
function toldSeconds(reply: Reply): number | undefined {
  if (reply.kind !== 'answered') return undefined;
  if (reply.status === 429) return sane(reply.header('x-ratelimit-reset')) ?? retryAfter(reply);
  return reply.status === 503 ? retryAfter(reply) : undefined;
}

// A date is held against the answer's own date, so that a wrong clock on our side does not matter.
function retryAfter({ header }: Extract<Reply, { kind: 'answered' }>): number | undefined {
  const text = header('retry-after');
  if (text === undefined) return undefined;
  const seconds = sane(text);
  if (seconds !== undefined || /^[-+.\d]/.test(text)) return seconds;
  const ms = Date.parse(text) - Date.parse(header('date') ?? '');
  return Number.isNaN(ms) || ms > A_DAY * 1000 ? undefined : clamped(ms / 1000);
}

// A duration in seconds. Some would send the time of the reset instead: more than a day is no wait, but nonsense.
function sane(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}(?:\.\d{1,9})?$/.test(text.trim())) return undefined;
  const seconds = Number(text);
  return seconds > A_DAY ? undefined : clamped(seconds);
}

function clamped(seconds: number): number {
  return Math.min(Math.max(seconds, 1), 300);
}

const A_DAY = 86_400;

function reasonToWait(reply: Reply): string {
  if (reply.kind === 'answered' && reply.status === 429) return 'rate limit';
  if (reply.kind === 'answered' && reply.flaw !== undefined) return `Datadog's answer broke off: ${reply.flaw.reason}`;
  if (reply.kind === 'answered') return `Datadog answered ${reply.status}`;
  return reply.kind === 'failed' ? reply.reason : reply.kind;
}
