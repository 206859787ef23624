import { resolve } from 'node:path';
import { Failure } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import type { ConnectionsApi, ConnectionsReader } from '../core/ports.ts';
import { escapeControlJson } from '../core/escape-control.ts';
import { redactor } from '../core/redact.ts';
import type { ClientOptions, Closable, TraceLine } from '../datadog/client.ts';
import { readCredentials, type Credentials, type FoundCredentials } from '../datadog/credentials.ts';
import { rejectingEchoedSecrets } from '../datadog/reject-echoed-secrets.ts';
import { openTraceFile } from '../files/trace-file.ts';
import type { Destination } from './destination.ts';
import type { DatadogFlags } from './flags.ts';
import { displayPathAsGiven } from './display-path.ts';
import { secretsIn } from '../runtime/secrets.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Opens clients for a destination: a writer for an apply, a reader for everything else. */
export interface DatadogClients {
  reader(): Promise<ConnectionsReader>;
  writer(concurrency: number): Promise<ConnectionsApi>;
  /** Closes the sockets, and the embedded emulator if it runs. */
  close(): Promise<void>;
}

interface ClientsOptions {
  /** The command's name for the trace. */
  readonly command: string;
  readonly destination: Destination;
  readonly flags: DatadogFlags;
  readonly runtime: Runtime;
  readonly report: Report;
  /** The data folder of the embedded emulator. */
  readonly localData: string;
  /** Called after every request, in addition to --trace. */
  readonly observe?: (request: ObservedRequest) => void;
}

/** A sent request and its result, as `--trace` and `connsync doctor` receive it. */
export type ObservedRequest = TraceLine;

/** The maximum number of concurrent reads. A run sends one list request per entity, so few are enough. */
const READERS = 4;

export function openDatadogClients(options: ClientsOptions): DatadogClients {
  const closers: (() => void | Promise<void>)[] = [];
  const track = <T extends Closable & ConnectionsReader>(client: T): T => {
    closers.push(() => client.close());
    const reporting: T = {
      ...client,
      list: (entity: string, signal: AbortSignal) => {
        options.report({ type: 'progress', doing: `listing ${entity}` });
        return client.list(entity, signal);
      },
    };
    // Rejects responses that contain the user's keys. The embedded emulator is exempt, because its keys are not secret
    // and so short that they can occur in any text.
    return options.destination.address === undefined
      ? reporting
      : rejectingEchoedSecrets(reporting, secretsIn(options.runtime.env));
  };
  return {
    reader: async () => {
      const client = await clientOptions(options, READERS, true, closers);
      const { readerFor } = await import('../datadog/client.ts');
      return track(await readerFor(client));
    },
    writer: async (concurrency) => {
      const client = await clientOptions(options, concurrency, false, closers);
      const { clientFor } = await import('../datadog/client.ts');
      return track(await clientFor(client));
    },
    close: async () => {
      for (const end of closers.reverse()) await end();
    },
  };
}

async function clientOptions(
  options: ClientsOptions,
  concurrency: number,
  readOnly: boolean,
  open: (() => void | Promise<void>)[],
): Promise<ClientOptions> {
  const { destination, flags, runtime, report, localData, observe } = options;
  const { target, credentials: found } = destination;
  const local = destination.address === undefined ? await startLocal(localData, readOnly) : undefined;
  if (local !== undefined) open.push(() => local.close());
  const credentials = local?.credentials ?? found.credentials;
  if (credentials === undefined) throw credentialsMissing(found);
  const tracing = flags.trace === undefined ? undefined : traceTo(flags.trace, options);
  if (tracing !== undefined) open.push(() => tracing.close());
  return {
    address: local?.url ?? destination.address ?? '',
    site: target.site,
    credentials,
    timeoutMs: flags.timeout,
    maxRetries: flags.maxRetries,
    concurrency,
    version: runtime.version,
    environment: runtime.env,
    waiting: ({ reason, ms }) => report({ type: 'waiting', reason, ms: Math.round(ms) }),
    limit: (reading) => report({ type: 'rate-limit', ...reading }),
    ...(tracing === undefined && observe === undefined
      ? {}
      : {
          trace: (line) => {
            tracing?.append(line);
            observe?.(line);
          },
        }),
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
 * Opens a trace file and writes a header line with the command and version. `append` adds a request as one JSON line
 * with all secrets redacted.
 */
function traceTo(
  given: string,
  { command, destination, runtime }: ClientsOptions,
): { readonly append: (line: TraceLine) => void; readonly close: () => void } {
  const { cwd, env, clock, version } = runtime;
  const redact = redactor(secretsIn(env));
  const file = openTraceFile(resolve(cwd, given), displayPathAsGiven(cwd, given));
  const append = (line: object): void =>
    file.append(redact(escapeControlJson({ at: new Date(clock.now()).toISOString(), ...line })));
  append({ connsync: version, command, node: process.version, site: destination.target.site });
  return { append, close: () => file.close() };
}

function credentialsMissing({ only }: FoundCredentials): Failure {
  const message =
    only === undefined
      ? 'no Datadog credentials are set'
      : `only the ${only === 'api-key' ? 'API key' : 'application key'} is set, but Datadog needs both keys`;
  return new Failure('credentials-missing', message, {
    hint: 'set DD_API_KEY and DD_APP_KEY, or DD_BEARER_TOKEN; without an account, try --site local',
  });
}
