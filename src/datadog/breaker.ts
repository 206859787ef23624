import { isList, VALIDATE } from '../core/wire/endpoints.ts';
import { ERROR_LIMIT, type Exchange, type HttpRequest, type Reply } from './transport.ts';
import { backoff, reasonToWait, unlessAborted, type Timing } from './backoff.ts';

/** The result for a request that was not sent because Datadog is down. No later request is sent either. */
export interface Outage {
  readonly kind: 'outage';
  /** Number of consecutive requests that got no response or a 5xx. */
  readonly failures: number;
  /** Duration of the outage in milliseconds. */
  readonly ms: number;
  /** How the last request ended. */
  readonly reason: string;
}

export interface BreakerOptions extends Timing {
  readonly exchange: Exchange;
  /** Called with the result of each probe, because probes bypass the rate limiter. */
  readonly probed: (request: HttpRequest, reply: Reply, sentAt: number) => void;
  /** Called when the breaker opens: no request may be sent until `ready` allows it. */
  readonly opened: () => void;
}

/**
 * The circuit breaker of a client: it stops a run from sending requests to a Datadog that is down.
 *
 * | state  | until                                                              | then                 |
 * | ------ | ------------------------------------------------------------------ | -------------------- |
 * | closed | 10 consecutive failures of any requests, or one failure that took  | open                 |
 * |        | 5 s or more, with no response since that request was sent          |                      |
 * | open   | a probe, or any request still in flight, gets a response           | closed               |
 * |        | 3 consecutive probes fail                                          | outage, for good     |
 *
 * A failure is a 5xx, no response, or a list that broke off. While the breaker is open it sends only probes, one at a
 * time and only if a request is waiting. A probe is a list request, which Datadog answers whenever it works at all.
 * Each probe waits for a backoff first and has a deadline of five seconds. One failure that took 5 s is enough to open
 * the breaker, because ten timeouts in a row would take minutes.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #state: 'closed' | 'open' | Outage = 'closed';
  #failures = 0;
  #firstAt = 0;
  #answeredAt = -Infinity;
  #reason = '';
  #failedProbes = 0;
  #probing: Promise<void> | undefined;
  #lastList: string | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Resolves when the request may be sent, when the outage is final, or when the signal is aborted. */
  async ready(request: HttpRequest, signal: AbortSignal): Promise<Outage | undefined> {
    while (this.#state === 'open' && !signal.aborted) {
      this.#probing ??= this.#probe(request, signal).finally(() => {
        this.#probing = undefined;
      });
      await unlessAborted(this.#probing, signal);
    }
    return typeof this.#state === 'string' ? undefined : this.#state;
  }

  /** Records the result of a request. */
  record(request: HttpRequest, reply: Reply, sentAt: number): void {
    if (isList(request)) this.#lastList = request.path;
    if (reply.kind === 'stopped') return;
    const now = this.#options.clock();
    if (isAnswer(reply) && !(request.method === 'GET' && isCut(reply))) {
      this.#answered(now);
      return;
    }
    this.#failed(reply, sentAt);
    const wasSilence = now - sentAt >= SILENCE && this.#answeredAt <= sentAt;
    if (this.#state !== 'closed' || (this.#failures < MAX_FAILURES && !wasSilence)) return;
    this.#state = 'open';
    this.#failedProbes = 0;
    this.#options.opened();
  }

  #answered(now: number): void {
    this.#answeredAt = now;
    this.#failures = 0;
    if (this.#state === 'open') this.#state = 'closed';
  }

  #failed(reply: Reply, sentAt: number): void {
    if (this.#failures === 0) this.#firstAt = sentAt;
    this.#failures += 1;
    this.#reason = reasonToWait(reply);
  }

  async #probe(request: HttpRequest, signal: AbortSignal): Promise<void> {
    const { clock, sleep, random, waiting, exchange, probed } = this.#options;
    const ms = Math.round(backoff(this.#failedProbes + 1, random));
    waiting?.({ reason: 'Datadog is not responding, probing', ms });
    try {
      await sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (this.#state !== 'open' || signal.aborted) return;

    const probe = this.#probeFor(request);
    const sentAt = clock();
    const reply = await exchange(probe, signal, 1);
    probed(probe, reply, sentAt);
    if (reply.kind === 'stopped') return;
    if (isAnswer(reply)) {
      this.#answered(clock());
      return;
    }
    this.#failed(reply, sentAt);
    this.#failedProbes += 1;
    if (this.#state !== 'open' || this.#failedProbes < MAX_PROBES) return;
    this.#state = { kind: 'outage', failures: this.#failures, ms: clock() - this.#firstAt, reason: this.#reason };
  }

  #probeFor({ method, path }: HttpRequest): HttpRequest {
    const instead = method === 'GET' ? path : VALIDATE.path;
    return { method: 'GET', path: this.#lastList ?? instead, limit: ERROR_LIMIT, deadlineMs: PROBE_DEADLINE };
  }
}

const MAX_FAILURES = 10;
const MAX_PROBES = 3;
const PROBE_DEADLINE = 5000;
const SILENCE = 5000;

// Reports whether a reply shows that Datadog works. A probe reads only the start of the body, so a truncated body
// counts too.
function isAnswer(reply: Reply): boolean {
  return reply.kind === 'redirect' || (reply.kind === 'answered' && reply.status < 500);
}

function isCut(reply: Reply): boolean {
  return reply.kind === 'answered' && reply.flaw?.kind === 'cut';
}
