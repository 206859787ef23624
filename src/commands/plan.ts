import { Failure, type ExitCode } from '../core/diagnostic.ts';
import type { Destination } from '../session/destination.ts';
import type { PlanFlags } from '../session/flags.ts';
import { runReconcile, type Access } from '../session/reconcile-session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Prints a plan: live if credentials are set, otherwise against the lockfile only. Changes nothing. */
export async function plan(flags: PlanFlags, runtime: Runtime): Promise<ExitCode> {
  return runReconcile({ command: 'plan', flags, runtime, accessOf: planAccess, planFile: flags.out });
}

/**
 * Returns how a plan accesses Datadog. A plan is offline only without credentials or with --offline; a failed request
 * never makes a plan offline.
 */
export function planAccess(flags: PlanFlags, { address, credentials: found }: Destination): Access {
  if (flags.live === true && flags.offline === true)
    throw new Failure('conflicting-settings', "--live and --offline can't be combined", {
      hint: 'remove one of them',
    });
  if (flags.offline === true) return 'offline';
  const local = address === undefined;
  return flags.live === true || local || found.credentials !== undefined ? 'reads' : 'offline';
}
