import { compact } from '../core/compact.ts';
import { STATUS_CODES } from 'node:http';
import type { Answer, RequestError } from '../core/ports.ts';
import type { Outage } from './breaker.ts';
import { oneLine, readErrorText } from './error-text.ts';
import type { Sent } from './retry.ts';
import type { HttpRequest, Reply } from './transport.ts';

/** The information about a request that messages need in addition to the request itself. */
export interface RequestDescription {
  /** The proxy for messages, such as ` through the proxy …`. Empty if there is no proxy. */
  readonly via: string;
  readonly redact: (text: string) => string;
}

/**
 * Returns the result of a write from its reply. A status is enough: a 201 with a truncated body was created.
 *
 * | reply                                               | result  |
 * | --------------------------------------------------- | ------- |
 * | 2xx                                                 | done    |
 * | create: 409, or 400 and 422 with such a message     | exists  |
 * | 404                                                 | missing |
 * | 401, 403                                            | denied  |
 * | repeated 429, 407, no connection, stopped before sending | unsent |
 * | another 4xx                                         | refused |
 * | an outage: not sent                                 | outage  |
 * | 408, 1xx, 3xx, 5xx, redirect, reset, timeout, malformed, stopped in flight | unclear |
 */
export function writeResultOf(
  request: HttpRequest,
  { reply, attempts, instead }: Sent,
  context: RequestDescription,
): Answer {
  if (reply.kind === 'answered' && reply.status >= 200 && reply.status < 300) return { kind: 'done', attempts };
  const error = requestError(instead ?? request, reply, context);
  return { kind: kindOf(request, reply, error.message), attempts, error };
}

/** Returns why a request failed, in Datadog's own words if it gave any. Keys that Datadog echoed are redacted. */
export function requestError(
  { method, path }: HttpRequest,
  reply: Reply | Outage,
  { via, redact }: RequestDescription,
): RequestError {
  if (reply.kind !== 'answered') return { method, path, message: redact(noResponseMessage(reply, via)) };
  const { message, requestId } = readErrorText(errorBody(reply), redact);
  const id = cleanId(reply.header('x-request-id') ?? reply.header('dd-request-id') ?? requestId, redact);
  return {
    status: reply.status,
    method,
    path,
    ...compact({ requestId: id }),
    message: message ?? STATUS_CODES[reply.status] ?? 'Datadog gave no reason',
  };
}

/** Returns a text such as `403 Forbidden`, never the server's own phrase. */
export function statusLine(status: number): string {
  const phrase = STATUS_CODES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}

type FailedKind = Exclude<Answer['kind'], 'done'>;

function kindOf({ method }: HttpRequest, reply: Reply | Outage, message: string): FailedKind {
  switch (reply.kind) {
    case 'answered':
      return method === 'POST' && saysExists(reply.status, message) ? 'exists' : kindOfStatus(reply.status);
    case 'failed':
    case 'stopped':
      return reply.sent ? 'unclear' : 'unsent';
    case 'redirect':
      return 'unclear';
    case 'outage':
      return 'outage';
    default:
      return reply satisfies never;
  }
}

// Returns the result for a status. A 407 comes from a proxy, so the request didn't reach Datadog. A 408 may come from
// an intermediary that had already forwarded the request, so the outcome is unclear.
function kindOfStatus(status: number): FailedKind {
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'missing';
  if (status === 407 || status === 429) return 'unsent';
  return status >= 400 && status < 500 && status !== 408 ? 'refused' : 'unclear';
}

// Reports whether the error says that the id exists, which Datadog doesn't document. A message that something does not
// exist must not match.
function saysExists(status: number, message: string): boolean {
  if (status === 409) return true;
  if (status !== 400 && status !== 422) return false;
  if (/(?:\bnot|n['’]t|\bno longer|\bnever)\s+exists?\b|non-?existent/i.test(message)) return false;
  return /\bexist(?:s|ed|ing)?\b|\bduplicate|\bconflict/i.test(message);
}

function noResponseMessage(reply: Exclude<Reply | Outage, { kind: 'answered' }>, via: string): string {
  switch (reply.kind) {
    case 'failed':
      return `${reply.sent ? 'no response' : 'no connection'}${via}: ${oneLine(reply.reason)}`;
    case 'redirect':
      return 'Datadog returned a redirect, and connsync does not follow it because it would send the keys to another address';
    case 'stopped':
      return reply.sent ? 'stopped while the request was in flight' : 'stopped before the request was sent';
    case 'outage':
      return outageMessage(reply);
    default:
      return reply satisfies never;
  }
}

/**
 * Returns a text such as `Datadog has not answered 13 times in a row, for 42 s: connect ECONNREFUSED 127.0.0.1:443`.
 */
function outageMessage({ failures, ms, reason }: Outage): string {
  return `Datadog has not answered ${failures} times in a row, for ${Math.ceil(ms / 1000)} s: ${oneLine(reason)}`;
}

/**
 * Number of bytes dropped from the end of a truncated body, because the redactor may not recognise part of a key there.
 */
const CUT_MARGIN = 256;

function errorBody({ body, flaw }: Extract<Reply, { kind: 'answered' }>): string {
  return (flaw === undefined ? body : body.subarray(0, -CUT_MARGIN)).toString('utf8');
}

function cleanId(id: string | undefined, redact: (text: string) => string): string | undefined {
  return id !== undefined && /^[\w.:/+=-]{1,128}$/.test(id) && redact(id) === id ? id : undefined;
}
