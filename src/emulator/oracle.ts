/** What really happened to a connection, whatever was answered. */
export interface Happening {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The `x-request-id` of the request that did it; absent for what somebody did in the UI. */
  readonly request?: string;
  /** `duplicate` and `overwrote` are creates of an id that was there. */
  readonly op: 'created' | 'duplicate' | 'overwrote' | 'updated' | 'deleted';
  readonly entity: string;
  readonly id: string;
  readonly author: string;
}

/**
 * Knows what a client can't: what was done. Keys are `entity/id`; the sums count requests, and leave the UI out.
 * Everything counts since the start or the last `resetLog`.
 */
export interface Oracle {
  /** The last 100,000, in order. */
  readonly entries: readonly Happening[];
  /** Creates that were done, of an id that was there too. More than one is no duplicate where a delete came between. */
  readonly creates: ReadonlyMap<string, number>;
  readonly deletes: ReadonlyMap<string, number>;
  /** Creates of an id that was there at that moment. */
  readonly duplicates: number;
  /** Requests that held one of their own keys or tokens in path, query or body. */
  readonly keySightings: number;
  /** What was deleted of that which was never ours. */
  unmanagedDeletes(ours: Iterable<string>): readonly string[];
}

export class OracleBook implements Oracle {
  readonly entries: Happening[] = [];
  readonly creates = new Map<string, number>();
  readonly deletes = new Map<string, number>();
  duplicates = 0;
  keySightings = 0;

  unmanagedDeletes(ours: Iterable<string>): readonly string[] {
    const known = new Set(ours);
    return [...this.deletes.keys()].filter((key) => !known.has(key));
  }

  note(happening: Happening): void {
    this.entries.push(happening);
    // Dropped in thousands, since each drop moves all that stay.
    if (this.entries.length >= MOST_ENTRIES + 1_000) this.entries.splice(0, 1_000);
    if (happening.request === undefined) return;
    const { op } = happening;
    if (op === 'deleted') countIn(this.deletes, happening);
    else if (op !== 'updated') countIn(this.creates, happening);
    if (op === 'duplicate' || op === 'overwrote') this.duplicates += 1;
  }

  reset(): void {
    this.entries.length = 0;
    this.creates.clear();
    this.deletes.clear();
    this.duplicates = 0;
    this.keySightings = 0;
  }
}

function countIn(sums: Map<string, number>, { entity, id }: Happening): void {
  const key = `${entity}/${id}`;
  sums.set(key, (sums.get(key) ?? 0) + 1);
}

const MOST_ENTRIES = 100_000;
