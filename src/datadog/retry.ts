import { Breaker, type Outage } from './breaker.ts';
import { retryBudget } from './retry-budget.ts';
import { RateLimiter, MAX_REFUSALS, type RateLimiterOptions, type Ticket, type RateLimitTurn } from './rate-limiter.ts';
import { isList } from '../core/wire/endpoints.ts';
import type { Exchange, HttpRequest, Reply } from './transport.ts';
import { backoff, reasonToWait, serverWait } from './backoff.ts';

/** The result of a request after all its attempts. `attempts` doesn't count 429 responses. */
export interface Sent {
  readonly reply: Reply | Outage;
  readonly attempts: number;
  /** The request that got this reply, if it decided the outcome of this request too. */
  readonly instead?: HttpRequest;
}

/** Sends a request, and retries it where that is safe and useful. */
export type Sender = (request: HttpRequest, signal: AbortSignal) => Promise<Sent>;

export interface RetryOptions extends RateLimiterOptions {
  /** Maximum number of retries of one request. */
  readonly maxRetries: number;
}

/**
 * Returns a sender that applies the retry policy to all requests of one client.
 *
 * | what happened                                          | GET                       | POST, PUT, DELETE              |
 * | ------------------------------------------------------ | ------------------------- | ------------------------------ |
 * | 429: not executed                                      | retry at the reset        | retry at the reset             |
 * | no connection was made                                 | retry with backoff        | retry with backoff             |
 * | 5xx, reset, timeout, truncated body                    | retry with backoff        | never: it may have been executed |
 * | untrusted certificate, redirect, body too large, other | never                     | never                          |
 *
 * The backoff has full jitter (`backoff.ts`). A 503 with `Retry-After` replaces the backoff and pauses all requests;
 * a 429 pauses its bucket (`rate-limiter.ts`). A 429 doesn't count as an attempt, but ten in a row end the request.
 *
 * Before every attempt, these rules decide for all workers together whether it may be sent:
 *
 * | condition                                      | then                                              |
 * | ---------------------------------------------- | ------------------------------------------------- |
 * | the rate limit is used up or was exceeded      | requests wait, then run at the limiter's pace     |
 * | the retry budget is spent (`retry-budget.ts`)  | failed requests are not retried                   |
 * | many consecutive failures (`breaker.ts`)       | requests wait for a probe                         |
 * | three consecutive failed probes: an outage     | no more requests are sent                         |
 * | 401 or 403 to a write or a list                | no more requests are sent; all get that reply     |
 *
 * An aborted signal ends every wait immediately.
 */
export function retrying(exchange: Exchange, { maxRetries, ...options }: RetryOptions): Sender {
  const { random, sleep, waiting } = options;
  const budget = retryBudget();
  const limiter = new RateLimiter(options);
  let denied: Omit<Sent, 'attempts'> | undefined;

  const noteDenial = (request: HttpRequest, reply: Reply): void => {
    if (denied !== undefined || !isDenial(request, reply)) return;
    denied = { reply, instead: request };
    limiter.clear();
  };
  const breaker = new Breaker({
    ...options,
    exchange,
    opened: () => limiter.clear(),
    probed: (request, reply, sentAt) => {
      limiter.record(request, reply, sentAt);
      noteDenial(request, reply);
    },
  });

  /** Waits until the request may be sent, or until it is certain that it may not. */
  const admitted = async (ticket: Ticket): Promise<Admitted> => {
    for (;;) {
      const outage = breaker.isClosed ? undefined : await breaker.ready(ticket.request, ticket.signal);
      if (denied !== undefined) return { kind: 'over', ...denied };
      if (outage !== undefined) return { kind: 'over', reply: outage };
      const turn = await limiter.turn(ticket);
      if (turn.kind === 'go') return turn;
      if (turn.kind === 'refused') return { kind: 'over', reply: turn.reply };
      if (turn.kind === 'stopped') return { kind: 'over', reply: { kind: 'stopped', sent: false } };
    }
  };

  const sendOnce = async ({ request, signal }: Ticket, { sentAt, ended }: Go, attempt: number): Promise<Reply> => {
    let reply: Reply | undefined;
    try {
      reply = await exchange(request, signal, attempt);
      noteDenial(request, reply);
      breaker.record(request, reply, sentAt);
      return reply;
    } finally {
      ended(reply);
    }
  };

  return async (request, signal) => {
    budget.begin();
    const ticket = { request, signal };
    let attempts = 0;
    let refusals = 0;
    for (let attempt = 1; ; attempt += 1) {
      const turn = await admitted(ticket);
      if (turn.kind === 'over') {
        const { kind: _, ...over } = turn;
        return { ...over, attempts };
      }
      const reply = await sendOnce(ticket, turn, attempt);
      if (reply.kind === 'answered' && reply.status === 429) {
        refusals += 1;
        if (refusals >= MAX_REFUSALS) return { reply, attempts };
        continue;
      }
      refusals = 0;
      if (reply.kind !== 'stopped' || reply.sent) attempts += 1;
      if (attempts > 1 && isGood(reply)) budget.giveBack();
      if (attempts > maxRetries || !isWorthAnother(request, reply) || !budget.take()) return { reply, attempts };
      if (serverWait(reply) !== undefined) continue; // the rate limiter delays the retry, together with all other requests

      const ms = Math.round(backoff(attempts, random));
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

type Go = Extract<RateLimitTurn, { readonly kind: 'go' }>;
type Admitted = Go | ({ readonly kind: 'over' } & Omit<Sent, 'attempts'>);

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

function isGood(reply: Reply): boolean {
  return reply.kind === 'answered' && reply.status < 500 && reply.flaw?.kind !== 'cut';
}

function isDenial(request: HttpRequest, reply: Reply): boolean {
  const isDecisive = request.method !== 'GET' || isList(request);
  return isDecisive && reply.kind === 'answered' && (reply.status === 401 || reply.status === 403);
}
