import type { RateLimitReading } from './rate-limit-headers.ts';
import { RATE_LIMIT } from './backoff.ts';

interface Pause {
  readonly reason: string;
  readonly from: number;
  readonly until: number;
}

interface Period {
  /** The lowest that an answer told, and when. */
  readonly remaining: number;
  readonly at: number;
  readonly endsAt: number;
  /** How long after the end the first request goes. */
  readonly spread: number;
}

/**
 * What is known of one bucket of the rate limit, and what is under way in it. Times are monotonic milliseconds; nothing
 * happens here but arithmetic.
 *
 * | state     | known by                                    | the next request goes                                      |
 * | --------- | ------------------------------------------- | ---------------------------------------------------------- |
 * | scouting  | nothing yet; a pause or a period is over    | one step after the one before, until an answer tells more  |
 * | unlimited | an answer told no limit                     | at once                                                    |
 * | paused    | a 429, or a 503 with `Retry-After`          | after the pause                                            |
 * | open      | Remaining, less what is under way, is ample | at once                                                    |
 * | low       | … is a fifth of Limit or less               | one step after the one before                              |
 * | spent     | … is nothing                                | once an answer tells more, or the period is over           |
 *
 * A step is Period ÷ Limit, or shorter where what is left would otherwise not be used up before the reset. Reset is rounded
 * up, so that each answer gives an upper bound for the end of the period, and the lowest one counts. A new period has begun
 * for certain where a request was sent after that bound, or after the answer that told the lowest Remaining and was told no
 * less. Any other answer may have been overtaken, and is taken for one of the old period: that errs on the side of waiting.
 */
export class RateLimitBucket {
  readonly name: string | undefined;
  #limit: number | undefined;
  #periodMs: number | undefined;
  #period: Period | undefined;
  #pause: Pause | undefined;
  #isScouting = true;
  /** When the last pause or period was over. What was sent before that tells nothing any more. */
  #overAt = -Infinity;
  #toldUntil = -Infinity;
  #underWay = 0;
  #lastSent = -Infinity;
  #refusals = 0;
  #refusalsAtAnswer = 0;

  constructor(name?: string) {
    this.name = name;
  }

  /** Milliseconds until the next request may go, from 0. */
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
    return this.#isScouting ? this.#untilStep(Math.min(this.#step, LONGEST_SCOUT), now) : 0;
  }

  /** Why everybody has to wait, once for each such wait; undefined for a mere step, and for what was told. */
  untold(): string | undefined {
    const spent = this.#period?.remaining === 0 ? this.#period.endsAt + this.#period.spread : undefined;
    const until = this.#pause?.until ?? spent;
    if (until === undefined || until < this.#toldUntil + WORTH_TELLING) return undefined;
    this.#toldUntil = until;
    return this.#pause?.reason ?? RATE_LIMIT;
  }

  sent(now: number): void {
    this.#underWay += 1;
    this.#lastSent = now;
  }

  /** One that was under way has ended, however. */
  ended(): void {
    this.#underWay -= 1;
  }

  /** So many that are under way in another bucket turn out to belong to this one. */
  takeOver(count: number, from: RateLimitBucket): void {
    from.#underWay -= count;
    this.#underWay += count;
    this.#lastSent = Math.max(this.#lastSent, from.#lastSent);
  }

  /** Something else than a refusal came back. `random` keeps those apart who wake at the same end of a period. */
  passed(reading: RateLimitReading, sentAt: number, now: number, random: () => number): void {
    this.#refusalsAtAnswer = this.#refusals;
    const { limit = this.#limit, periodMs = this.#periodMs, remaining, resetMs = periodMs } = reading;
    this.#limit = limit;
    this.#periodMs = periodMs;
    if (this.#pause !== undefined || sentAt < this.#overAt) return;
    this.#isScouting = false;
    if (remaining === undefined || resetMs === undefined) return;

    const endsAt = now + Math.min(resetMs, LONGEST_PERIOD);
    const old = this.#period;
    if (old === undefined || sentAt >= old.endsAt || (sentAt >= old.at && remaining >= old.remaining)) {
      this.#period = { remaining, at: now, endsAt, spread: random() * Math.min(this.#step, LONGEST_SCOUT) };
    } else {
      const lowest = remaining < old.remaining ? { remaining, at: now } : {};
      this.#period = { ...old, ...lowest, endsAt: Math.min(endsAt, old.endsAt) };
    }
  }

  /** A 429. What was sent before a pause began says no more than that pause. */
  refused(ms: number, spread: number, sentAt: number, now: number): void {
    if (this.pause(ms, spread, RATE_LIMIT, sentAt, now)) this.#refusals += 1;
  }

  /** Nobody goes before `now + ms + spread`. False where that is part of a pause that had begun. */
  pause(ms: number, spread: number, reason: string, sentAt: number, now: number): boolean {
    const old = this.#pause;
    const isSame = old !== undefined && sentAt <= old.from;
    if (isSame && now + ms <= old.until) return false;
    const until = now + ms + spread;
    this.#pause = isSame ? { ...old, until } : { reason, from: now, until };
    return !isSame;
  }

  /** Pauses in a row, since the count `from`, that a refusal began and that no answer ended. */
  refusalsSince(from: number): number {
    return this.#refusals - Math.max(from, this.#refusalsAtAnswer);
  }

  /** For `refusalsSince`. */
  get refusals(): number {
    return this.#refusals;
  }

  #delayWithin({ remaining, endsAt, spread }: Period, now: number): number {
    const left = remaining - this.#underWay;
    if (left <= 0) return endsAt + spread - now;
    if (this.#limit === undefined || left > this.#limit * LOW) return 0;
    return this.#untilStep(Math.min(this.#step, Math.max(endsAt - now, 0) / left), now);
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
    this.#toldUntil = -Infinity;
  }
}

const LOW = 1 / 5;
/** Between requests where nobody has told a limit, in milliseconds. */
const UNKNOWN_STEP = 50;
/** A scout that gets no answer holds the others back no longer. */
const LONGEST_SCOUT = 1000;
/** What is told as longer is asked about again by then. */
const LONGEST_PERIOD = 300_000;
/** A wait that grows by less is not told again. */
const WORTH_TELLING = 1000;
