import type { Kind } from './faults/faults.ts';

/** A request as the server saw it. Of its headers only the names are kept, so that no key can show up anywhere. */
export interface SeenRequest {
  /** Its `x-request-id`. */
  readonly id: string;
  readonly method: string;
  /** As it came, with the query. */
  readonly path: string;
  /** JSON where it is JSON, else its text; absent where there was none. */
  readonly body?: unknown;
  /** 0 until it is answered, and for ever where the client went away before. */
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: readonly string[];
  readonly userAgent?: string;
  /** Milliseconds since the epoch; `endedAt` is absent while it is in flight. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** What went wrong with it, where the emulator was asked for that. */
  readonly fault?: Kind;
  /** One of its own keys stood in its path or body. */
  readonly showedKey?: true;
}

/** The same while it is in flight. */
export interface OpenRequest extends SeenRequest {
  body?: unknown;
  status: number;
  endedAt?: number;
  fault?: Kind;
  showedKey?: true;
}

/** The last requests, in the order in which they came, and how many were in flight at once. */
export class RequestLog {
  readonly entries: SeenRequest[] = [];
  peak = 0;
  #inFlight = 0;
  #bodyBytes = 0;
  readonly #clock: () => number;
  readonly #ended: (request: SeenRequest) => void;

  /** `ended` is told of each request at its end. */
  constructor(clock: () => number, ended: (request: SeenRequest) => void = () => {}) {
    this.#clock = clock;
    this.#ended = ended;
  }

  begin(request: Pick<SeenRequest, 'id' | 'method' | 'path' | 'headers' | 'userAgent'>): OpenRequest {
    const entry: OpenRequest = { ...request, status: 0, startedAt: this.#clock() };
    this.entries.push(entry);
    this.#inFlight += 1;
    this.peak = Math.max(this.peak, this.#inFlight);
    // Dropped in thousands, since each drop moves all that stay.
    if (this.entries.length >= MOST_ENTRIES + 1_000) this.entries.splice(0, 1_000);
    return entry;
  }

  /** Old bodies are forgotten before they fill the memory of a server that runs for days. */
  tookBody(entry: OpenRequest, body: unknown, bytes: number): void {
    entry.body = body;
    this.#bodyBytes += bytes;
    if (this.#bodyBytes <= MOST_BODY_BYTES) return;
    this.#bodyBytes = bytes;
    for (const old of this.entries) if (old !== entry) delete (old as OpenRequest).body;
  }

  /** Ends a request once; a second call changes nothing. */
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

const MOST_ENTRIES = 100_000;
const MOST_BODY_BYTES = 256 * 1024 * 1024;
