import { Failure } from '../core/diagnostic.ts';
import type { Outage } from './breaker.ts';
import { describeCredentials, type Credentials } from './credentials.ts';
import { requestError, statusLine, type RequestDescription } from './write-result.ts';
import type { HttpRequest, Reply } from './transport.ts';

/** What the messages of a read's failure need to know. */
export interface ReadContext extends RequestDescription {
  readonly site: string;
  readonly credentials: Credentials;
}

/**
 * Why a list could not be read, as a Failure.
 *
 * | reply                                              | code                 | exit |
 * | -------------------------------------------------- | -------------------- | ---- |
 * | 401, 403                                           | credentials-rejected | 6    |
 * | 404                                                | entity-unknown       | 6    |
 * | no answer, 407, 408, 429 too often, 5xx, an outage | unreachable          | 4    |
 * | another status, redirect, too large                | invalid-response           | 4    |
 */
export function listFailure(
  entity: string,
  request: HttpRequest,
  reply: Reply | Outage,
  context: ReadContext,
): Failure {
  if (reply.kind === 'redirect') return badAnswer(request, 'a redirect, which is never followed');
  if (reply.kind === 'outage') return outage(request, reply, context);
  if (reply.kind !== 'answered') return unreachable(request, reply, context);
  if (reply.status === 200) return brokenBody(request, reply, context);

  const { message, requestId } = requestError(request, reply, context);
  const who = reply.status === 407 ? 'The proxy' : 'Datadog';
  const said = `${who} said ${statusLine(reply.status)} to ${request.method} ${request.path}`;
  const words = statusLine(reply.status).endsWith(message) ? said : `${said}: ${message}`;
  const whole = requestId === undefined ? words : `${words} (request-id ${requestId})`;
  if (reply.status === 401 || reply.status === 403) {
    return new Failure('credentials-rejected', `${whole}\n${asked(context)}`, { hint: credentialsHint(context.site) });
  }
  if (reply.status === 404) {
    return new Failure('entity-unknown', `${whole}\nentity ${entity}, site ${context.site}`, { hint: ENTITY_HINT });
  }
  if (reply.status >= 500 || [407, 408, 429].includes(reply.status)) {
    return new Failure('unreachable', whole, { hint: 'run again in a while; what was done is recorded' });
  }
  return new Failure('invalid-response', whole, reply.status === 400 ? { hint: ENTITY_HINT } : {});
}

/** A good status whose body is not a list. `what` follows "Datadog answered GET /path with". */
export function badAnswer({ method, path }: HttpRequest, what: string): Failure {
  return new Failure('invalid-response', `Datadog answered ${method} ${path} with ${what}`, {
    hint: 'nothing was planned from it; is the address right? try: connsync doctor',
  });
}

const ENTITY_HINT =
  'the entity is unknown, or Product Analytics is not enabled there; users and accounts are documented';

function asked({ site, credentials }: ReadContext): string {
  return `site ${site}, ${describeCredentials(credentials)}`;
}

function credentialsHint(site: string): string {
  const other = site === 'datadoghq.eu' ? 'datadoghq.com' : 'datadoghq.eu';
  return (
    `is the key from another site? try --site ${other}, or: connsync doctor; ` +
    'the permissions needed are audience_management_read and, to apply, audience_management_write'
  );
}

function unreachable(request: HttpRequest, reply: Exclude<Reply, { kind: 'answered' }>, context: ReadContext): Failure {
  const { method, path, message } = requestError(request, reply, context);
  const untrusted = reply.kind === 'failed' && reply.untrusted;
  return new Failure('unreachable', `${method} ${path} at ${context.site} failed: ${message}`, {
    hint: untrusted
      ? 'where a proxy of your own signs the traffic, name its certificate in NODE_EXTRA_CA_CERTS'
      : 'check the network, --site and the proxy variables, or: connsync doctor',
    ...(reply.kind === 'failed' && reply.cause !== undefined ? { cause: reply.cause } : {}),
  });
}

function outage(request: HttpRequest, reply: Outage, context: ReadContext): Failure {
  return new Failure('unreachable', requestError(request, reply, context).message, {
    hint: 'what was done is recorded, and running again is safe',
  });
}

function brokenBody(
  request: HttpRequest,
  { flaw }: Extract<Reply, { kind: 'answered' }>,
  { redact }: ReadContext,
): Failure {
  if (flaw?.kind !== 'cut')
    return badAnswer(request, flaw === undefined ? 'no list' : `a body that is too large: ${flaw.reason}`);
  return new Failure(
    'unreachable',
    `the answer to ${request.method} ${request.path} broke off: ${redact(flaw.reason)}`,
    {
      hint: 'run again; a slow network may need a longer --timeout',
    },
  );
}
