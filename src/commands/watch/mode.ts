import { Failure } from '../../core/diagnostic.ts';
import type { WatchFlags } from '../flags.ts';
import type { PassOptions } from '../../session/reconcile-session.ts';
import { planMode } from '../plan.ts';

/** As plan; with --apply always live. Throws a Failure where flags contradict each other. */
export function watchMode({ apply, yes }: Pick<WatchFlags, 'apply' | 'yes'>): PassOptions['modeOf'] {
  return (flags, destination) => {
    if (apply !== true && yes === true)
      throw new Failure('conflicting-settings', '--yes consents to --apply, and without it a watch applies nothing', {
        hint: 'say --apply too, or leave out --yes',
      });
    if (apply !== true) return planMode(flags, destination);
    if (flags.offline === true)
      throw new Failure('conflicting-settings', 'an apply is always live, and --offline contradicts it', {
        hint: 'leave out --apply, or --offline',
      });
    return 'reads';
  };
}
