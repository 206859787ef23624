import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import type { ConnectionsApi, ConnectionsReader } from '../core/ports.ts';
import { redactor } from '../core/redact.ts';
import type { ClientOptions, Closable, TraceLine } from '../datadog/client.ts';
import { readCredentials, type Credentials, type FoundCredentials } from '../datadog/credentials.ts';
import type { Destination } from './destination.ts';
import type { DatadogFlags } from './flags.ts';
import { secretsIn } from './secrets.ts';
import type { World } from './world.ts';

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
  /** Told after every request, beside --trace. */
  readonly observe?: (line: TraceLine) => void;
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
  { destination, flags, world, report, localData, observe }: ConnectorOptions,
  concurrency: number,
  readOnly: boolean,
  open: (() => void | Promise<void>)[],
): Promise<ClientOptions> {
  const { target, found } = destination;
  const local = destination.address === undefined ? await startLocal(localData, readOnly) : undefined;
  if (local !== undefined) open.push(() => local.close());
  const credentials = local?.credentials ?? found.credentials;
  if (credentials === undefined) throw credentialsMissing(found);
  const written = flags.trace === undefined ? undefined : traceTo(resolve(world.cwd, flags.trace), world);
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
    limit: (reading) => report({ type: 'limit', ...reading }),
    trace: (line) => {
      written?.(line);
      observe?.(line);
    },
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
function traceTo(path: string, { env, now }: World): (line: TraceLine) => void {
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
