import { Failure, hasErrors } from '../core/diagnostic.ts';
import { inPhase, type Target } from '../core/event.ts';
import type { Plan } from '../core/plan.ts';
import type { ConnectionsApi, Holder } from '../core/ports.ts';
import type { Reviewed } from '../core/review.ts';
import { applyPlan, recoverInterrupted, type ExecutionLimits } from './apply-plan.ts';
import { entitiesInUse, identify, listLive, loadManifests, requireSite } from './gather.ts';
import { INVALID_MANIFESTS, makePlan, type PassOptions, type PassResult } from './make-plan.ts';

/** How an apply executes a plan. */
export interface ApplyOptions extends ExecutionLimits {
  readonly holder: Holder;
  /** Milliseconds to wait for another apply to end. */
  readonly lockWaitMs: number;
  /** The reviewed plan or checksum. The apply is refused if its plan contains changes that were not reviewed. */
  readonly reviewed?: Reviewed;
  /**
   * Asks for confirmation if the plan has actions and no guard refuses it. Throws a `Failure('not-confirmed')` if
   * declined.
   */
  readonly confirm: (plan: Plan) => Promise<void>;
}

export interface ApplyPassOptions extends PassOptions, ApplyOptions {
  /**
   * Returns the Datadog client. Called once manifests and lockfile are known to be valid. Throws a `Failure` if
   * credentials are missing.
   */
  readonly connect: () => Promise<ConnectionsApi>;
}

/**
 * Loads manifests and lockfile, recovers an interrupted run, lists the live connections, plans, checks the guards, asks
 * for confirmation, applies and records. Throws expected errors as `Failure`, after recording completed changes.
 */
export async function applyPass(options: ApplyPassOptions): Promise<PassResult> {
  const { state, abort, reviewed } = options;
  const started = options.clock.monotonic();
  const manifests = loadManifests(options, { allowMissing: true });
  if (hasErrors(manifests.problems)) return INVALID_MANIFESTS;
  const release = await hold(options);
  try {
    const loaded = await state.load();
    requireSite(options, loaded);
    requireReviewedTarget(reviewed, options.target);
    const api = await options.connect();
    const target = await identify(options, loaded, api, abort.stop);
    requireReviewedTarget(reviewed, target);
    const applying = { ...options, desired: manifests.desired, target, api, report: inPhase('apply', options.report) };
    const snapshot = await recoverInterrupted(loaded, applying);
    const live = await listLive(api, entitiesInUse(manifests, snapshot), abort.stop);
    const gathered = { manifests, snapshot, live };
    const { plan, refusals } = await makePlan(gathered, { target, api, reviewed, started }, options);
    if (refusals.length > 0) return { exitCode: 7, plan, refusals, gathered };
    if (plan.actions.length > 0) await options.confirm(plan);
    const counts = await applyPlan(plan, snapshot, applying);
    return { exitCode: counts.failed + counts.skipped > 0 ? 4 : 0, plan, refusals: [], counts, gathered };
  } finally {
    await release();
  }
}

function hold({ state, holder, lockWaitMs, abort, report }: ApplyPassOptions): Promise<() => Promise<void>> {
  return state.hold(holder, lockWaitMs, abort.stop, (ms) =>
    report({ type: 'waiting', reason: 'another apply is running', ms }),
  );
}

/** Throws a `Failure` if the reviewed plan was made for another site or organisation. */
function requireReviewedTarget(reviewed: Reviewed | undefined, target: Target): void {
  if (reviewed?.kind !== 'plan') return;
  if (reviewed.site !== target.site) {
    throw new Failure(
      'site-mismatch',
      `${reviewed.file} was made for ${reviewed.site}, but this run is for ${target.site}`,
      { hint: `use --site ${reviewed.site}, or pass another plan` },
    );
  }
  if (reviewed.org !== undefined && target.org !== undefined && reviewed.org !== target.org) {
    throw new Failure(
      'organisation-mismatch',
      `${reviewed.file} was made for the organisation ${reviewed.org}, but these credentials belong to ${target.org}`,
      { hint: 'use the keys of that organisation, or pass another plan' },
    );
  }
}
