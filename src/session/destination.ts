import { Failure, type Problem } from '../core/diagnostic.ts';
import type { Target } from '../core/event.ts';
import { readCredentials, type FoundCredentials } from '../datadog/credentials.ts';
import { apiAddress, checkAddress, isSite, unknownSite } from '../datadog/site.ts';
import { readFirstLine } from '../files/read.ts';
import type { Settings } from '../manifest/settings.ts';
import { DEFAULTS, type DatadogFlags } from './flags.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Where a run talks to, and with what; parsed and checked once, before anything is sent. */
export interface Destination {
  readonly target: Target;
  /** Undefined for `local`, where the emulator's is known once it runs. */
  readonly address: string | undefined;
  readonly found: FoundCredentials;
}

export const LOCAL_SITE = 'local';

/**
 * The site and the credentials of a run: a flag stands over the environment, that over connsync.yaml, that over the lockfile's
 * header, that over the default. Throws a Failure (3) where they contradict each other or are malformed.
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
      throw new Failure('conflicting-settings', 'the site local is the embedded emulator, which has no other address', {
        hint: 'leave out --site local, or --api-url and DD_API_URL',
      });
    // Keys are ignored: nothing of the emulator's is worth one.
    return { target, address: undefined, found: {} };
  }
  if (!isSite(site)) throw objection('bad-site', unknownSite(site));
  if (found.problem !== undefined)
    throw new Failure(
      found.problem.code,
      found.problem.message,
      found.problem.hint === undefined ? {} : { hint: found.problem.hint },
    );
  if (override === undefined) return { target, address: apiAddress(site), found };
  const checked = checkAddress(override);
  if ('message' in checked) throw objection('bad-address', checked);
  return { target, address: checked.url, found };
}

/** Returns the site that a flag, the environment or connsync.yaml names. Throws a Failure (3) if two variables differ. */
export function siteOf(flags: Pick<DatadogFlags, 'site'>, settings: Settings, env: Runtime['env']): string | undefined {
  return flags.site ?? agreed('DD_SITE', 'DATADOG_SITE', env) ?? settings.site;
}

/**
 * Refuses a run over the network with certificates unchecked: whoever stands between would be given the keys. connsync's own
 * agents check them all the same, but a setting that promises otherwise is a mistake to be told. Throws a Failure (3).
 */
export function requireCheckedTls({ address }: Destination, env: Runtime['env']): void {
  if (address === undefined || env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return;
  throw new Failure('insecure-tls', 'NODE_TLS_REJECT_UNAUTHORIZED=0 would hand the keys to whoever answers', {
    hint: 'unset it; where a proxy of your own signs the traffic, name its certificate in NODE_EXTRA_CA_CERTS',
  });
}

/** One key of the two is most likely a misspelt name: worth a warning before the plan goes on offline. */
export function incompleteCredentialsWarning({ only }: FoundCredentials): Problem | undefined {
  if (only === undefined) return undefined;
  const [there, missing] = only === 'api-key' ? ['DD_API_KEY', 'DD_APP_KEY'] : ['DD_APP_KEY', 'DD_API_KEY'];
  return {
    code: 'incomplete-credentials',
    severity: 'warning',
    message: `${there} is set and ${missing} is not, so this plan is offline`,
    hint: `set ${missing} too, or say --offline`,
  };
}

/** The site in the lockfile's header, but never `local`: without credentials an apply is refused, whatever the lockfile says. */
function recordedSite(path: string): string | undefined {
  try {
    const { site } = JSON.parse(readFirstLine(path, LONGEST_HEADER)) as { readonly site?: unknown };
    return typeof site === 'string' && isSite(site) ? site : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes: more than any list of folders needs. */
const LONGEST_HEADER = 64 * 1024;

function agreed(name: string, other: string, env: Runtime['env']): string | undefined {
  const [a, b] = [nonEmpty(env[name]), nonEmpty(env[other])];
  if (a !== undefined && b !== undefined && a !== b)
    throw new Failure('conflicting-settings', `${name} is ${a}, and ${other} is ${b}`, { hint: 'unset one of them' });
  return a ?? b;
}

function objection(
  code: 'bad-site' | 'bad-address',
  { message, hint }: { readonly message: string; readonly hint: string },
): Failure {
  return new Failure(code, message, { hint });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
