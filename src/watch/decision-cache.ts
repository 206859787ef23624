import type { DesiredConnection, LiveConnection, RecordedConnection } from '../core/connection.ts';
import { decideFromViews, type DecideDesired, type Decision } from '../core/planner.ts';
import type { OnDrift } from '../core/transition.ts';

/** All inputs of a decision except the manifest. */
interface DecisionInputs {
  readonly record: RecordedConnection | undefined;
  readonly live: LiveConnection | undefined;
  readonly offline: boolean;
  readonly onDrift: OnDrift;
}

/**
 * Returns the planner's decision function with a cache. It reuses a decision if manifest, record and live connection
 * are the same objects as in the previous call. An entry is garbage-collected with its manifest.
 */
export function cacheDecisions(): DecideDesired {
  const cache = new WeakMap<DesiredConnection, DecisionInputs & { readonly decision: Decision }>();
  return (desired, record, views) => {
    const inputs: DecisionInputs = {
      record,
      live: views.live?.get(desired.key),
      offline: views.live === undefined,
      onDrift: views.onDrift,
    };
    const before = cache.get(desired);
    if (before !== undefined && isSame(before, inputs)) return before.decision;
    const decision = decideFromViews(desired, record, views);
    cache.set(desired, { ...inputs, decision });
    return decision;
  };
}

function isSame(a: DecisionInputs, b: DecisionInputs): boolean {
  return a.record === b.record && a.live === b.live && a.offline === b.offline && a.onDrift === b.onDrift;
}
