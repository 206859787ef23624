import { Failure } from '../../core/diagnostic.ts';
import type { WatchFlags } from '../../session/flags.ts';
import type { ReconcileSessionOptions } from '../../session/reconcile-session.ts';
import { planAccess } from '../plan.ts';

/** As plan; with --apply always live. Throws a Failure where flags contradict each other. */
export function watchAccess({ apply, yes }: Pick<WatchFlags, 'apply' | 'yes'>): ReconcileSessionOptions['accessOf'] {
  return (flags, destination) => {
    if (apply !== true && yes === true)
      throw new Failure('conflicting-settings', '--yes consents to --apply, and without it a watch applies nothing', {
        hint: 'say --apply too, or leave out --yes',
      });
    if (apply !== true) return planAccess(flags, destination);
    if (flags.offline === true)
      throw new Failure('conflicting-settings', 'an apply is always live, and --offline contradicts it', {
        hint: 'leave out --apply, or --offline',
      });
    return 'reads';
  };
}
