import { faultOf, lengthOf, type Fault } from './fault.ts';
import type { Rule } from './faults.ts';
import { randomFrom, type Random } from './random.ts';

/** The part of a request that rules look at. */
interface Asked {
  readonly method: string;
  readonly path: string;
}

/**
 * Decides what befalls each request. Every rule has dice of its own and throws them for every request that it matches,
 * whether or not an earlier rule took it, so that one more rule leaves the throws of the others as they are.
 */
export class FaultScheduler {
  readonly #rules: readonly RuleInUse[];
  readonly #clock: () => number;
  /** Undefined where there was none. */
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

  /** Whether there is an outage. */
  get isDead(): boolean {
    return this.#deadUntil !== undefined && this.#clock() < this.#deadUntil;
  }

  /** At most one fault for a request. */
  next(request: Asked): Fault | undefined {
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

function throwsFault(one: RuleInUse, { method, path }: Asked): boolean {
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
  throw new Error(`${JSON.stringify(rate)} is no rate; give 0 to 1, or 30%.`);
}
