import { Failure } from '../../core/diagnostic.ts';
import type { WatchFlags } from '../../session/flags.ts';
import type { ReconcileSessionOptions } from '../../session/reconcile-session.ts';
import { planAccess } from '../plan.ts';

/**
 * Returns the function that decides how a watch accesses Datadog: live with --apply, otherwise as `plan` does. That
 * function throws a Failure if flags contradict each other.
 */
export function watchAccess({ apply, yes }: Pick<WatchFlags, 'apply' | 'yes'>): ReconcileSessionOptions['accessOf'] {
  return (flags, destination) => {
    if (apply !== true && yes === true)
      throw new Failure('conflicting-settings', '--yes works only with --apply', {
        hint: 'add --apply, or remove --yes',
      });
    if (apply !== true) return planAccess(flags, destination);
    if (flags.offline === true)
      throw new Failure('conflicting-settings', "--apply needs Datadog, so it can't be combined with --offline", {
        hint: 'remove --apply or --offline',
      });
    return 'reads';
  };
}
