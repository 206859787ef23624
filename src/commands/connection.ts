import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure, type Problem } from '../core/diagnostic.ts';
import type { Report, Target } from '../core/event.ts';
import type { ConnectionsApi, ConnectionsReader } from '../core/ports.ts';
import { redactor } from '../core/redact.ts';
import type { ClientOptions, Closable } from '../datadog/client.ts';
import { readCredentials, type Credentials, type FoundCredentials } from '../datadog/credentials.ts';
import { apiAddress, checkAddress, isSite, unknownSite } from '../datadog/site.ts';
import type { Settings } from '../manifest/settings.ts';
import type { DatadogFlags } from './flags.ts';
import { secretsIn } from './secrets.ts';
import type { World } from './world.ts';

/** Where a run talks to, and with what; parsed and checked once, before anything is sent. */
export interface Destination {
  readonly target: Target;
  /** Undefined for `local`, where the emulator's is known once it runs. */
  readonly address: string | undefined;
  readonly found: FoundCredentials;
}

export const LOCAL_SITE = 'local';
const DEFAULT_SITE = 'datadoghq.com';

/**
 * The site and the credentials of a run: a flag stands over the environment, that over connsync.yaml, that over the lockfile's
 * header, that over the default. Throws a Failure (3) where they contradict each other or are malformed.
 */
export function findDestination(
  flags: DatadogFlags,
  settings: Settings,
  lockfile: string,
  env: World['env'],
): Destination {
  const site =
    flags.site ?? agreed('DD_SITE', 'DATADOG_SITE', env) ?? settings.site ?? recordedSite(lockfile) ?? DEFAULT_SITE;
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

/** Opens a client for a destination: with writes for an apply, and unable to write for everything else. */
export interface Connector {
  reader(): Promise<ConnectionsReader>;
  writer(concurrency: number): Promise<ConnectionsApi>;
  /** Ends sockets, and the embedded emulator where it ran. */
  close(): Promise<void>;
}

export interface ConnectorOptions {
  readonly destination: Destination;
  readonly flags: DatadogFlags;
  readonly world: World;
  readonly report: Report;
  /** Where the embedded emulator keeps its data. */
  readonly localData: string;
}

/** For reads one socket for each entity is enough. */
const READERS = 4;

export function connectorFor(options: ConnectorOptions): Connector {
  const open: (() => void | Promise<void>)[] = [];
  const kept = <T extends Closable>(client: T): T => {
    open.push(() => client.close());
    return client;
  };
  return {
    reader: async () => {
      const client = await clientOptions(options, READERS, true, open);
      const { readerFor } = await import('../datadog/client.ts');
      return kept(await readerFor(client));
    },
    writer: async (concurrency) => {
      const client = await clientOptions(options, concurrency, false, open);
      const { clientFor } = await import('../datadog/client.ts');
      return kept(await clientFor(client));
    },
    close: async () => {
      for (const end of open.reverse()) await end();
    },
  };
}

async function clientOptions(
  { destination, flags, world, report, localData }: ConnectorOptions,
  concurrency: number,
  readOnly: boolean,
  open: (() => void | Promise<void>)[],
): Promise<ClientOptions> {
  const { target, found } = destination;
  const local = destination.address === undefined ? await startLocal(localData, readOnly) : undefined;
  if (local !== undefined) open.push(() => local.close());
  const credentials = local?.credentials ?? found.credentials;
  if (credentials === undefined) throw credentialsMissing(found);
  const trace = flags.trace === undefined ? undefined : traceTo(resolve(world.cwd, flags.trace), world);
  return {
    address: local?.url ?? destination.address ?? '',
    site: target.site,
    credentials,
    timeoutMs: flags.timeout,
    maxRetries: flags.maxRetries,
    concurrency,
    version: world.version,
    environment: world.env,
    waiting: ({ reason, ms }) => report({ type: 'waiting', reason, ms: Math.round(ms) }),
    ...(trace === undefined ? {} : { trace }),
  };
}

async function startLocal(
  dataDir: string,
  readOnlyData: boolean,
): Promise<{
  readonly url: string;
  readonly credentials: Credentials | undefined;
  readonly close: () => Promise<void>;
}> {
  const { startEmulator } = await import('../emulator/server.ts');
  const emulator = await startEmulator({ dataDir, readOnlyData });
  const { credentials } = readCredentials({ DD_API_KEY: 'local', DD_APP_KEY: 'local' });
  return { url: emulator.url, credentials, close: () => emulator.close() };
}

/**
 * Appends each request as one JSON line, without a key. A file that can't be written ends the run before anything is sent;
 * one that fails later is given up, since an apply matters more than its trace.
 */
function traceTo(path: string, { env, now }: World): NonNullable<ClientOptions['trace']> {
  const redact = redactor(secretsIn(env));
  try {
    appendFileSync(path, '', { mode: 0o600 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('disk-failure', `could not write ${path}: ${reason}`, {
      cause,
      hint: 'name another file with --trace',
    });
  }
  return (line) => {
    try {
      appendFileSync(path, `${redact(JSON.stringify({ at: new Date(now()).toISOString(), ...line }))}\n`);
    } catch {
      // The disk is full, or the file was taken away.
    }
  };
}

function credentialsMissing({ only }: FoundCredentials): Failure {
  const there =
    only === undefined
      ? 'no credentials for Datadog are set'
      : `only the ${only === 'api-key' ? 'API key' : 'application key'} is set, and Datadog needs both keys`;
  return new Failure('credentials-missing', there, {
    hint: 'set DD_API_KEY and DD_APP_KEY, or DD_BEARER_TOKEN; without an account, try --site local',
  });
}

/** One key of the two is most likely a misspelt name: worth a warning before the plan goes on offline. */
export function oneKeyWarning({ only }: FoundCredentials): Problem | undefined {
  if (only === undefined) return undefined;
  const [there, missing] = only === 'api-key' ? ['DD_API_KEY', 'DD_APP_KEY'] : ['DD_APP_KEY', 'DD_API_KEY'];
  return {
    code: 'one-key',
    severity: 'warning',
    message: `${there} is set and ${missing} is not, so this plan is offline`,
    hint: `set ${missing} too, or say --offline`,
  };
}

/** The site in the lockfile's header. What is wrong with the file is told when it is read whole. */
function recordedSite(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const [head = ''] = readFileSync(path, 'utf8').split('\n', 1);
    const { site } = JSON.parse(head) as { readonly site?: unknown };
    return typeof site === 'string' && (isSite(site) || site === LOCAL_SITE) ? site : undefined;
  } catch {
    return undefined;
  }
}

function agreed(name: string, other: string, env: World['env']): string | undefined {
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
