import { canonicalJson } from './canonical.ts';
import type { Field, Spec } from './connection.ts';
import { differences, liveOnlyFields, pathOf, type Difference } from './difference.ts';

/** Values that the server changed after a write, by path. */
export type Normalised = Readonly<Record<string, unknown>>;

/** The differences between a write and a later list. */
export interface ReadBack {
  /** Values that Datadog stores in its own form. */
  readonly normalised: Normalised;
  /** What Datadog accepted but does not show. It was not applied, or the list is older than the write. */
  readonly notApplied: readonly Difference[];
}

/**
 * Compares a written spec with live. Values that `before` had and the write removed must be absent.
 *
 * A value is normalised only if it is present, differs from what was written and from what was there before, and is one
 * that a server may choose: a field's display name, description or groups, or a metadata value. Everything else was not
 * applied.
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

/** Returns the fields that only live has, except removed ones that the server kept. */
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
