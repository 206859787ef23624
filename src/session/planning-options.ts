import { Failure } from '../core/diagnostic.ts';
import { DEFAULT_MAX_DELETES, parseMaxDeletes, printMaxDeletes } from '../core/max-deletes.ts';
import type { PlanOptions, Reviewed } from '../core/review.ts';
import type { Settings } from '../manifest/settings.ts';
import type { PassOptions } from '../reconcile/make-plan.ts';
import { keyFilter, unmatchedGlobWarnings } from './key-filter.ts';
import type { PlanningFlags } from './flags.ts';

/** The options of a pass that come from flags and settings. */
export type PlanningOptions = Pick<PassOptions, 'settings' | 'planOptions' | 'includes' | 'filterWarnings'>;

/** Flags that can't be combined with a reviewed plan, because the plan has its own values. */
const FIXED = ['target', 'exclude', 'prune', 'adopt', 'onDrift', 'maxDeletes', 'allowEmpty', 'allowReplace'] as const;

/**
 * Returns the options of a pass. A flag overrides connsync.yaml. A reviewed plan contains its own options, so
 * connsync.yaml is ignored, and a flag that sets one throws a Failure (exit code 3). `saved` is true if the plan is
 * written to a file.
 */
export function planningOptions(
  flags: PlanningFlags,
  settings: Settings,
  reviewed: Reviewed | undefined,
  saved: boolean,
): PlanningOptions {
  const planOptions = reviewed?.kind === 'plan' ? reviewedOptions(reviewed, flags) : currentOptions(flags, settings);
  const { target, exclude, maxDeletes, ...rest } = planOptions;
  const includes = keyFilter(target, exclude);
  return {
    ...(saved ? { planOptions } : {}),
    settings: { ...rest, maxDeletes: parseMaxDeletes(maxDeletes) ?? DEFAULT_MAX_DELETES },
    ...(includes === undefined
      ? {}
      : { includes, filterWarnings: (keys) => unmatchedGlobWarnings(target, exclude, keys) }),
  };
}

function reviewedOptions({ options, file }: Reviewed & { readonly kind: 'plan' }, flags: PlanningFlags): PlanOptions {
  const conflicting = FIXED.filter((name) => flags[name] !== undefined).map(
    (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
  if (conflicting.length === 0) return options;
  throw new Failure(
    'conflicting-settings',
    `${file} has its own filters and settings, so ${conflicting.join(', ')} can't be used with it`,
    { hint: 'remove these flags, or make a new plan with them' },
  );
}

function currentOptions(flags: PlanningFlags, settings: Settings): PlanOptions {
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
