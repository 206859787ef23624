import { Failure } from '../core/diagnostic.ts';
import { DEFAULT_MAX_DELETES, parseMaxDeletes, printMaxDeletes } from '../core/max-deletes.ts';
import type { PlanOptions, Reviewed } from '../core/review.ts';
import type { Settings } from '../manifest/settings.ts';
import type { PassOptions } from '../reconcile/make-plan.ts';
import { keyFilter, unmatched } from './key-filter.ts';
import type { PlanningFlags } from './flags.ts';

/** The part of a pass that flags and settings decide. */
export type PlanningOptions = Pick<PassOptions, 'settings' | 'planOptions' | 'includes' | 'filterWarnings'>;

/** The flags that a reviewed plan has fixed already. */
const FIXED = ['target', 'exclude', 'prune', 'adopt', 'onDrift', 'maxDeletes', 'allowEmpty', 'allowReplace'] as const;

/**
 * A flag stands over connsync.yaml. With a reviewed plan both are the plan's: it is planned anew with what stands in the file.
 * Throws a Failure (3) where a flag would say otherwise. `kept`: the plan goes into a file.
 */
export function planningOptions(
  flags: PlanningFlags,
  settings: Settings,
  reviewed: Reviewed | undefined,
  kept: boolean,
): PlanningOptions {
  const planOptions = reviewed?.kind === 'plan' ? optionsOf(reviewed, flags) : optionsFrom(flags, settings);
  const { target, exclude, maxDeletes, ...rest } = planOptions;
  const includes = keyFilter(target, exclude);
  return {
    ...(kept ? { planOptions } : {}),
    settings: { ...rest, maxDeletes: parseMaxDeletes(maxDeletes) ?? DEFAULT_MAX_DELETES },
    ...(includes === undefined ? {} : { includes, filterWarnings: (keys) => unmatched(target, exclude, keys) }),
  };
}

function optionsOf({ options, file }: Reviewed & { readonly kind: 'plan' }, flags: PlanningFlags): PlanOptions {
  const given = FIXED.filter((name) => flags[name] !== undefined).map(
    (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
  if (given.length === 0) return options;
  throw new Failure(
    'conflicting-settings',
    `${file} has filters and settings of its own, and ${given.join(', ')} would change them`,
    { hint: 'leave them out, or make another plan' },
  );
}

function optionsFrom(flags: PlanningFlags, settings: Settings): PlanOptions {
  return {
    target: flags.target ?? [],
    exclude: flags.exclude ?? [],
    prune: flags.prune ?? settings.prune ?? false,
    adopt: flags.adopt === true,
    onDrift: flags.onDrift ?? settings.onDrift ?? 'revert',
    maxDeletes: printMaxDeletes(flags.maxDeletes ?? settings.maxDeletes ?? DEFAULT_MAX_DELETES),
    allowEmpty: flags.allowEmpty === true,
    allowReplace: flags.allowReplace === true,
  };
}
