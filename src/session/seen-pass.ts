import type { Pass } from '../page/page.ts';
import type { Reconciled } from '../reconcile/plan-pass.ts';
import type { PlanningOptions } from './planning-options.ts';

/** What a page shows of a pass; undefined where it made no plan. */
export function passOf(
  { plan, sides, refusals }: Reconciled,
  { includes }: Pick<PlanningOptions, 'includes'>,
): Pass | undefined {
  if (plan === undefined || sides === undefined) return undefined;
  const { manifests, snapshot, live } = sides;
  const about = includes === undefined ? {} : { includes };
  return { planned: { plan, desired: manifests.desired, recorded: snapshot.records, live, ...about }, refusals };
}
