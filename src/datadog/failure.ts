import { Failure } from '../core/diagnostic.ts';
import type { Outage } from './breaker.ts';
import { describeCredentials, type Credentials } from './credentials.ts';
import { requestError, statusLine, type RequestDescription } from './write-result.ts';
import type { HttpRequest, Reply } from './transport.ts';

/** The context that messages about a failed read need. */
export interface ReadContext extends RequestDescription {
  readonly site: string;
  readonly credentials: Credentials;
}

/**
 * Returns the Failure for a list that could not be read.
 *
 * | reply                                                    | code                 | exit |
 * | -------------------------------------------------------- | -------------------- | ---- |
 * | 401, 403                                                 | credentials-rejected | 6    |
 * | 404                                                      | entity-unknown       | 6    |
 * | no response, 407, 408, repeated 429, 5xx, an outage      | unreachable          | 4    |
 * | another status, a redirect, a body that is too large     | invalid-response     | 4    |
 */
export function listFailure(
  entity: string,
  request: HttpRequest,
  reply: Reply | Outage,
  context: ReadContext,
): Failure {
  if (reply.kind === 'redirect') return badAnswer(request, 'a redirect, which connsync does not follow');
  if (reply.kind === 'outage') return outageFailure(request, reply, context);
  if (reply.kind !== 'answered') return unreachable(request, reply, context);
  if (reply.status === 200) return bodyFailure(request, reply, context);

  const { message, requestId } = requestError(request, reply, context);
  const sender = reply.status === 407 ? 'The proxy' : 'Datadog';
  const statusText = `${sender} returned ${statusLine(reply.status)} to ${request.method} ${request.path}`;
  const withMessage = statusLine(reply.status).endsWith(message) ? statusText : `${statusText}: ${message}`;
  const withRequestId = requestId === undefined ? withMessage : `${withMessage} (request-id ${requestId})`;
  if (reply.status === 401 || reply.status === 403) {
    return new Failure('credentials-rejected', `${withRequestId}\n${settingsText(context)}`, {
      hint: credentialsHint(context.site),
    });
  }
  if (reply.status === 404) {
    return new Failure('entity-unknown', `${withRequestId}\nentity ${entity}, site ${context.site}`, {
      hint: ENTITY_HINT,
    });
  }
  if (reply.status >= 500 || [407, 408, 429].includes(reply.status)) {
    return new Failure('unreachable', withRequestId, {
      hint: 'run the command again in a few minutes; completed changes are recorded',
    });
  }
  return new Failure('invalid-response', withRequestId, reply.status === 400 ? { hint: ENTITY_HINT } : {});
}

/**
 * Returns the Failure for a successful response whose body is not a list. `what` follows "Datadog answered GET /path
 * with".
 */
export function badAnswer({ method, path }: HttpRequest, what: string): Failure {
  return new Failure('invalid-response', `Datadog answered ${method} ${path} with ${what}`, {
    hint: 'run connsync doctor to check the API address; nothing was planned from this response',
  });
}

const ENTITY_HINT = 'use users or accounts, the documented entities, or enable Product Analytics for this entity';

function settingsText({ site, credentials }: ReadContext): string {
  return `site ${site}, ${describeCredentials(credentials)}`;
}

function credentialsHint(site: string): string {
  const otherSite = site === 'datadoghq.eu' ? 'datadoghq.com' : 'datadoghq.eu';
  return (
    `run connsync doctor, or try --site ${otherSite} if the key belongs to another site; ` +
    'the key needs the permission audience_management_read and, to apply, audience_management_write'
  );
}

function unreachable(request: HttpRequest, reply: Exclude<Reply, { kind: 'answered' }>, context: ReadContext): Failure {
  const { method, path, message } = requestError(request, reply, context);
  const untrusted = reply.kind === 'failed' && reply.untrusted;
  return new Failure('unreachable', `${method} ${path} at ${context.site} failed: ${message}`, {
    hint: untrusted
      ? 'if a proxy re-signs TLS traffic, set NODE_EXTRA_CA_CERTS to its certificate'
      : 'check the network, --site and the proxy variables, or run connsync doctor',
    ...(reply.kind === 'failed' && reply.cause !== undefined ? { cause: reply.cause } : {}),
  });
}

function outageFailure(request: HttpRequest, reply: Outage, context: ReadContext): Failure {
  return new Failure('unreachable', requestError(request, reply, context).message, {
    hint: 'run the command again when Datadog is reachable; completed changes are recorded',
  });
}

function bodyFailure(
  request: HttpRequest,
  { flaw }: Extract<Reply, { kind: 'answered' }>,
  { redact }: ReadContext,
): Failure {
  if (flaw?.kind !== 'cut')
    return badAnswer(request, flaw === undefined ? 'no list' : `a body that is too large: ${flaw.reason}`);
  return new Failure(
    'unreachable',
    `the response to ${request.method} ${request.path} broke off: ${redact(flaw.reason)}`,
    {
      hint: 'run the command again; on a slow network, increase --timeout',
    },
  );
}
