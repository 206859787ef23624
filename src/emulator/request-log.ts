import type { Kind } from './faults/faults.ts';

/** A request as the server received it. Only the names of its headers are kept, so that no key is recorded. */
export interface SeenRequest {
  /** The `x-request-id` header of the request. */
  readonly id: string;
  readonly method: string;
  /** The path as received, with the query. */
  readonly path: string;
  /** The body: parsed if it is JSON, else text. Undefined if there is no body or it was dropped. */
  readonly body?: unknown;
  /** The response's status. It is 0 before the response, and stays 0 if the client disconnects first. */
  readonly status: number;
  /** The names of the request's headers, in lower case. */
  readonly headers: readonly string[];
  readonly userAgent?: string;
  /** Milliseconds since the epoch; `endedAt` is undefined while the request is in flight. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The injected fault, if any. */
  readonly fault?: Kind;
  /** True if the path or body contained one of the request's own keys. */
  readonly showedKey?: true;
}

/** A request that is still in flight. Its record is updated when the body arrives and the request ends. */
export interface OpenRequest extends SeenRequest {
  body?: unknown;
  status: number;
  endedAt?: number;
  fault?: Kind;
  showedKey?: true;
}

/** The last requests, in order of arrival, and the highest number in flight at once. */
export class RequestLog {
  readonly entries: SeenRequest[] = [];
  peak = 0;
  #inFlight = 0;
  #bodyBytes = 0;
  readonly #clock: () => number;
  readonly #ended: (request: SeenRequest) => void;

  /** Creates an empty log, which calls `ended` with each request when that request ends. */
  constructor(clock: () => number, ended: (request: SeenRequest) => void = () => {}) {
    this.#clock = clock;
    this.#ended = ended;
  }

  begin(request: Pick<SeenRequest, 'id' | 'method' | 'path' | 'headers' | 'userAgent'>): OpenRequest {
    const entry: OpenRequest = { ...request, status: 0, startedAt: this.#clock() };
    this.entries.push(entry);
    this.#inFlight += 1;
    this.peak = Math.max(this.peak, this.#inFlight);
    // Drops old entries a thousand at a time, because removing entries from the front moves all the others.
    if (this.entries.length >= MAX_ENTRIES + 1_000) this.entries.splice(0, 1_000);
    return entry;
  }

  /**
   * Records the body of a request. Drops all older bodies when they reach a limit, so that they don't fill the memory
   * of a server that runs for days.
   */
  tookBody(entry: OpenRequest, body: unknown, bytes: number): void {
    entry.body = body;
    this.#bodyBytes += bytes;
    if (this.#bodyBytes <= MAX_BODY_BYTES) return;
    this.#bodyBytes = bytes;
    for (const old of this.entries) if (old !== entry) delete (old as OpenRequest).body;
  }

  /** Marks a request as ended. A second call has no effect. */
  end(entry: OpenRequest, status: number): void {
    if (entry.endedAt !== undefined) return;
    entry.status = status;
    entry.endedAt = this.#clock();
    this.#inFlight -= 1;
    this.#ended(entry);
  }

  reset(): void {
    this.entries.length = 0;
    this.#bodyBytes = 0;
    this.peak = this.#inFlight;
  }
}

const MAX_ENTRIES = 100_000;
const MAX_BODY_BYTES = 256 * 1024 * 1024;
