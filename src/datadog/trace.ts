import { oneLine } from './error-text.ts';
import type { Exchange, HttpRequest, Method, Reply } from './transport.ts';

/** One request and what came of it, redacted. Of the headers only those stand here that tell of rate, time and request. */
export interface TraceLine {
  readonly method: Method;
  readonly path: string;
  /** What was sent, as JSON. */
  readonly requestBody?: unknown;
  readonly status?: number;
  /** From sending to the end of the body. */
  readonly ms: number;
  /** Counts from 1, and all that was sent of one request, also what the rate limit refused. */
  readonly attempt: number;
  /** The server's clock, as its `Date` header has it. */
  readonly date?: string;
  /** What the rate limit headers said: its name, and how many requests are left of how many. */
  readonly rateLimit?: string;
  readonly requestId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What was answered: JSON where it is JSON, else its text. */
  readonly body?: unknown;
  /** `body` is only the beginning. */
  readonly truncated?: true;
  /** Why there was no status, or no whole body. */
  readonly error?: string;
}

/** Of a body that is longer, only so many bytes are told. */
const LONGEST_BODY = 64 * 1024;
/** Of a header that is longer, only so many characters are told. */
const LONGEST_HEADER = 256;

const HEADERS = [
  'content-type',
  'content-encoding',
  'retry-after',
  'x-ratelimit-limit',
  'x-ratelimit-period',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-name',
] as const;

type Answered = Extract<Reply, { readonly kind: 'answered' }>;
type Redact = (text: string) => string;

/** Tells every exchange, as it ends. */
export function traced(exchange: Exchange, redact: Redact, trace: ((line: TraceLine) => void) | undefined): Exchange {
  if (trace === undefined) return exchange;
  return async (request, signal, attempt) => {
    const start = performance.now();
    const reply = await exchange(request, signal, attempt);
    if (reply.kind === 'stopped' && !reply.sent) return reply;
    const error = errorOf(reply);
    trace({
      method: request.method,
      path: request.path,
      ...sentWith(request, redact),
      ...(reply.kind === 'answered' ? { status: reply.status } : {}),
      ms: Math.round((performance.now() - start) * 10) / 10,
      attempt,
      ...(reply.kind === 'answered' ? { ...describedBy(reply, redact), ...bodyOf(reply, redact) } : {}),
      ...(error === undefined ? {} : { error: redact(oneLine(error)) }),
    });
    return reply;
  };
}

function sentWith({ body }: HttpRequest, redact: Redact): Pick<TraceLine, 'requestBody'> {
  return body === undefined ? {} : { requestBody: asJson(body, redact) };
}

function describedBy(
  { header }: Answered,
  redact: Redact,
): Pick<TraceLine, 'date' | 'rateLimit' | 'requestId' | 'headers'> {
  const told = (name: string): string | undefined => {
    const value = header(name);
    return value === undefined ? undefined : redact(oneLine(value).slice(0, LONGEST_HEADER));
  };
  const date = told('date');
  const remaining = told('x-ratelimit-remaining');
  const requestId = told('x-request-id') ?? told('dd-request-id');
  const headers = Object.fromEntries(
    HEADERS.flatMap((name): [string, string][] => {
      const value = told(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const rateLimit = `${remaining ?? '?'} of ${told('x-ratelimit-limit') ?? '?'} left, ${told('x-ratelimit-name') ?? 'unnamed'}`;
  return {
    ...(date === undefined ? {} : { date }),
    ...(remaining === undefined ? {} : { rateLimit }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

function bodyOf({ body, flaw }: Answered, redact: Redact): Pick<TraceLine, 'body' | 'truncated'> {
  if (body.length === 0) return {};
  const whole = body.length <= LONGEST_BODY && flaw?.kind !== 'too-large';
  if (whole && flaw === undefined) return { body: asJson(body.toString('utf8'), redact) };
  // Cut before it is redacted: the redactor knows half a key at the end of a text.
  const text = redact(withoutHalf(body.subarray(0, LONGEST_BODY)));
  return { body: text, ...(whole ? {} : { truncated: true }) };
}

/** A character whose bytes were cut is left out. */
function withoutHalf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\uFFFD+$/, '');
}

/** Each text in it is redacted by itself, where no escape can hide a key. What is no JSON stays text. */
function asJson(text: string, redact: Redact): unknown {
  try {
    return JSON.parse(text, (_name, value: unknown) => redactedNode(value, redact));
  } catch {
    return redact(text);
  }
}

function redactedNode(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]: [string, unknown]) => [redact(name), inner]));
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
