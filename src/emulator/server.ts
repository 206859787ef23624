import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compact } from '../core/compact.ts';
import { Failure } from '../core/diagnostic.ts';
import { openBackend } from './backend.ts';
import { openData } from './data.ts';
import type { Faults } from './faults/faults.ts';
import { lineOf, type LogLine } from './log-line.ts';
import { OracleBook, type ChangeRecord, type Oracle } from './oracle.ts';
import type { RateLimit } from './rate-limit.ts';
import { RequestLog, type SeenRequest } from './request-log.ts';
import type { Script } from './scripted.ts';
import { rejectInvalidHttp, serve } from './serve.ts';
import type { UiEdits } from './ui-edits.ts';
import type { StoredConnection } from './wire.ts';

export type { Faults } from './faults/faults.ts';
export type { LogLine } from './log-line.ts';
export type { Oracle } from './oracle.ts';
export { parseRateLimit, type RateLimit } from './rate-limit.ts';
export type { SeenRequest } from './request-log.ts';
export type { Script } from './scripted.ts';
export type { StoredConnection } from './wire.ts';

export interface EmulatorOptions {
  /** The port to listen on. Default: 0, which means any free port. */
  readonly port?: number;
  /** Folder whose `connections.json` holds all data. Without it, the data is lost when the emulator ends. */
  readonly dataDir?: string;
  /** Whether to load the data of `dataDir` without ever writing or creating anything. */
  readonly readOnlyData?: boolean;
  readonly rateLimit?: RateLimit;
  /** Returns the current time in milliseconds since the epoch. */
  readonly clock?: () => number;
  /** The author recorded in `created_by` and `updated_by` for changes that requests make. */
  readonly actor?: string;
  /** The organisation's UUID. Default: the one derived from `dataDir`, else a new one. */
  readonly organisation?: string;
  /** The initial faults. */
  readonly faults?: Faults;
  /** Called with each change as it happens, and with each request when it ends. No line contains a key. */
  readonly log?: (line: LogLine) => void;
  /** Returns a new id for a request, or for a connection created without an id. */
  readonly newId?: () => string;
}

/** A running emulator of the Datadog endpoints that connsync uses, on loopback. */
export interface Emulator extends UiEdits, AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The organisation's UUID. */
  readonly organisation: string;
  /** The last 100,000 requests, in order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** The highest number of requests in flight at once since the start or the last `resetLog`. */
  readonly peak: number;
  /** The changes that really happened, whatever the responses said. */
  readonly oracle: Oracle;
  /** Clears `requests` and `oracle`. */
  resetLog(): void;
  /** Returns the current connections of an entity; a list response may lag behind. */
  connections(entity: string): readonly StoredConnection[];
  /**
   * Adds a scripted response for the next matching requests. Requests without keys or over the rate limit don't use it.
   */
  answerNext(script: Script): void;
  /** Replaces all faults, and restarts their random generators. */
  setFaults(faults: Faults | undefined): void;
  /** Number of operations that faults delayed and that still have to run. */
  readonly pendingCommits: number;
  /** Delay in milliseconds between each operation and its response. */
  latencyMs: number;
  /** Closes all sockets immediately, and waits for pending writes to the disk. */
  close(): Promise<void>;
}

/** Starts an emulator. Throws a Failure if the port is taken, or the data folder is damaged or unusable. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const {
    clock = Date.now,
    newId = randomUUID,
    actor = 'ci@acme.example',
    rateLimit,
    log: writeLog = () => {},
  } = options;
  const data = await openData(options);
  const log = new RequestLog(clock, (request) => writeLog(lineOf(request)));
  const oracle = new OracleBook();
  const note = (changeRecord: ChangeRecord): void => {
    oracle.note(changeRecord);
    writeLog({ type: 'done', ...changeRecord });
  };
  const { faults } = options;
  const { stages, controls, later } = openBackend(data, {
    clock,
    newId,
    actor,
    note,
    ...compact({ rateLimit, faults }),
  });

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const id = newId();
    response.setHeader('x-request-id', id);
    void serve(request, response, { id, log, oracle, stages, latencyMs: () => emulator.latencyMs });
  });
  server.on('clientError', (error, socket) => rejectInvalidHttp(error, socket, newId()));
  const url = await listen(server, options.port ?? 0);

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    later.stop();
    return (closing ??= stop(server).then(data.settle));
  };
  const emulator: Emulator = {
    url,
    organisation: data.organisation,
    requests: log.entries,
    get peak() {
      return log.peak;
    },
    oracle,
    resetLog: () => {
      log.reset();
      oracle.reset();
    },
    ...controls,
    get pendingCommits() {
      return later.pending;
    },
    latencyMs: 0,
    close,
    [Symbol.asyncDispose]: close,
  };
  return emulator;
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('usage', `The emulator can't listen on port ${port}: ${cause.code ?? cause.message}.`, {
      hint: 'Use another port, or 0 for any free one.',
      cause,
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeAllConnections();
  await closed;
}

// Keep-alive timeout. It is so long that an idle connection is not closed just as the client sends its next request.
const KEEP_ALIVE_MS = 55_000;
