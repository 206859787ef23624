import { updateSteps } from './delta.ts';
import type { DesiredConnection, Spec } from './connection.ts';
import { problem, type Problem } from './diagnostic.ts';
import { applyDifferences, differences, fieldsOf, replaceReasons, type Difference } from './difference.ts';
import { isNormalised } from './server-normalisation.ts';
import type { Change } from './plan.ts';
import type { Delta } from './ports.ts';

/** What to do about changes that were made only in Datadog: revert them, keep them, or refuse the whole apply. */
export type OnDrift = 'revert' | 'keep' | 'refuse';

export interface ConnectionViews {
  readonly desired: DesiredConnection;
  /** The last applied spec; undefined if there is no record or if the last applied spec is unknown. */
  readonly recorded: Spec | undefined;
  /** The values that the server changed after connsync wrote them, by path. These changes are not drift. */
  readonly normalised: Readonly<Record<string, unknown>> | undefined;
  readonly live: Spec;
  readonly onDrift: OnDrift;
}

/** How to turn one live connection into the desired one. */
export type Transition = { readonly problems: readonly Problem[] } & (
  | { readonly kind: 'same'; /** Number of drifted values that stay unchanged. */ readonly kept: number }
  | {
      readonly kind: 'update';
      readonly to: Spec;
      readonly changes: readonly Change[];
      /** The deltas of the PUT requests, in order. */ readonly steps: readonly Delta[];
    }
  | {
      readonly kind: 'replace';
      readonly to: Spec;
      readonly changes: readonly Change[];
      readonly reasons: readonly string[];
    }
);

/**
 * Compares one connection's manifest, record and live state, and returns no change, an update in place, or a replace.
 */
export function reconcileOne({ desired, recorded, normalised, live, onDrift }: ConnectionViews): Transition {
  const renames = pendingRenames(desired, recorded, live, onDrift);
  const renamed = applyDifferences(live, renames);
  const lastApplied = recorded === undefined ? undefined : applyDifferences(recorded, renames);
  const found = differences(desired.spec, lastApplied, renamed).filter(
    (difference) => !isNormalised(normalised, difference),
  );
  const toApply = onDrift === 'keep' ? found.filter(({ cause }) => cause === 'git') : found;
  const differencesToApply = [...renames, ...toApply];
  const problems = staleConsents(desired, toApply, live);
  // If there is nothing to apply, all differences that were found are drift that stays unchanged.
  if (differencesToApply.length === 0) return { kind: 'same', kept: found.length, problems };
  const reasons = replaceReasons(toApply);
  // A replace also recreates fields that exist only in Datadog: connsync doesn't manage such fields, so it must keep
  // them.
  const target = applyDifferences(live, differencesToApply);
  if (reasons.length > 0) return { kind: 'replace', to: target, changes: differencesToApply, reasons, problems };
  return {
    kind: 'update',
    to: target,
    changes: differencesToApply,
    steps: updateSteps(live, target, new Map(renames.map(({ from, to: id }) => [from, id]))),
    problems,
  };
}

type Rename = Difference & { readonly leaf: 'rename' };

/**
 * Returns the renames in the manifest that live doesn't show yet. A field whose `source_name` or `type` also changes
 * doesn't count as renamed.
 */
function pendingRenames(
  desired: DesiredConnection,
  recorded: Spec | undefined,
  live: Spec,
  onDrift: OnDrift,
): readonly Rename[] {
  if (desired.renamedFields.size === 0) return [];
  const desiredFields = fieldsOf(desired.spec);
  const liveFields = fieldsOf(live);
  const recordedFields = fieldsOf(recorded);
  const taken = new Set<string>();
  return [...desired.renamedFields].flatMap(([from, id]): Rename | [] => {
    const old = liveFields.get(from);
    const renamed = desiredFields.get(id);
    if (old === undefined || renamed === undefined || liveFields.has(id) || desiredFields.has(from)) return [];
    if (old.source_name !== renamed.source_name || old.type !== renamed.type) return [];
    const cause = recordedFields.has(id) ? 'drift' : 'git';
    // If two old ids map to the same new one, the first is renamed and the other field is removed, as it would be
    // without renamed_fields.
    if (taken.has(id) || (cause === 'drift' && onDrift === 'keep')) return [];
    taken.add(id);
    return { leaf: 'rename', from, to: id, cause };
  });
}

/** Returns warnings about `renamed_fields` and `allow` entries in the manifest that are no longer needed. */
function staleConsents(desired: DesiredConnection, toApply: readonly Difference[], live: Spec): readonly Problem[] {
  const liveFields = fieldsOf(live);
  const problems: Problem[] = [];
  for (const [from, id] of desired.renamedFields) {
    const touched = toApply.some(
      (difference) => 'id' in difference && (difference.id === from || difference.id === id),
    );
    if (liveFields.has(from) || !liveFields.has(id) || touched) continue;
    problems.push(
      problem('stale-rename', `${desired.key}: the field ${from} is already renamed to ${id}`, {
        ...desired.place,
        hint: `remove ${from} from renamed_fields`,
      }),
    );
  }
  if (desired.allowReplace && replaceReasons(toApply).length === 0) {
    problems.push(
      problem('unused-allow', `${desired.key} allows a replace but needs none`, {
        ...desired.place,
        hint: 'remove allow: [replace], so that a later replace needs consent again',
      }),
    );
  }
  return problems;
}
