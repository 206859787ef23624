import { oneLine } from './error-text.ts';
import type { Exchange, Method, Reply } from './transport.ts';

/** One request and what came of it: no other headers, no bodies, no secrets. */
export interface TraceLine {
  readonly method: Method;
  readonly path: string;
  readonly status?: number;
  /** From sending to the end of the body. */
  readonly ms: number;
  /** Counts from 1, and all that was sent of one request, also what the rate limit refused. */
  readonly attempt: number;
  /** The server's clock, as its `Date` header has it. */
  readonly date?: string;
  /** What the rate limit headers said: its name, and how many requests are left of how many. */
  readonly rateLimit?: string;
  /** Why there was no status, or no whole body. */
  readonly error?: string;
}

/** Tells every exchange, as it ends. */
export function traced(
  exchange: Exchange,
  redact: (text: string) => string,
  trace: ((line: TraceLine) => void) | undefined,
): Exchange {
  if (trace === undefined) return exchange;
  return async (request, signal, attempt) => {
    const start = performance.now();
    const reply = await exchange(request, signal, attempt);
    if (reply.kind === 'stopped' && !reply.sent) return reply;
    const error = errorOf(reply);
    trace({
      method: request.method,
      path: request.path,
      ...(reply.kind === 'answered' ? { status: reply.status, ...toldBy(reply, redact) } : {}),
      ms: Math.round((performance.now() - start) * 10) / 10,
      attempt,
      ...(error === undefined ? {} : { error: redact(oneLine(error)) }),
    });
    return reply;
  };
}

function toldBy(
  { header }: Extract<Reply, { readonly kind: 'answered' }>,
  redact: (text: string) => string,
): Pick<TraceLine, 'date' | 'rateLimit'> {
  const date = header('date');
  const remaining = header('x-ratelimit-remaining');
  const of = `${remaining ?? '?'} of ${header('x-ratelimit-limit') ?? '?'} left, ${header('x-ratelimit-name') ?? 'unnamed'}`;
  return {
    ...(date === undefined ? {} : { date: redact(oneLine(date)) }),
    ...(remaining === undefined ? {} : { rateLimit: redact(oneLine(of)) }),
  };
}

function errorOf(reply: Reply): string | undefined {
  switch (reply.kind) {
    case 'answered':
      return reply.flaw?.reason;
    case 'failed':
      return reply.reason;
    case 'redirect':
      return 'redirect';
    case 'stopped':
      return 'stopped';
    default:
      return reply satisfies never;
  }
}
