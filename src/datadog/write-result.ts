import { STATUS_CODES } from 'node:http';
import type { Answer, RequestError } from '../core/ports.ts';
import type { Outage } from './breaker.ts';
import { oneLine, readErrorText } from './error-text.ts';
import type { Sent } from './retry.ts';
import type { HttpRequest, Reply } from './transport.ts';

/** What messages need to know beside the request. */
export interface RequestDescription {
  /** ` through the proxy …`, or empty. */
  readonly via: string;
  readonly redact: (text: string) => string;
}

/**
 * What became of a write, by its reply. A status alone is enough: 201 with a cut body was created.
 *
 * | reply                                               | answer  |
 * | --------------------------------------------------- | ------- |
 * | 2xx                                                 | done    |
 * | create: 409, or 400 and 422 that say so             | exists  |
 * | 404                                                 | missing |
 * | 401, 403                                            | denied  |
 * | 429 too often, 407, no connection, stopped before   | unsent  |
 * | another 4xx                                         | refused |
 * | an outage: not sent                                 | outage  |
 * | 408, 1xx, 3xx, 5xx, redirect, reset, deadline, garbage, stopped under way | unclear |
 */
export function writeResultOf(
  request: HttpRequest,
  { reply, attempts, instead }: Sent,
  teller: RequestDescription,
): Answer {
  if (reply.kind === 'answered' && reply.status >= 200 && reply.status < 300) return { kind: 'done', attempts };
  const error = requestError(instead ?? request, reply, teller);
  return { kind: kindOf(request, reply, error.message), attempts, error };
}

/** Why a request failed, in Datadog's own words where it had any. Keys that it may have echoed are redacted. */
export function requestError(
  { method, path }: HttpRequest,
  reply: Reply | Outage,
  { via, redact }: RequestDescription,
): RequestError {
  if (reply.kind !== 'answered') return { method, path, message: redact(silenceMessage(reply, via)) };
  const { message, requestId } = readErrorText(errorBody(reply), redact);
  const id = cleanId(reply.header('x-request-id') ?? reply.header('dd-request-id') ?? requestId, redact);
  return {
    status: reply.status,
    method,
    path,
    ...(id === undefined ? {} : { requestId: id }),
    message: message ?? STATUS_CODES[reply.status] ?? 'Datadog gave no reason',
  };
}

/** Such as `403 Forbidden`; never the server's own phrase. */
export function statusLine(status: number): string {
  const phrase = STATUS_CODES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}

type Refusal = Exclude<Answer['kind'], 'done'>;

function kindOf({ method }: HttpRequest, reply: Reply | Outage, message: string): Refusal {
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

// A 407 is a proxy's own. A 408 may come from an edge that had passed the request on.
function kindOfStatus(status: number): Refusal {
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'missing';
  if (status === 407 || status === 429) return 'unsent';
  return status >= 400 && status < 500 && status !== 408 ? 'refused' : 'unclear';
}

// What Datadog answers to an id that is taken is not described; a text that something does not exist is the opposite.
function saysExists(status: number, message: string): boolean {
  if (status === 409) return true;
  if (status !== 400 && status !== 422) return false;
  if (/(?:\bnot|n['’]t|\bno longer|\bnever)\s+exists?\b|non-?existent/i.test(message)) return false;
  return /\bexist(?:s|ed|ing)?\b|\bduplicate|\bconflict/i.test(message);
}

function silenceMessage(reply: Exclude<Reply | Outage, { kind: 'answered' }>, via: string): string {
  switch (reply.kind) {
    case 'failed':
      return `${reply.sent ? 'no answer' : 'no connection'}${via}: ${oneLine(reply.reason)}`;
    case 'redirect':
      return 'the answer was a redirect, which is never followed: it would carry the keys to another address';
    case 'stopped':
      return reply.sent ? 'stopped while the request was under way' : 'stopped before the request was sent';
    case 'outage':
      return outageMessage(reply);
    default:
      return reply satisfies never;
  }
}

/** Such as `Datadog has not answered 13 times in a row, for 42 s: connect ECONNREFUSED 127.0.0.1:443`. */
function outageMessage({ failures, ms, reason }: Outage): string {
  return `Datadog has not answered ${failures} times in a row, for ${Math.ceil(ms / 1000)} s: ${oneLine(reason)}`;
}

/** Where a body was cut, half a key may stand at its end, which no redactor knows: the end is left out. */
const CUT_MARGIN = 256;

function errorBody({ body, flaw }: Extract<Reply, { kind: 'answered' }>): string {
  return (flaw === undefined ? body : body.subarray(0, -CUT_MARGIN)).toString('utf8');
}

function cleanId(id: string | undefined, redact: (text: string) => string): string | undefined {
  return id !== undefined && /^[\w.:/+=-]{1,128}$/.test(id) && redact(id) === id ? id : undefined;
}
