import { Failure, type ExitCode } from '../core/diagnostic.ts';
import type { Destination } from '../session/destination.ts';
import type { PlanFlags } from '../session/flags.ts';
import { runReconcile, type Access } from '../session/reconcile-session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** The three-way plan: live where credentials are set, else against the lockfile alone. Nothing is ever written. */
export async function plan(flags: PlanFlags, runtime: Runtime): Promise<ExitCode> {
  return runReconcile({ command: 'plan', flags, runtime, accessOf: planAccess, planFile: flags.out });
}

/** There is no silent way from live to offline: only missing credentials, or --offline, make a plan offline. */
export function planAccess(flags: PlanFlags, { address, credentials: found }: Destination): Access {
  if (flags.live === true && flags.offline === true)
    throw new Failure('conflicting-settings', '--live and --offline contradict each other', {
      hint: 'leave one of them out',
    });
  if (flags.offline === true) return 'offline';
  const local = address === undefined;
  return flags.live === true || local || found.credentials !== undefined ? 'reads' : 'offline';
}
