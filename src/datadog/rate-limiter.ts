import { setMaxListeners } from 'node:events';
import type { RateLimitBucket } from './bucket.ts';
import { RateLimitBuckets } from './buckets.ts';
import { VALIDATE_PATH } from './paths.ts';
import { readRateLimitHeaders, type RateLimitReading } from './rate-limit-headers.ts';
import type { HttpRequest, Reply } from './transport.ts';
import { backoff, reasonToWait, serverWait, type Timing } from './backoff.ts';

/** The newest that is known of a bucket, for a display. */
export interface LimitReading {
  readonly name: string;
  readonly remaining: number;
  readonly limit: number;
  readonly resetsInMs: number;
}

export interface RateLimiterOptions extends Timing {
  /** Told after an answer, at most once in a quarter of a second. */
  readonly limit?: ((reading: LimitReading) => void) | undefined;
}

/** One request, for all of its tries. */
export interface Ticket {
  readonly request: HttpRequest;
  readonly signal: AbortSignal;
}

/**
 * What became of waiting at the gate.
 *
 * | kind    | what it means                                                                         |
 * | ------- | ------------------------------------------------------------------------------------- |
 * | go      | send it now, and say at `sentAt` how that ended; nothing at all where it was not sent |
 * | turned  | everybody who waited was turned away: look again whether to send it                   |
 * | refused | the limit has let nobody through for so long that its last reply stands for this one  |
 * | stopped | its signal was aborted                                                                |
 */
export type RateLimitTurn =
  | { readonly kind: 'go'; readonly sentAt: number; readonly ended: (reply?: Reply) => void }
  | { readonly kind: 'turned' }
  | { readonly kind: 'refused'; readonly reply: Reply }
  | { readonly kind: 'stopped' };

/** So many refusals in a row are not of a limit that passes soon. */
export const MOST_REFUSALS = 10;

interface Alarm {
  readonly at: number;
  readonly off: AbortController;
}

interface Waiter {
  readonly ticket: Ticket;
  readonly resolve: (turn: RateLimitTurn) => void;
  readonly reject: (error: unknown) => void;
  readonly stop: () => void;
}

/**
 * The one gate that all requests of a client go through, kept by a `RateLimitBucket` for each limit.
 *
 * A 429 pauses its bucket until the reset that it tells, or by the backoff, and a 503 with `Retry-After` pauses all of them;
 * a pause that was told lasts up to a tenth longer, since everybody else wakes then too. Those who wait stand in one queue
 * with one timer, whatever they wait for: a pause is one wait and one event, and within a bucket nobody overtakes.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #buckets = new RateLimitBuckets();
  readonly #queue = new Set<Waiter>();
  readonly #joined = new WeakMap<Ticket, { readonly bucket: RateLimitBucket; readonly refusals: number }>();
  #alarm: Alarm | undefined;
  #lastRefusal: Reply | undefined;
  #readAt = -Infinity;
  #toldUntil = -Infinity;

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

  /** Turns away everybody who waits. */
  clear(): void {
    for (const waiter of this.#queue) this.#settle(waiter, { kind: 'turned' });
    this.#pump();
  }

  /** Takes in an answer to something that went past the gate. */
  heard(request: HttpRequest, reply: Reply, sentAt: number): void {
    if (reply.kind === 'stopped') return;
    const { clock, random } = this.#options;
    const now = clock();
    const reading = reply.kind === 'answered' ? readRateLimitHeaders(reply.header) : {};
    const bucket = this.#buckets.named(reading.name, request);
    const told = serverWait(reply);
    const spread = told === undefined ? 0 : (told * random()) / 10;
    if (reply.kind === 'answered' && reply.status === 429) {
      this.#lastRefusal = reply;
      bucket.refused(told ?? backoff(bucket.refusalsSince(0) + 1, random), spread, sentAt, now);
      return;
    }
    bucket.passed(reading, sentAt, now, random);
    if (request.path !== VALIDATE_PATH) this.#tellReading(bucket, reading, now);
    if (told === undefined) return;
    for (const each of this.#buckets.all()) each.pause(told, spread, reasonToWait(reply), sentAt, now);
  }

  /** Lets through whoever may go, and sets the timer for the first of the others. */
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
      if (ms <= 0) this.#letGo(waiter, now);
      else blocked.set(bucket, ms);
    }
    this.#tellPauses(blocked, now);
    this.#wakeAfter(Math.min(...blocked.values()), now);
  }

  #letGo(waiter: Waiter, sentAt: number): void {
    const { request } = waiter.ticket;
    this.#buckets.sent(request, sentAt);
    const ended = (reply?: Reply): void => {
      this.#buckets.ended(request);
      if (reply !== undefined) this.heard(request, reply, sentAt);
      this.#pump();
    };
    this.#settle(waiter, { kind: 'go', sentAt, ended });
  }

  // While it waits, a refusal of one is a refusal of all: each of them would have been refused too.
  #isRefused(ticket: Ticket, bucket: RateLimitBucket): boolean {
    const from = this.#joined.get(ticket);
    if (from?.bucket === bucket) return bucket.refusalsSince(from.refusals) >= MOST_REFUSALS;
    this.#joined.set(ticket, { bucket, refusals: bucket.refusals });
    return false;
  }

  #settle(waiter: Waiter, turn: RateLimitTurn): void {
    this.#queue.delete(waiter);
    waiter.ticket.signal.removeEventListener('abort', waiter.stop);
    waiter.resolve(turn);
  }

  // A timer that is set for about the right time is left alone: answers come often.
  #wakeAfter(ms: number, now: number): void {
    if (this.#alarm !== undefined && Math.abs(this.#alarm.at - now - ms) < 1) return;
    this.#alarm?.off.abort();
    this.#alarm = undefined;
    if (ms === Infinity) return;
    const alarm = { at: now + ms, off: new AbortController() };
    this.#alarm = alarm;
    void this.#sleep(ms, alarm);
  }

  async #sleep(ms: number, alarm: Alarm): Promise<void> {
    try {
      await this.#options.sleep(ms, alarm.off.signal);
      if (this.#alarm !== alarm) return;
      this.#alarm = undefined;
      this.#pump();
    } catch (error) {
      if (!alarm.off.signal.aborted) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    for (const waiter of this.#queue) waiter.reject(error);
    this.#queue.clear();
  }

  // A pause of all buckets is one pause, also where some wait in each of them.
  #tellPauses(blocked: ReadonlyMap<RateLimitBucket, number>, now: number): void {
    for (const [bucket, ms] of blocked) {
      const reason = bucket.untold();
      if (reason === undefined || Math.abs(now + ms - this.#toldUntil) < 2) continue;
      this.#toldUntil = now + ms;
      this.#options.waiting?.({ reason, ms });
    }
  }

  #tellReading({ name }: RateLimitBucket, { remaining, limit, resetMs }: RateLimitReading, now: number): void {
    if (name === undefined || remaining === undefined || limit === undefined || resetMs === undefined) return;
    if (this.#options.limit === undefined || now - this.#readAt < BETWEEN_READINGS) return;
    this.#readAt = now;
    this.#options.limit({ name, remaining, limit, resetsInMs: resetMs });
  }
}

const BETWEEN_READINGS = 250;
/** In milliseconds: sums of fractions may miss what is due by less. */
const ROUNDING = 1e-3;
