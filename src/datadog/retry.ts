import { backoff, reasonToWait, serverWait } from './backoff.ts';
import { openGate, type GateReply } from './gate.ts';
import { MAX_REFUSALS, type RateLimiterOptions } from './rate-limiter.ts';
import { retryBudget } from './retry-budget.ts';
import type { Exchange, HttpRequest, Reply } from './transport.ts';

/** The result of a request after all its attempts. `attempts` doesn't count 429 responses. */
export interface Sent extends GateReply {
  readonly attempts: number;
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
 * Before every attempt, the gate decides whether it may be sent (`gate.ts`). If the retry budget is spent
 * (`retry-budget.ts`), failed requests are not retried. An aborted signal ends every wait immediately.
 */
export function retrying(exchange: Exchange, { maxRetries, ...options }: RetryOptions): Sender {
  const { random, sleep, waiting } = options;
  const budget = retryBudget();
  const gate = openGate(exchange, options);

  return async (request, signal) => {
    budget.begin();
    const ticket = { request, signal };
    let attempts = 0;
    let refusals = 0;
    for (let attempt = 1; ; attempt += 1) {
      const turn = await gate.admitted(ticket);
      if (turn.kind === 'over') {
        const { kind: _, ...over } = turn;
        return { ...over, attempts };
      }
      const reply = await gate.send(ticket, turn, attempt);
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
