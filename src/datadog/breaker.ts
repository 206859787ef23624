import { isList, VALIDATE_PATH } from './paths.ts';
import { ERROR_LIMIT, type Exchange, type HttpRequest, type Reply } from './transport.ts';
import { backoff, reasonToWait, unlessAborted, type Timing } from './backoff.ts';

/** Datadog is given up: nothing was sent, and nothing more will be. */
export interface Outage {
  readonly kind: 'outage';
  /** How many requests in a row were not answered, or with a 5xx. */
  readonly failures: number;
  /** For how long. */
  readonly ms: number;
  /** What came of the last of them. */
  readonly reason: string;
}

export interface BreakerOptions extends Timing {
  readonly exchange: Exchange;
  /** Told of what came of a probe, which passes by everything else. */
  readonly probed: (request: HttpRequest, reply: Reply, sentAt: number) => void;
  /** Nobody may be sent from now on, until `ready` says so. */
  readonly opened: () => void;
}

/**
 * The circuit breaker over a whole client: it keeps a run from throwing requests at a Datadog that is down.
 *
 * | state  | until                                                              | then                 |
 * | ------ | ------------------------------------------------------------------ | -------------------- |
 * | closed | 10 failures in a row, of whatever requests; or one that took 5 s   | open                 |
 * |        | and more, with nobody answered since it was sent                   |                      |
 * | open   | a probe, or anything that was still under way, is answered         | closed               |
 * |        | 3 probes in a row have failed                                      | over: it stays so    |
 *
 * A failure is a 5xx, no answer, or a list that broke off. While it is open, only probes are sent, one at a time and only
 * while somebody waits: a list, which Datadog answers whenever it works at all. Each has five seconds, and stands a backoff
 * behind the one before it. That silence opens it at once is for servers that hang: ten time-outs would take minutes.
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

  /** Waits until the request may be sent, or it is certain that it will not be, or the signal is aborted. */
  async ready(request: HttpRequest, signal: AbortSignal): Promise<Outage | undefined> {
    while (this.#state === 'open' && !signal.aborted) {
      this.#probing ??= this.#probe(request, signal).finally(() => {
        this.#probing = undefined;
      });
      await unlessAborted(this.#probing, signal);
    }
    return typeof this.#state === 'string' ? undefined : this.#state;
  }

  /** Takes in what came of a request. */
  heard(request: HttpRequest, reply: Reply, sentAt: number): void {
    if (isList(request)) this.#lastList = request.path;
    if (reply.kind === 'stopped') return;
    const now = this.#options.clock();
    if (isAnswer(reply) && !(request.method === 'GET' && isCut(reply))) {
      this.#answered(now);
      return;
    }
    this.#failed(reply, sentAt);
    const wasSilence = now - sentAt >= SILENCE && this.#answeredAt <= sentAt;
    if (this.#state !== 'closed' || (this.#failures < MOST_FAILURES && !wasSilence)) return;
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
    waiting?.({ reason: 'Datadog does not answer, probing', ms });
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
    if (this.#state !== 'open' || this.#failedProbes < MOST_PROBES) return;
    this.#state = { kind: 'outage', failures: this.#failures, ms: clock() - this.#firstAt, reason: this.#reason };
  }

  #probeFor({ method, path }: HttpRequest): HttpRequest {
    const instead = method === 'GET' ? path : VALIDATE_PATH;
    return { method: 'GET', path: this.#lastList ?? instead, limit: ERROR_LIMIT, deadlineMs: PROBE_DEADLINE };
  }
}

const MOST_FAILURES = 10;
const MOST_PROBES = 3;
const PROBE_DEADLINE = 5000;
const SILENCE = 5000;

// Of a probe only the beginning is read, so that a body that is cut says nothing against it.
function isAnswer(reply: Reply): boolean {
  return reply.kind === 'redirect' || (reply.kind === 'answered' && reply.status < 500);
}

function isCut(reply: Reply): boolean {
  return reply.kind === 'answered' && reply.flaw?.kind === 'cut';
}
