import type { Kind } from './faults/faults.ts';

/** A request as the server received it. Only the names of its headers are kept, so that no key is recorded. */
export interface SeenRequest {
  /** Its `x-request-id`. */
  readonly id: string;
  readonly method: string;
  /** As received, with the query. */
  readonly path: string;
  /** Parsed if it is JSON, else text; undefined without a body. */
  readonly body?: unknown;
  /** 0 until the response, or forever if the client disconnected first. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: readonly string[];
  readonly userAgent?: string;
  /** Milliseconds since the epoch; `endedAt` is undefined while the request is in flight. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The injected fault, if any. */
  readonly fault?: Kind;
  /** Its path or body contained one of its own keys. */
  readonly showedKey?: true;
}

/** A request that is still in flight, so that its record can change. */
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

  /** `ended` is called with each request when it ends. */
  constructor(clock: () => number, ended: (request: SeenRequest) => void = () => {}) {
    this.#clock = clock;
    this.#ended = ended;
  }

  begin(request: Pick<SeenRequest, 'id' | 'method' | 'path' | 'headers' | 'userAgent'>): OpenRequest {
    const entry: OpenRequest = { ...request, status: 0, startedAt: this.#clock() };
    this.entries.push(entry);
    this.#inFlight += 1;
    this.peak = Math.max(this.peak, this.#inFlight);
    // Drops old items a thousand at a time, because each drop moves all the others.
    if (this.entries.length >= MAX_ENTRIES + 1_000) this.entries.splice(0, 1_000);
    return entry;
  }

  /** Drops old bodies, so that they don't fill the memory of a server that runs for days. */
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
