import { compact } from '../core/compact.ts';
import { DEFAULTS, type ApplyFlags, type DriftFlags } from '../session/flags.ts';
import { Failure } from '../core/diagnostic.ts';
import type { ActionEvent } from './event.ts';
import type { ActionInputs } from './inputs.ts';

export interface CredentialsInput {
  readonly hasKeys: boolean;
}

/** Returns the command-line flags for the inputs. An apply in the Action asks for no confirmation. */
export function flagsFor(inputs: ActionInputs, plannedPath: string): ApplyFlags & DriftFlags {
  const { command, dir, lockfile, site, apiUrl, concurrency, prune, maxDeletes, onDrift, checksum, planPath } = inputs;
  return {
    format: 'human',
    color: 'auto',
    timeout: DEFAULTS.timeout,
    maxRetries: DEFAULTS.maxRetries,
    lockTimeout: DEFAULTS.lockTimeout,
    maxFiles: DEFAULTS.maxFiles,
    yes: true,
    ...compact({ dir, lockfile, site, apiUrl, concurrency, prune, maxDeletes, onDrift }),
    ...(inputs.adopt === true ? { adopt: true } : {}),
    ...(inputs.allowReplace === true ? { allowReplace: true } : {}),
    ...(inputs.allowEmpty === true ? { allowEmpty: true } : {}),
    ...compact({ checksum, plan: planPath }),
    ...(command === 'plan' ? { out: plannedPath } : {}),
  };
}

/**
 * Decides whether a plan reads from Datadog. It may be offline only if the event has no access to secrets. Otherwise
 * missing keys are an error, so that a misspelled secret does not give a green plan. Throws
 * `Failure('credentials-missing')`.
 */
export function liveModeOf(
  { live }: Pick<ActionInputs, 'live'>,
  { canHaveSecrets }: Pick<ActionEvent, 'canHaveSecrets'>,
  { hasKeys }: CredentialsInput,
): 'live' | 'offline' | 'offline-by-event' {
  if (live === 'never') return 'offline';
  if (hasKeys) return 'live';
  if (live === 'auto' && !canHaveSecrets) return 'offline-by-event';
  const why = live === 'required' ? 'live is set to required' : 'this event has access to secrets';
  throw new Failure('credentials-missing', `the inputs api-key and app-key are empty, and ${why}`, {
    hint: 'check the names of the secrets, or set live: never to plan against the lockfile alone',
  });
}
