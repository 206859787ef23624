import { isList } from '../core/wire/endpoints.ts';
import { Breaker, type Outage } from './breaker.ts';
import { RateLimiter, type RateLimiterOptions, type RateLimitTurn, type Ticket } from './rate-limiter.ts';
import type { Exchange, HttpRequest, Reply } from './transport.ts';

export interface GateReply {
  readonly reply: Reply | Outage;
  /** If this request was not sent: the earlier request whose reply is the reason. */
  readonly instead?: HttpRequest;
}

export interface Gate {
  /** Waits until the request may be sent, or until it is certain that it may not. */
  admitted(ticket: Ticket): Promise<Admitted>;
  /** Sends an admitted request once. */
  send(ticket: Ticket, turn: Go, attempt: number): Promise<Reply>;
}

type Go = Extract<RateLimitTurn, { readonly kind: 'go' }>;
type Admitted = Go | ({ readonly kind: 'over' } & GateReply);

/**
 * Opens the gate that decides for all workers of one client together whether a request may be sent.
 *
 * | condition                                      | then                                              |
 * | ---------------------------------------------- | ------------------------------------------------- |
 * | the rate limit is used up or was exceeded      | requests wait, then run at the limiter's pace     |
 * | many consecutive failures (`breaker.ts`)       | requests wait for a probe                         |
 * | three consecutive failed probes: an outage     | no more requests are sent                         |
 * | 401 or 403 to a write or a list                | no more requests are sent; all get that reply     |
 */
export function openGate(exchange: Exchange, options: RateLimiterOptions): Gate {
  const limiter = new RateLimiter(options);
  let denied: GateReply | undefined;

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

  return {
    admitted: async (ticket) => {
      for (;;) {
        const outage = breaker.isClosed ? undefined : await breaker.ready(ticket.request, ticket.signal);
        if (denied !== undefined) return { kind: 'over', ...denied };
        if (outage !== undefined) return { kind: 'over', reply: outage };
        const turn = await limiter.turn(ticket);
        if (turn.kind === 'go') return turn;
        if (turn.kind === 'refused') return { kind: 'over', reply: turn.reply };
        if (turn.kind === 'stopped') return { kind: 'over', reply: { kind: 'stopped', sent: false } };
      }
    },
    send: async ({ request, signal }, { sentAt, ended }, attempt) => {
      let reply: Reply | undefined;
      try {
        reply = await exchange(request, signal, attempt);
        noteDenial(request, reply);
        breaker.record(request, reply, sentAt);
        return reply;
      } finally {
        ended(reply);
      }
    },
  };
}

function isDenial(request: HttpRequest, reply: Reply): boolean {
  const isDecisive = request.method !== 'GET' || isList(request);
  return isDecisive && reply.kind === 'answered' && (reply.status === 401 || reply.status === 403);
}
