import type { RateLimitReading } from './rate-limit-headers.ts';
import { RATE_LIMIT } from './backoff.ts';

interface Pause {
  readonly reason: string;
  readonly from: number;
  readonly until: number;
}

interface Period {
  /** The lowest `X-RateLimit-Remaining` of the period; `at` is when the response that reported it arrived. */
  readonly remaining: number;
  readonly at: number;
  readonly endsAt: number;
  /** Delay between the end of the period and the next request, in milliseconds. */
  readonly spread: number;
}

/**
 * The state of one rate-limit bucket and the requests in flight in it. Times are monotonic milliseconds. This class
 * only calculates; it has no timers.
 *
 * | state     | reason                                           | when the next request may be sent                 |
 * | --------- | ------------------------------------------------ | ------------------------------------------------- |
 * | scouting  | no data yet, or a pause or period has just ended | one step after the last, until a response arrives |
 * | unlimited | a response without a limit                       | immediately                                       |
 * | paused    | a 429, or a 503 with `Retry-After`               | after the pause                                   |
 * | open      | Remaining minus the requests in flight is ample  | immediately                                       |
 * | low       | … is at most a fifth of Limit                    | one step after the last one                       |
 * | spent     | … is zero                                        | when a response reports more, or the period ends  |
 *
 * A step is Period ÷ Limit, or shorter if the remaining requests would otherwise not be used up before the reset.
 * Reset is rounded up, so each response gives an upper bound for the end of the period, and the lowest bound counts.
 * A new period has certainly begun if a request was sent after that bound, or if it was sent after the response with
 * the lowest Remaining and reports at least as much. Any other response may have arrived out of order and counts for
 * the old period, because waiting too long is the safer mistake.
 */
export class RateLimitBucket {
  readonly name: string | undefined;
  #limit: number | undefined;
  #periodMs: number | undefined;
  #period: Period | undefined;
  #pause: Pause | undefined;
  #isScouting = true;
  /**
   * The time at which the last pause or period ended. Responses to requests sent earlier are outdated and don't start a
   * new period.
   */
  #overAt = -Infinity;
  #reportedUntil = -Infinity;
  #underWay = 0;
  #lastSent = -Infinity;
  #refusals = 0;
  #refusalsAtAnswer = 0;

  constructor(name?: string) {
    this.name = name;
  }

  /** Returns the milliseconds until the next request may be sent; 0 means now. */
  delay(now: number): number {
    if (this.#pause !== undefined) {
      if (now < this.#pause.until) return this.#pause.until - now;
      this.#scout(this.#pause.until);
    }
    if (this.#period !== undefined) {
      const { endsAt, spread } = this.#period;
      if (now < endsAt + spread) return this.#delayWithin(this.#period, now);
      this.#scout(endsAt);
    }
    return this.#isScouting ? this.#untilStep(Math.min(this.#step, MAX_SCOUT_WAIT), now) : 0;
  }

  /** Returns the reason for a wait that was not reported yet, or undefined. Steps between requests are not reported. */
  unreportedWait(): string | undefined {
    const spent = this.#period?.remaining === 0 ? this.#period.endsAt + this.#period.spread : undefined;
    const until = this.#pause?.until ?? spent;
    if (until === undefined || until < this.#reportedUntil + MIN_REPORTED_GROWTH) return undefined;
    this.#reportedUntil = until;
    return this.#pause?.reason ?? RATE_LIMIT;
  }

  sent(now: number): void {
    this.#underWay += 1;
    this.#lastSent = now;
  }

  /** Records that a request in flight has ended, with any result. */
  ended(): void {
    this.#underWay -= 1;
  }

  /** Moves `count` requests in flight from another bucket to this one. */
  takeOver(count: number, from: RateLimitBucket): void {
    from.#underWay -= count;
    this.#underWay += count;
    this.#lastSent = Math.max(this.#lastSent, from.#lastSent);
  }

  /**
   * Records a response other than 429. `random` sets the delay after the end of the period, so that several clients
   * don't send at the same moment.
   */
  accepted(reading: RateLimitReading, sentAt: number, now: number, random: () => number): void {
    this.#refusalsAtAnswer = this.#refusals;
    const { limit = this.#limit, periodMs = this.#periodMs, remaining, resetMs = periodMs } = reading;
    this.#limit = limit;
    this.#periodMs = periodMs;
    if (this.#pause !== undefined || sentAt < this.#overAt) return;
    this.#isScouting = false;
    if (remaining === undefined || resetMs === undefined) return;

    const endsAt = now + Math.min(resetMs, MAX_PERIOD);
    const previous = this.#period;
    if (
      previous === undefined ||
      sentAt >= previous.endsAt ||
      (sentAt >= previous.at && remaining >= previous.remaining)
    ) {
      this.#period = { remaining, at: now, endsAt, spread: random() * Math.min(this.#step, MAX_SCOUT_WAIT) };
    } else {
      const lowest = remaining < previous.remaining ? { remaining, at: now } : {};
      this.#period = { ...previous, ...lowest, endsAt: Math.min(endsAt, previous.endsAt) };
    }
  }

  /**
   * Records a 429, which pauses the bucket. If its request was sent before the current pause began, the 429 counts as
   * part of that pause.
   */
  refused(ms: number, spread: number, sentAt: number, now: number): void {
    if (this.pause(ms, spread, RATE_LIMIT, sentAt, now)) this.#refusals += 1;
  }

  /** Blocks all requests until `now + ms + spread`. Returns false if this is part of a pause that had already begun. */
  pause(ms: number, spread: number, reason: string, sentAt: number, now: number): boolean {
    const previous = this.#pause;
    const isSame = previous !== undefined && sentAt <= previous.from;
    if (isSame && now + ms <= previous.until) return false;
    const until = now + ms + spread;
    this.#pause = isSame ? { ...previous, until } : { reason, from: now, until };
    return !isSame;
  }

  /**
   * Returns how many pauses a 429 has caused since `refusals` was `from`, or since the last response other than 429 if
   * that is later.
   */
  refusalsSince(from: number): number {
    return this.#refusals - Math.max(from, this.#refusalsAtAnswer);
  }

  /** The number of 429 pauses so far. Pass it to `refusalsSince` later. */
  get refusals(): number {
    return this.#refusals;
  }

  #delayWithin({ remaining, endsAt, spread }: Period, now: number): number {
    const available = remaining - this.#underWay;
    if (available <= 0) return endsAt + spread - now;
    if (this.#limit === undefined || available > this.#limit * LOW) return 0;
    return this.#untilStep(Math.min(this.#step, Math.max(endsAt - now, 0) / available), now);
  }

  #untilStep(step: number, now: number): number {
    return Math.max(this.#lastSent + step - now, 0);
  }

  get #step(): number {
    return this.#limit === undefined || this.#periodMs === undefined ? UNKNOWN_STEP : this.#periodMs / this.#limit;
  }

  #scout(overAt: number): void {
    this.#pause = undefined;
    this.#period = undefined;
    this.#isScouting = true;
    this.#overAt = overAt;
    this.#reportedUntil = -Infinity;
  }
}

const LOW = 1 / 5;
/** Time between requests while no limit is known, in milliseconds. */
const UNKNOWN_STEP = 50;
/** Maximum time between two requests while scouting, and maximum `spread` of a period, in milliseconds. */
const MAX_SCOUT_WAIT = 1000;
/**
 * Maximum period in milliseconds. After a longer reset, a request is sent when this time has passed, to check again.
 */
const MAX_PERIOD = 300_000;
/** A wait that grows by less than this many milliseconds is not reported again. */
const MIN_REPORTED_GROWTH = 1000;
