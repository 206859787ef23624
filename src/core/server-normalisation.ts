import { canonicalJson } from './canonical.ts';
import type { Field, Spec } from './connection.ts';
import { differences, liveOnlyFields, pathOf, type Difference } from './difference.ts';

/** Values that the server changed after a write, by path; null for a value that it removed. */
export type Normalised = Readonly<Record<string, unknown>>;

/**
 * The differences between a write and a later list. `absent`: fields that the list lacks. No server normalises a
 * field away, so an absent field is lost, or the list is from between two requests of one update. `mayBeLate`: a
 * field is absent, or a value is still the same as before the write.
 */
export interface ReadBack {
  readonly normalised: Normalised;
  readonly absent: readonly string[];
  readonly mayBeLate: boolean;
}

/** Compares a written spec with live. Values that `before` had and the write removed must be absent. */
export function compareWithWritten(written: Spec, before: Spec | undefined, live: Spec): ReadBack | undefined {
  const found = differences(written, before, live);
  if (found.length === 0) return undefined;
  const unchanged = new Set(before === undefined ? [] : differences(written, before, before).map(signature));
  const absent = found.filter(isAbsent);
  const changed = found.filter((difference) => !isAbsent(difference));
  return {
    normalised: Object.fromEntries(changed.map((difference) => [pathOf(difference), difference.from ?? null])),
    absent: absent.map(pathOf),
    mayBeLate: absent.length > 0 || changed.some((difference) => unchanged.has(signature(difference))),
  };
}

/** Returns whether a drift difference is only the server's own change to a value that connsync wrote. */
export function isNormalised(normalised: Normalised | undefined, difference: Difference): boolean {
  if (normalised === undefined || difference.cause !== 'drift') return false;
  const path = pathOf(difference);
  return Object.hasOwn(normalised, path) && canonicalJson(normalised[path]) === canonicalJson(difference.from ?? null);
}

/**
 * Returns whether live differs from the record in a recorded value or by an additional field. Server normalisation is
 * not drift.
 */
export function isDrifted(recorded: Spec, live: Spec, normalised: Normalised | undefined): boolean {
  return (
    differences(recorded, recorded, live).some((difference) => !isNormalised(normalised, difference)) ||
    unmanagedFields(recorded, live, normalised).length > 0
  );
}

/** Returns the fields that only live has, except removed ones that the server kept. */
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
