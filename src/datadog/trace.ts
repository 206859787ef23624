import { compact } from '../core/compact.ts';
import { oneLine } from './error-text.ts';
import type { Exchange, HttpRequest, Method, Reply } from './transport.ts';

/** One request and its result, redacted. `headers` has only those about the content type, rate limit and retries. */
export interface TraceLine {
  readonly method: Method;
  readonly path: string;
  /** The request body as JSON. */
  readonly requestBody?: unknown;
  readonly status?: number;
  /** Milliseconds from sending the request to the end of the response body. */
  readonly ms: number;
  /** The number of this attempt, from 1. Attempts that the rate limit refused are counted too. */
  readonly attempt: number;
  /** The server's time, from the `Date` header. */
  readonly date?: string;
  /** The rate-limit headers in short: the remaining requests, the limit and the bucket's name. */
  readonly rateLimit?: string;
  readonly requestId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The response body: parsed if it is JSON, else text. */
  readonly body?: unknown;
  /** True if `body` is truncated. */
  readonly truncated?: true;
  /** Why there was no status, or no complete body. */
  readonly error?: string;
}

/** Longer bodies are truncated to this many bytes. */
const MAX_BODY = 64 * 1024;
/** Longer headers are truncated to this many characters. */
const MAX_HEADER = 256;

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

/** Returns an exchange that reports every request as it ends. */
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
      ...requestDetails(request, redact),
      ...(reply.kind === 'answered' ? { status: reply.status } : {}),
      ms: Math.round((performance.now() - start) * 10) / 10,
      attempt,
      ...(reply.kind === 'answered' ? { ...responseDetails(reply, redact), ...bodyOf(reply, redact) } : {}),
      ...(error === undefined ? {} : { error: redact(oneLine(error)) }),
    });
    return reply;
  };
}

function requestDetails({ body }: HttpRequest, redact: Redact): Pick<TraceLine, 'requestBody'> {
  return body === undefined ? {} : { requestBody: jsonOrText(body, redact) };
}

function responseDetails(
  { header }: Answered,
  redact: Redact,
): Pick<TraceLine, 'date' | 'rateLimit' | 'requestId' | 'headers'> {
  const headerText = (name: string): string | undefined => {
    const value = header(name);
    return value === undefined ? undefined : redact(oneLine(value).slice(0, MAX_HEADER));
  };
  const date = headerText('date');
  const remaining = headerText('x-ratelimit-remaining');
  const requestId = headerText('x-request-id') ?? headerText('dd-request-id');
  const headers = Object.fromEntries(
    HEADERS.flatMap((name): [string, string][] => {
      const value = headerText(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const rateLimit = `${remaining ?? '?'} of ${headerText('x-ratelimit-limit') ?? '?'} left, ${headerText('x-ratelimit-name') ?? 'unnamed'}`;
  return {
    ...compact({ date }),
    ...(remaining === undefined ? {} : { rateLimit }),
    ...compact({ requestId }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

function bodyOf({ body, flaw }: Answered, redact: Redact): Pick<TraceLine, 'body' | 'truncated'> {
  if (body.length === 0) return {};
  const isComplete = body.length <= MAX_BODY && flaw?.kind !== 'too-large';
  if (isComplete && flaw === undefined) return { body: jsonOrText(body.toString('utf8'), redact) };
  // Truncates the body before redacting it, which is safe: the redactor recognises part of a key at the end of a text.
  const text = redact(withoutPartialCharacter(body.subarray(0, MAX_BODY)));
  return { body: text, ...(isComplete ? {} : { truncated: true }) };
}

/** Decodes the bytes, and drops a last character whose bytes were truncated. */
function withoutPartialCharacter(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\uFFFD+$/, '');
}

/**
 * Redacts each string of a JSON body after parsing it, so that escapes can't hide a key. Other bodies are redacted as
 * text.
 */
function jsonOrText(text: string, redact: Redact): unknown {
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
