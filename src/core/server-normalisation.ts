import { canonicalJson } from './canonical.ts';
import type { Field, Spec } from './connection.ts';
import { differences, liveOnlyFields, pathOf, type Difference } from './difference.ts';

/** What the server made of values that were sent to it: path to the value that it shows; null where it shows none. */
export type Normalised = Readonly<Record<string, unknown>>;

/**
 * What reads back differently from what was written. `absent`: fields that are not there at all; no server makes that of a field, so it
 * is no value of its own but a loss, or a list from between two requests of one update. `mayBeLate`: some field is absent, or
 * something still is as it was before.
 */
export interface ReadBack {
  readonly normalised: Normalised;
  readonly absent: readonly string[];
  readonly mayBeLate: boolean;
}

/** Holds what was written against what is live. What `before` had and the write took away has to be gone. */
export function compareWithWritten(written: Spec, before: Spec | undefined, live: Spec): ReadBack | undefined {
  const list = differences(written, before, live);
  if (list.length === 0) return undefined;
  const was = new Set(before === undefined ? [] : differences(written, before, before).map(signature));
  const absent = list.filter(isAbsent);
  const changed = list.filter((difference) => !isAbsent(difference));
  return {
    normalised: Object.fromEntries(changed.map((difference) => [pathOf(difference), difference.from ?? null])),
    absent: absent.map(pathOf),
    mayBeLate: absent.length > 0 || changed.some((difference) => was.has(signature(difference))),
  };
}

/** Whether a difference of cause drift is only what the server made of our own value. */
export function isNormalised(normalised: Normalised | undefined, difference: Difference): boolean {
  if (normalised === undefined || difference.cause !== 'drift') return false;
  const path = pathOf(difference);
  return Object.hasOwn(normalised, path) && canonicalJson(normalised[path]) === canonicalJson(difference.from ?? null);
}

/** Whether live no longer says what was recorded: something of it, or a field more. What the server made of our values is no drift. */
export function drifted(recorded: Spec, live: Spec, normalised: Normalised | undefined): boolean {
  return (
    differences(recorded, recorded, live).some((difference) => !isNormalised(normalised, difference)) ||
    unmanagedFields(recorded, live, normalised).length > 0
  );
}

/** Fields that only live has, and not because the server kept one that was taken away. */
export function unmanagedFields(recorded: Spec, live: Spec, normalised: Normalised | undefined): readonly Field[] {
  return liveOnlyFields(undefined, recorded, live).filter(
    ({ id }) => normalised === undefined || !Object.hasOwn(normalised, `fields[${id}]`),
  );
}

function isAbsent(difference: Difference): boolean {
  return difference.leaf === 'field' && difference.from === undefined;
}

function signature(difference: Difference): string {
  return canonicalJson([pathOf(difference), difference.from ?? null]);
}
