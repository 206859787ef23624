import { Failure } from '../core/diagnostic.ts';
import type { WatchFlags } from './flags.ts';
import type { PassOptions } from './pass.ts';
import { planMode } from './plan.ts';

/** As plan; with --apply always live. Throws a Failure where flags contradict each other. */
export function watchMode({ apply }: Pick<WatchFlags, 'apply'>): PassOptions['modeOf'] {
  return (flags, destination) => {
    if (apply !== true) return planMode(flags, destination);
    if (flags.offline === true)
      throw new Failure('conflicting-settings', 'an apply is always live, and --offline contradicts it', {
        hint: 'leave out --apply, or --offline',
      });
    return 'reads';
  };
}
