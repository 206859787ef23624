import { faultOf, lengthOf, type Fault } from './fault.ts';
import type { Rule } from './faults.ts';
import { randomFrom, type Random } from './random.ts';

/** The parts of a request that rules match. */
interface FaultRequest {
  readonly method: string;
  readonly path: string;
}

/**
 * Chooses the fault of each request. Every rule has its own random generator and uses it for every request that it
 * matches, even if an earlier rule applied, so that adding a rule does not change the decisions of the others.
 */
export class FaultScheduler {
  readonly #rules: readonly RuleInUse[];
  readonly #clock: () => number;
  /** The time at which the last outage ends. Undefined before the first outage. */
  #deadUntil: number | undefined;

  constructor(rules: readonly Rule[], seed: number, clock: () => number) {
    this.#rules = rules.map((rule, index) => ({
      rule,
      rate: fractionOf(rule.rate ?? 1),
      throws: randomFrom(seed + Math.imul(2 * index, 0x9e3779b9)),
      details: randomFrom(seed + Math.imul(2 * index + 1, 0x9e3779b9)),
      matched: 0,
      used: 0,
    }));
    this.#clock = clock;
  }

  /** Reports whether an outage (a fault of kind `dead`) is in progress. */
  get isDead(): boolean {
    return this.#deadUntil !== undefined && this.#clock() < this.#deadUntil;
  }

  /** Returns the fault of the first rule that applies to a request, or undefined if none applies. */
  next(request: FaultRequest): Fault | undefined {
    let first: RuleInUse | undefined;
    for (const one of this.#rules) if (throwsFault(one, request)) first ??= one;
    if (first === undefined) return undefined;
    const { rule, details } = first;
    first.used += 1;
    if (rule.kind === 'dead') this.#deadUntil = this.#clock() + lengthOf(rule.ms ?? Infinity, details);
    return faultOf(rule, request, details);
  }
}

interface RuleInUse {
  readonly rule: Rule;
  readonly rate: number;
  readonly throws: Random;
  readonly details: Random;
  matched: number;
  used: number;
}

function throwsFault(one: RuleInUse, { method, path }: FaultRequest): boolean {
  const { methods, paths, after = 1, times = Infinity } = one.rule;
  if (methods?.includes(method) === false) return false;
  if (paths?.some((part) => path.includes(part)) === false) return false;
  one.matched += 1;
  const thrown = one.throws.fraction() < one.rate;
  return thrown && one.matched >= after && one.used < times;
}

function fractionOf(rate: number | string): number {
  const fraction = typeof rate === 'number' ? rate : Number(/^(\d+(?:\.\d+)?)%$/.exec(rate)?.[1]) / 100;
  if (fraction >= 0 && fraction <= 1) return fraction;
  throw new Error(`${JSON.stringify(rate)} is not a valid rate; use 0 to 1, or 30%.`);
}
