import type { ApplyFlags, DriftFlags } from '../commands/flags.ts';
import { Failure } from '../core/diagnostic.ts';
import type { ActionEvent } from './event.ts';
import type { ActionInputs } from './inputs.ts';

export interface Credentials {
  readonly hasKeys: boolean;
}

/** Manifests in one run: as the command line has it. */
const MAX_FILES = 200_000;
/** For each request, in milliseconds, and how often it is tried again: as the command line has it. */
const TIMEOUT_MS = 30_000;
const MAX_RETRIES = 5;

/** The flags of the command line that the inputs stand for. An apply of the Action counts as confirmed. */
export function flagsFor(inputs: ActionInputs, plannedPath: string): ApplyFlags & DriftFlags {
  const { command, dir, lockfile, site, apiUrl, concurrency, prune, maxDeletes, onDrift, checksum, planPath } = inputs;
  return {
    format: 'human',
    color: 'auto',
    timeout: TIMEOUT_MS,
    maxRetries: MAX_RETRIES,
    lockTimeout: 0,
    maxFiles: MAX_FILES,
    yes: true,
    ...(dir === undefined ? {} : { dir }),
    ...(lockfile === undefined ? {} : { lockfile }),
    ...(site === undefined ? {} : { site }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(prune === undefined ? {} : { prune }),
    ...(maxDeletes === undefined ? {} : { maxDeletes }),
    ...(onDrift === undefined ? {} : { onDrift }),
    ...(inputs.adopt === true ? { adopt: true } : {}),
    ...(inputs.allowReplace === true ? { allowReplace: true } : {}),
    ...(inputs.allowEmpty === true ? { allowEmpty: true } : {}),
    ...(checksum === undefined ? {} : { checksum }),
    ...(planPath === undefined ? {} : { plan: planPath }),
    ...(command === 'plan' ? { out: plannedPath } : {}),
  };
}

/**
 * Whether a plan looks at Datadog. It may be offline only where the event can have no secrets; elsewhere missing keys are an error, so
 * that a misspelt secret is not a green plan. Throws a Failure `credentials-missing`.
 */
export function terminalStyle(
  { live }: Pick<ActionInputs, 'live'>,
  { canHaveSecrets }: Pick<ActionEvent, 'canHaveSecrets'>,
  { hasKeys }: Credentials,
): 'live' | 'offline' | 'offline-by-event' {
  if (live === 'never') return 'offline';
  if (hasKeys) return 'live';
  if (live === 'auto' && !canHaveSecrets) return 'offline-by-event';
  const why = live === 'required' ? 'live is required' : 'this event can have secrets';
  throw new Failure('credentials-missing', `the inputs api-key and app-key are empty, and ${why}`, {
    hint: 'are the secrets named right? For a plan against the lockfile alone, set live: never',
  });
}
