import type { Reply } from './transport.ts';

/** How time passes, and who is told that it does. */
export interface Timing {
  /** Milliseconds that only ever grow. */
  readonly clock: () => number;
  /** Rejects as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told before a wait, once for everybody who waits for the same. */
  readonly waiting?: ((wait: { reason: string; ms: number }) => void) | undefined;
}

/** Full jitter: anything from 0 up to half a second, doubled with every failure, at most 20 seconds. `failures` counts from 1. */
export function backoff(failures: number, random: () => number): number {
  return random() * Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
}

const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 20_000;

/**
 * What the server says about when to come back, in milliseconds from 1 s to 300 s: the reset of a 429, or `Retry-After`
 * of a 429 and a 503. Undefined where it says nothing or nonsense.
 */
export function serverWait(reply: Reply): number | undefined {
  if (reply.kind !== 'answered') return undefined;
  if (reply.status === 429) return clamped(saneSeconds(reply.header('x-ratelimit-reset'))) ?? retryAfter(reply);
  return reply.status === 503 ? retryAfter(reply) : undefined;
}

// A date is held against the answer's own date, so that a wrong clock on our side does not matter.
function retryAfter({ header }: Extract<Reply, { kind: 'answered' }>): number | undefined {
  const text = header('retry-after');
  if (text === undefined) return undefined;
  const seconds = saneSeconds(text);
  if (seconds !== undefined || /^[-+.\d]/.test(text)) return clamped(seconds);
  const ahead = (Date.parse(text) - Date.parse(header('date') ?? '')) / 1000;
  return Number.isNaN(ahead) || ahead > A_DAY ? undefined : clamped(ahead);
}

/** A duration in seconds. Some would send the time of the reset instead: more than a day is no wait, but nonsense. */
export function saneSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}(?:\.\d{1,9})?$/.test(text.trim())) return undefined;
  const seconds = Number(text);
  return seconds > A_DAY ? undefined : seconds;
}

const A_DAY = 86_400;

function clamped(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 1), 300) * 1000;
}

/** Why another try has to wait: what came of the last one. */
export function reasonToWait(reply: Reply): string {
  if (reply.kind === 'answered' && reply.status === 429) return RATE_LIMIT;
  if (reply.kind === 'answered' && reply.flaw !== undefined) return `Datadog's answer broke off: ${reply.flaw.reason}`;
  if (reply.kind === 'answered') return `Datadog answered ${reply.status}`;
  return reply.kind === 'failed' ? reply.reason : reply.kind;
}

export const RATE_LIMIT = 'rate limit';

/** Settles with the promise, or resolves once the signal is aborted; what comes first. */
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
