import { canonicalJson } from './canonical.ts';
import type { Spec } from './connection.ts';
import { differences, pathOf, type Difference } from './difference.ts';

/** What the server made of values that were sent to it: path to the value that it shows; null where it shows none. */
export type Normalised = Readonly<Record<string, unknown>>;

/**
 * What reads back differently from what was written. A value that is still what it was before is left out: the write may not
 * show yet, and must not be taken for the server's will.
 */
export function normalisedBy(written: Spec, before: Spec | undefined, live: Spec): Normalised | undefined {
  const unmoved = new Set(before === undefined ? [] : differences(written, undefined, before).map(signature));
  const list = differences(written, undefined, live).filter((difference) => !unmoved.has(signature(difference)));
  return list.length === 0
    ? undefined
    : Object.fromEntries(list.map((difference) => [pathOf(difference), difference.from ?? null]));
}

/** Whether a difference of cause drift is only what the server made of our own value. */
export function isNormalised(normalised: Normalised | undefined, difference: Difference): boolean {
  if (normalised === undefined || difference.cause !== 'drift') return false;
  const path = pathOf(difference);
  return Object.hasOwn(normalised, path) && canonicalJson(normalised[path]) === canonicalJson(difference.from ?? null);
}

function signature(difference: Difference): string {
  return canonicalJson([pathOf(difference), difference.from ?? null]);
}
