import { setMaxListeners } from 'node:events';
import type { RateLimitBucket } from './bucket.ts';
import { RateLimitBuckets } from './buckets.ts';
import { VALIDATE } from '../core/wire/endpoints.ts';
import { readRateLimitHeaders, type RateLimitReading } from './rate-limit-headers.ts';
import type { HttpRequest, Reply } from './transport.ts';
import { backoff, reasonToWait, serverWait, type Timing } from './backoff.ts';

/** The latest state of a bucket, for display. */
export interface LimitReading {
  readonly name: string;
  readonly remaining: number;
  readonly limit: number;
  readonly resetsInMs: number;
}

export interface RateLimiterOptions extends Timing {
  /** Called after a response, at most once every 250 ms. */
  readonly limit?: ((reading: LimitReading) => void) | undefined;
}

/** One request, across all its attempts. */
export interface Ticket {
  readonly request: HttpRequest;
  readonly signal: AbortSignal;
}

/**
 * The result of waiting for a turn.
 *
 * | kind    | meaning                                                                                     |
 * | ------- | ------------------------------------------------------------------------------------------- |
 * | go      | send the request now, then call `ended` with the reply, or with nothing if it was not sent   |
 * | turned  | the queue was cleared: check again whether the request may be sent                          |
 * | refused | the limit has rejected requests for so long that its last reply counts for this request too |
 * | stopped | the request's signal was aborted                                                            |
 */
export type RateLimitTurn =
  | { readonly kind: 'go'; readonly sentAt: number; readonly ended: (reply?: Reply) => void }
  | { readonly kind: 'turned' }
  | { readonly kind: 'refused'; readonly reply: Reply }
  | { readonly kind: 'stopped' };

/** After this many consecutive 429 responses, connsync stops waiting for the limit. */
export const MAX_REFUSALS = 10;

interface Alarm {
  readonly at: number;
  readonly cancel: AbortController;
}

interface Waiter {
  readonly ticket: Ticket;
  readonly resolve: (turn: RateLimitTurn) => void;
  readonly reject: (error: unknown) => void;
  readonly stop: () => void;
}

/**
 * Decides when each request of a client may be sent, with one `RateLimitBucket` per limit.
 *
 * A 429 pauses its bucket until the reset it reports, or for a backoff. A 503 with `Retry-After` pauses all buckets.
 * A reported pause is extended by up to a tenth, because other clients wake at the same time. All waiting requests
 * share one queue and one timer: a pause is one wait and one event, and requests of one bucket keep their order.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #buckets = new RateLimitBuckets();
  readonly #queue = new Set<Waiter>();
  readonly #joined = new WeakMap<Ticket, { readonly bucket: RateLimitBucket; readonly refusals: number }>();
  #alarm: Alarm | undefined;
  #lastRefusal: Reply | undefined;
  #lastReportAt = -Infinity;
  #reportedUntil = -Infinity;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
  }

  async turn(ticket: Ticket): Promise<RateLimitTurn> {
    if (ticket.signal.aborted) return { kind: 'stopped' };
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#settle(waiter, { kind: 'stopped' });
        this.#pump();
      };
      const waiter: Waiter = { ticket, resolve, reject, stop };
      setMaxListeners(0, ticket.signal);
      ticket.signal.addEventListener('abort', stop, { once: true });
      this.#queue.add(waiter);
      this.#pump();
    });
  }

  /** Wakes all waiting requests, so that each one checks again whether it may be sent. */
  clear(): void {
    for (const waiter of this.#queue) this.#settle(waiter, { kind: 'turned' });
    this.#pump();
  }

  /** Updates the limits from a reply. The request may have bypassed the queue, as probes do. */
  record(request: HttpRequest, reply: Reply, sentAt: number): void {
    if (reply.kind === 'stopped') return;
    const { clock, random } = this.#options;
    const now = clock();
    const reading = reply.kind === 'answered' ? readRateLimitHeaders(reply.header) : {};
    const bucket = this.#buckets.named(reading.name, request);
    const requestedWait = serverWait(reply);
    const spread = requestedWait === undefined ? 0 : (requestedWait * random()) / 10;
    if (reply.kind === 'answered' && reply.status === 429) {
      this.#lastRefusal = reply;
      bucket.refused(requestedWait ?? backoff(bucket.refusalsSince(0) + 1, random), spread, sentAt, now);
      return;
    }
    bucket.accepted(reading, sentAt, now, random);
    if (request.path !== VALIDATE.path) this.#reportReading(bucket, reading, now);
    if (requestedWait === undefined) return;
    for (const each of this.#buckets.all()) each.pause(requestedWait, spread, reasonToWait(reply), sentAt, now);
  }

  /** Releases every request that may be sent, and sets the timer for the next one. */
  #pump(): void {
    const now = this.#options.clock();
    const blocked = new Map<RateLimitBucket, number>();
    for (const waiter of this.#queue) {
      const bucket = this.#buckets.of(waiter.ticket.request);
      if (this.#lastRefusal !== undefined && this.#isRefused(waiter.ticket, bucket)) {
        this.#settle(waiter, { kind: 'refused', reply: this.#lastRefusal });
        continue;
      }
      const ms = blocked.get(bucket) ?? Math.ceil(bucket.delay(now + ROUNDING));
      if (ms <= 0) this.#release(waiter, now);
      else blocked.set(bucket, ms);
    }
    this.#reportPauses(blocked, now);
    this.#wakeAfter(Math.min(...blocked.values()), now);
  }

  #release(waiter: Waiter, sentAt: number): void {
    const { request } = waiter.ticket;
    this.#buckets.sent(request, sentAt);
    const ended = (reply?: Reply): void => {
      this.#buckets.ended(request);
      if (reply !== undefined) this.record(request, reply, sentAt);
      this.#pump();
    };
    this.#settle(waiter, { kind: 'go', sentAt, ended });
  }

  // A 429 counts as a refusal of every waiting request, because Datadog would have refused each of them too.
  #isRefused(ticket: Ticket, bucket: RateLimitBucket): boolean {
    const since = this.#joined.get(ticket);
    if (since?.bucket === bucket) return bucket.refusalsSince(since.refusals) >= MAX_REFUSALS;
    this.#joined.set(ticket, { bucket, refusals: bucket.refusals });
    return false;
  }

  #settle(waiter: Waiter, turn: RateLimitTurn): void {
    this.#queue.delete(waiter);
    waiter.ticket.signal.removeEventListener('abort', waiter.stop);
    waiter.resolve(turn);
  }

  // Sets the timer. Responses are frequent, so a timer that is already set for about the right time is kept.
  #wakeAfter(ms: number, now: number): void {
    if (this.#alarm !== undefined && Math.abs(this.#alarm.at - now - ms) < 1) return;
    this.#alarm?.cancel.abort();
    this.#alarm = undefined;
    if (ms === Infinity) return;
    const alarm = { at: now + ms, cancel: new AbortController() };
    this.#alarm = alarm;
    void this.#sleep(ms, alarm);
  }

  async #sleep(ms: number, alarm: Alarm): Promise<void> {
    try {
      await this.#options.sleep(ms, alarm.cancel.signal);
      if (this.#alarm !== alarm) return;
      this.#alarm = undefined;
      this.#pump();
    } catch (error) {
      if (!alarm.cancel.signal.aborted) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    for (const waiter of this.#queue) waiter.reject(error);
    this.#queue.clear();
  }

  // Reports the pauses of the blocked buckets. A pause of all buckets is reported once, even if requests wait in
  // several of them.
  #reportPauses(blocked: ReadonlyMap<RateLimitBucket, number>, now: number): void {
    for (const [bucket, ms] of blocked) {
      const reason = bucket.unreportedWait();
      if (reason === undefined || Math.abs(now + ms - this.#reportedUntil) < 2) continue;
      this.#reportedUntil = now + ms;
      this.#options.waiting?.({ reason, ms });
    }
  }

  #reportReading({ name }: RateLimitBucket, { remaining, limit, resetMs }: RateLimitReading, now: number): void {
    if (name === undefined || remaining === undefined || limit === undefined || resetMs === undefined) return;
    if (this.#options.limit === undefined || now - this.#lastReportAt < BETWEEN_READINGS) return;
    this.#lastReportAt = now;
    this.#options.limit({ name, remaining, limit, resetsInMs: resetMs });
  }
}

const BETWEEN_READINGS = 250;
/** Tolerance in milliseconds for floating-point errors in sums of times. */
const ROUNDING = 1e-3;
