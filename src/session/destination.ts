import { Failure, type Problem } from '../core/diagnostic.ts';
import type { Target } from '../core/event.ts';
import { readCredentials, type FoundCredentials } from '../datadog/credentials.ts';
import { apiAddress, checkAddress, isSite, unknownSite } from '../datadog/site.ts';
import { readFirstLine } from '../files/read.ts';
import type { Settings } from '../manifest/settings.ts';
import { DEFAULTS, type DatadogFlags } from './flags.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** The site, API address and credentials of a run, validated before the first request. */
export interface Destination {
  readonly target: Target;
  /** The API's base URL. Undefined for the site `local`: the emulator has an address only once it runs. */
  readonly address: string | undefined;
  readonly credentials: FoundCredentials;
}

export const LOCAL_SITE = 'local';

/**
 * Returns the site and the credentials of a run. Precedence for the site: flag, environment, connsync.yaml, the
 * lockfile's header, default. Throws a Failure (exit code 3) if settings contradict each other or are malformed.
 */
export function findDestination(
  flags: Pick<DatadogFlags, 'site' | 'apiUrl'>,
  settings: Settings,
  lockfile: string,
  env: Runtime['env'],
): Destination {
  const site = siteOf(flags, settings, env) ?? recordedSite(lockfile) ?? DEFAULTS.site;
  const target: Target = { environment: 'default', site };
  const override = flags.apiUrl ?? nonEmpty(env['DD_API_URL']);
  const found = readCredentials(env);
  if (site === LOCAL_SITE) {
    if (override !== undefined)
      throw new Failure('conflicting-settings', '--site local is the embedded emulator, which takes no other address', {
        hint: 'remove --site local, or remove --api-url and unset DD_API_URL',
      });
    // The emulator accepts any keys, so connsync doesn't send it the user's keys.
    return { target, address: undefined, credentials: {} };
  }
  if (!isSite(site)) throw rejection('bad-site', unknownSite(site));
  if (found.problem !== undefined)
    throw new Failure(
      found.problem.code,
      found.problem.message,
      found.problem.hint === undefined ? {} : { hint: found.problem.hint },
    );
  if (override === undefined) return { target, address: apiAddress(site), credentials: found };
  const checked = checkAddress(override);
  if ('message' in checked) throw rejection('bad-address', checked);
  return { target, address: checked.url, credentials: found };
}

/**
 * Returns the site that a flag, the environment or connsync.yaml names. Throws a Failure (exit code 3) if DD_SITE and
 * DATADOG_SITE differ.
 */
export function siteOf(flags: Pick<DatadogFlags, 'site'>, settings: Settings, env: Runtime['env']): string | undefined {
  return flags.site ?? fromEnvironment('DD_SITE', 'DATADOG_SITE', env) ?? settings.site;
}

/**
 * Throws a Failure `insecure-tls` (exit code 3) if NODE_TLS_REJECT_UNAUTHORIZED disables certificate checks. connsync's
 * own agents check certificates regardless, but the user would believe that they don't.
 */
export function requireCheckedTls({ address }: Destination, env: Runtime['env']): void {
  if (address === undefined || env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return;
  throw new Failure('insecure-tls', 'NODE_TLS_REJECT_UNAUTHORIZED=0 could send the keys to an impostor', {
    hint: 'unset it; if a proxy of yours re-signs traffic, set NODE_EXTRA_CA_CERTS to its certificate',
  });
}

/**
 * Returns a warning if only one of the two keys is set, because the other one's name is probably misspelled, and
 * without both keys the plan is offline.
 */
export function incompleteCredentialsWarning({ only }: FoundCredentials): Problem | undefined {
  if (only === undefined) return undefined;
  const [present, missing] = only === 'api-key' ? ['DD_API_KEY', 'DD_APP_KEY'] : ['DD_APP_KEY', 'DD_API_KEY'];
  return {
    code: 'incomplete-credentials',
    severity: 'warning',
    message: `${present} is set and ${missing} is not, so this plan is offline`,
    hint: `set ${missing} too, or add --offline`,
  };
}

/**
 * Returns the site in the lockfile's header. Returns undefined for `local`, so that an apply without credentials is
 * refused even if the lockfile belongs to the emulator.
 */
function recordedSite(path: string): string | undefined {
  try {
    const { site } = JSON.parse(readFirstLine(path, LONGEST_HEADER)) as { readonly site?: unknown };
    return typeof site === 'string' && isSite(site) ? site : undefined;
  } catch {
    return undefined;
  }
}

/** The number of bytes to read for the header, which is more than any realistic header has. */
const LONGEST_HEADER = 64 * 1024;

function fromEnvironment(name: string, other: string, env: Runtime['env']): string | undefined {
  const [a, b] = [nonEmpty(env[name]), nonEmpty(env[other])];
  if (a !== undefined && b !== undefined && a !== b)
    throw new Failure('conflicting-settings', `${name} is ${a}, but ${other} is ${b}`, { hint: 'unset one of them' });
  return a ?? b;
}

function rejection(
  code: 'bad-site' | 'bad-address',
  { message, hint }: { readonly message: string; readonly hint: string },
): Failure {
  return new Failure(code, message, { hint });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
