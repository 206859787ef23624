import type { DesiredConnection, LiveConnection, RecordedConnection } from '../core/connection.ts';
import { decideFromViews, type DecideDesired, type Decision } from '../core/planner.ts';
import type { OnDrift } from '../core/transition.ts';

/** Everything that a decision follows from beside the manifest. */
interface Premises {
  readonly record: RecordedConnection | undefined;
  readonly live: LiveConnection | undefined;
  readonly offline: boolean;
  readonly onDrift: OnDrift;
}

/**
 * Returns the planner's decision function with a memory: a connection whose manifest, record and live version are the same
 * objects as in the pass before is not compared again. Entries go away with their manifest.
 */
export function cacheDecisions(): DecideDesired {
  const cache = new WeakMap<DesiredConnection, Premises & { readonly decision: Decision }>();
  return (to, record, views) => {
    const now: Premises = {
      record,
      live: views.live?.get(to.key),
      offline: views.live === undefined,
      onDrift: views.onDrift,
    };
    const before = cache.get(to);
    if (before !== undefined && isSame(before, now)) return before.decision;
    const decision = decideFromViews(to, record, views);
    cache.set(to, { ...now, decision });
    return decision;
  };
}

function isSame(a: Premises, b: Premises): boolean {
  return a.record === b.record && a.live === b.live && a.offline === b.offline && a.onDrift === b.onDrift;
}
