import { updateSteps } from './delta.ts';
import type { DesiredConnection, Spec } from './connection.ts';
import { problem, type Problem } from './diagnostic.ts';
import { applyDifferences, differences, fieldsOf, replaceReasons, type Difference } from './difference.ts';
import { isNormalised } from './server-normalisation.ts';
import type { Change } from './plan.ts';
import type { Delta } from './ports.ts';

/** What to do about changes that only live has: set back, leave alone, or refuse the whole apply. */
export type OnDrift = 'revert' | 'keep' | 'refuse';

export interface ConnectionViews {
  readonly to: DesiredConnection;
  /** Undefined where nothing is recorded, or what was last applied is unknown. */
  readonly recorded: Spec | undefined;
  /** What the server made of our values the last time: none of it is drift. */
  readonly normalised: Readonly<Record<string, unknown>> | undefined;
  readonly live: Spec;
  readonly onDrift: OnDrift;
}

/** How to get one connection from what is live to what is desired. */
export type Transition = { readonly problems: readonly Problem[] } & (
  | { readonly kind: 'same'; /** Differences of cause drift that were left alone. */ readonly kept: number }
  | {
      readonly kind: 'update';
      readonly to: Spec;
      readonly changes: readonly Change[];
      /** The PUTs, in order. */ readonly steps: readonly Delta[];
    }
  | {
      readonly kind: 'replace';
      readonly to: Spec;
      readonly changes: readonly Change[];
      readonly reasons: readonly string[];
    }
);

/** Where the three sides of one connection lead: nothing, an update in place, or a replace. */
export function reconcileOne({ to, recorded, normalised, live, onDrift }: ConnectionViews): Transition {
  const renames = pendingRenames(to, recorded, live, onDrift);
  const renamed = applyDifferences(live, renames);
  const last = recorded === undefined ? undefined : applyDifferences(recorded, renames);
  const all = differences(to.spec, last, renamed).filter((difference) => !isNormalised(normalised, difference));
  const made = onDrift === 'keep' ? all.filter(({ cause }) => cause === 'git') : all;
  const list = [...renames, ...made];
  const problems = spent(to, made, live);
  // Where nothing is made, all that differs is kept.
  if (list.length === 0) return { kind: 'same', kept: all.length, problems };
  const reasons = replaceReasons(made);
  // Also a replace posts what only live has: it was never ours to drop.
  const after = applyDifferences(live, list);
  if (reasons.length > 0) return { kind: 'replace', to: after, changes: list, reasons, problems };
  return {
    kind: 'update',
    to: after,
    changes: list,
    steps: updateSteps(live, after, new Map(renames.map(({ from, to: id }) => [from, id]))),
    problems,
  };
}

type Rename = Difference & { readonly leaf: 'rename' };

/** The renames that the manifest declares and live has not seen yet. A field that changes its column too is no rename. */
function pendingRenames(
  to: DesiredConnection,
  recorded: Spec | undefined,
  live: Spec,
  onDrift: OnDrift,
): readonly Rename[] {
  if (to.renamedFields.size === 0) return [];
  const wanted = fieldsOf(to.spec);
  const there = fieldsOf(live);
  const last = fieldsOf(recorded);
  const taken = new Set<string>();
  return [...to.renamedFields].flatMap(([from, id]): Rename | [] => {
    const old = there.get(from);
    const next = wanted.get(id);
    if (old === undefined || next === undefined || there.has(id) || wanted.has(from)) return [];
    if (old.source_name !== next.source_name || old.type !== next.type) return [];
    const cause = last.has(id) ? 'drift' : 'git';
    // Of two old ids for one new one, the first is the rename; the other field goes, as without a declaration.
    if (taken.has(id) || (cause === 'drift' && onDrift === 'keep')) return [];
    taken.add(id);
    return { leaf: 'rename', from, to: id, cause };
  });
}

/** Consent and renames that have done their work: they can go from the manifest. */
function spent(to: DesiredConnection, made: readonly Difference[], live: Spec): readonly Problem[] {
  const there = fieldsOf(live);
  const problems: Problem[] = [];
  for (const [from, id] of to.renamedFields) {
    const touched = made.some((difference) => 'id' in difference && (difference.id === from || difference.id === id));
    if (there.has(from) || !there.has(id) || touched) continue;
    problems.push(
      problem('stale-rename', `${to.key}: the field ${from} is renamed to ${id} already`, {
        ...to.place,
        hint: `remove ${from} from renamed_fields`,
      }),
    );
  }
  if (to.allowReplace && replaceReasons(made).length === 0) {
    problems.push(
      problem('unused-allow', `${to.key} allows a replace, and none is needed`, {
        ...to.place,
        hint: 'remove allow: [replace] so that a later change asks again',
      }),
    );
  }
  return problems;
}
