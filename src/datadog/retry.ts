import { Breaker, type Outage } from './breaker.ts';
import { retryBudget } from './retry-budget.ts';
import {
  RateLimiter,
  MOST_REFUSALS,
  type RateLimiterOptions,
  type Ticket,
  type RateLimitTurn,
} from './rate-limiter.ts';
import { isList } from './paths.ts';
import type { Exchange, HttpRequest, Reply } from './transport.ts';
import { backoff, reasonToWait, serverWait } from './backoff.ts';

/** How a request ended after all its tries. `attempts` counts them; refusals by the rate limit (429) don't count. */
export interface Sent {
  readonly reply: Reply | Outage;
  readonly attempts: number;
  /** The request whose reply it is, where this one was not sent because of it. */
  readonly instead?: HttpRequest;
}

/** Sends a request, again where that is safe and promising. The seam: a policy is any function of this shape. */
export type Sender = (request: HttpRequest, signal: AbortSignal) => Promise<Sent>;

export interface RetryOptions extends RateLimiterOptions {
  /** Further tries after the first. */
  readonly maxRetries: number;
}

/**
 * The policy, for all requests of one client.
 *
 * | what happened                                        | GET                 | POST, PUT, DELETE            |
 * | ---------------------------------------------------- | ------------------- | ---------------------------- |
 * | 429: not executed                                    | again, at the reset | again, at the reset          |
 * | no connection was made                               | again, with backoff | again, with backoff          |
 * | 5xx, reset, deadline, body cut                       | again, with backoff | never: it may have been done |
 * | untrusted certificate, redirect, body too large, any other status | never  | never                        |
 *
 * Backoff is full jitter (`wait.ts`). A 503 that says `Retry-After` is believed instead, and holds everybody back; a 429
 * does so for all of its bucket (`gate.ts`). A 429 costs no attempt, and ten in a row end the request.
 *
 * What may be sent at all is decided for all workers together, before every try:
 *
 * | what has happened                         | then                                                                |
 * | ----------------------------------------- | ------------------------------------------------------------------- |
 * | the limit is used up, or was exceeded     | they wait at the gate, and go at the pace that it sets              |
 * | the retry budget is spent (`budget.ts`)   | what fails is not sent again                                        |
 * | many failures in a row (`breaker.ts`)     | they wait while a list is asked for                                 |
 * | three of these lists in vain: an outage   | nothing more is sent                                                |
 * | 401 or 403 to a write or a list           | nothing more is sent: that reply is everybody's                     |
 *
 * A signal that is aborted ends every wait at once.
 */
export function retrying(exchange: Exchange, { maxRetries, ...options }: RetryOptions): Sender {
  const { random, sleep, waiting } = options;
  const budget = retryBudget();
  const gate = new RateLimiter(options);
  let denied: Omit<Sent, 'attempts'> | undefined;

  const noteDenial = (request: HttpRequest, reply: Reply): void => {
    if (denied !== undefined || !isDenial(request, reply)) return;
    denied = { reply, instead: request };
    gate.clear();
  };
  const breaker = new Breaker({
    ...options,
    exchange,
    opened: () => gate.clear(),
    probed: (request, reply, sentAt) => {
      gate.heard(request, reply, sentAt);
      noteDenial(request, reply);
    },
  });

  /** Waits until the request may be sent, or it is certain that it will not be. */
  const admitted = async (ticket: Ticket): Promise<Admitted> => {
    for (;;) {
      const outage = breaker.isClosed ? undefined : await breaker.ready(ticket.request, ticket.signal);
      if (denied !== undefined) return { kind: 'over', ...denied };
      if (outage !== undefined) return { kind: 'over', reply: outage };
      const turn = await gate.turn(ticket);
      if (turn.kind === 'go') return turn;
      if (turn.kind === 'refused') return { kind: 'over', reply: turn.reply };
      if (turn.kind === 'stopped') return { kind: 'over', reply: { kind: 'stopped', sent: false } };
    }
  };

  const once = async ({ request, signal }: Ticket, { sentAt, ended }: Go, number: number): Promise<Reply> => {
    let reply: Reply | undefined;
    try {
      reply = await exchange(request, signal, number);
      noteDenial(request, reply);
      breaker.heard(request, reply, sentAt);
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
    for (let number = 1; ; number += 1) {
      const turn = await admitted(ticket);
      if (turn.kind === 'over') {
        const { kind: _, ...over } = turn;
        return { ...over, attempts };
      }
      const reply = await once(ticket, turn, number);
      if (reply.kind === 'answered' && reply.status === 429) {
        refusals += 1;
        if (refusals >= MOST_REFUSALS) return { reply, attempts };
        continue;
      }
      refusals = 0;
      if (reply.kind !== 'stopped' || reply.sent) attempts += 1;
      if (attempts > 1 && isGood(reply)) budget.giveBack();
      if (attempts > maxRetries || !isWorthAnother(request, reply) || !budget.take()) return { reply, attempts };
      if (serverWait(reply) !== undefined) continue; // the gate makes it wait, with everybody else

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
