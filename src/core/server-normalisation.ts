import { canonicalJson } from './canonical.ts';
import type { Field, Spec } from './connection.ts';
import { differences, liveOnlyFields, pathOf, type Difference } from './difference.ts';

/** Values that the server changed after a write, by path. */
export type Normalised = Readonly<Record<string, unknown>>;

/** The differences between the values that a write sent and those that a later list shows. */
export interface ReadBack {
  /** The values that Datadog stored in a different form, by path. */
  readonly normalised: Normalised;
  /** Changes that Datadog accepted but doesn't show: it did not apply them, or the list is older than the write. */
  readonly notApplied: readonly Difference[];
}

/**
 * Returns how live differs from the written spec; undefined if it doesn't. Values of `before` that the write removed
 * must be absent from live.
 *
 * A difference counts as normalised only if the live value is set, also differs from the value before the write, and
 * belongs to a field's display name, description or groups, or to metadata. Any other difference counts as not applied.
 */
export function compareWithWritten(written: Spec, before: Spec | undefined, live: Spec): ReadBack | undefined {
  const found = differences(written, before, live);
  if (found.length === 0) return undefined;
  const unchanged = new Set(before === undefined ? [] : differences(written, before, before).map(signature));
  const isServersChoice = (difference: Difference): boolean =>
    isNormalisable(difference) && !unchanged.has(signature(difference));
  const normalised = found.filter(isServersChoice).map((difference) => [pathOf(difference), difference.from]);
  return {
    normalised: Object.fromEntries(normalised) as Normalised,
    notApplied: found.filter((difference) => !isServersChoice(difference)),
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

/**
 * Returns the live fields that are not recorded, except removed fields that the server kept (listed in `normalised`).
 */
export function unmanagedFields(recorded: Spec, live: Spec, normalised: Normalised | undefined): readonly Field[] {
  return liveOnlyFields(undefined, recorded, live).filter(
    ({ id }) => normalised === undefined || !Object.hasOwn(normalised, `fields[${id}]`),
  );
}

function isNormalisable(difference: Difference): boolean {
  if (difference.from === undefined) return false;
  if (difference.leaf === 'metadata') return true;
  return difference.leaf === 'field-member' && NORMALISABLE.has(difference.name);
}

const NORMALISABLE: ReadonlySet<string> = new Set(['display_name', 'description', 'groups']);

function signature(difference: Difference): string {
  return canonicalJson([pathOf(difference), difference.from ?? null]);
}
