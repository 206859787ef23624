import type { Reply } from './transport.ts';

/** The clock and the timers of a client, and a callback for waits. */
export interface Timing {
  /** Monotonic time in milliseconds. */
  readonly clock: () => number;
  /** Waits `ms` milliseconds. Rejects as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Called before a wait, once for all requests that wait for the same reason. */
  readonly waiting?: ((wait: { reason: string; ms: number }) => void) | undefined;
}

/**
 * Returns a backoff with full jitter, in milliseconds: from 0 to half a second, doubled with every failure, at most
 * 20 seconds. `failures` counts from 1.
 */
export function backoff(failures: number, random: () => number): number {
  return random() * Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
}

const FIRST_BACKOFF = 500;
const MAX_BACKOFF = 20_000;

/**
 * Returns the wait that the server asks for, in milliseconds from 1 s to 300 s: the rate-limit reset of a 429, or
 * `Retry-After` of a 429 or 503. Returns undefined if the header is missing or invalid.
 */
export function serverWait(reply: Reply): number | undefined {
  if (reply.kind !== 'answered') return undefined;
  if (reply.status === 429) return clamped(saneSeconds(reply.header('x-ratelimit-reset'))) ?? retryAfter(reply);
  return reply.status === 503 ? retryAfter(reply) : undefined;
}

// Parses `Retry-After`. A date in it is compared with the response's own date, so that a wrong local clock doesn't
// matter.
function retryAfter({ header }: Extract<Reply, { kind: 'answered' }>): number | undefined {
  const text = header('retry-after');
  if (text === undefined) return undefined;
  const seconds = saneSeconds(text);
  if (seconds !== undefined || /^[-+.\d]/.test(text)) return clamped(seconds);
  const ahead = (Date.parse(text) - Date.parse(header('date') ?? '')) / 1000;
  return Number.isNaN(ahead) || ahead > A_DAY ? undefined : clamped(ahead);
}

/**
 * Parses a duration in seconds. Some servers send the time of the reset instead, so a value of more than a day is
 * invalid.
 */
export function saneSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}(?:\.\d{1,9})?$/.test(text.trim())) return undefined;
  const seconds = Number(text);
  return seconds > A_DAY ? undefined : seconds;
}

const A_DAY = 86_400;

function clamped(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 1), 300) * 1000;
}

/** Returns the reason for a retry's wait: how the last attempt ended. */
export function reasonToWait(reply: Reply): string {
  if (reply.kind === 'answered' && reply.status === 429) return RATE_LIMIT;
  if (reply.kind === 'answered' && reply.flaw !== undefined)
    return `Datadog's response broke off: ${reply.flaw.reason}`;
  if (reply.kind === 'answered') return `Datadog returned ${reply.status}`;
  return reply.kind === 'failed' ? reply.reason : reply.kind;
}

export const RATE_LIMIT = 'rate limit';

/** Settles with the promise, or resolves when the signal is aborted, whichever comes first. */
export async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
