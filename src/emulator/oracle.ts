/** A change that really happened to a connection, whatever the response was. */
export interface ChangeRecord {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The `x-request-id` of the request that made the change; undefined for a change in the UI. */
  readonly request?: string;
  /** `duplicate` and `overwrote` are creates of an existing id. */
  readonly op: 'created' | 'duplicate' | 'overwrote' | 'updated' | 'deleted';
  readonly entity: string;
  readonly id: string;
  readonly author: string;
}

/**
 * Records what really happened, which a client can't always see from the responses. Keys are `entity/id`. The counts
 * include only requests, not edits in the UI, since the emulator started or since the last `resetLog`.
 */
export interface Oracle {
  /** The last 100,000 changes, in order. */
  readonly entries: readonly ChangeRecord[];
  /**
   * Completed creates per key, including creates of an existing id. A count above one doesn't prove a duplicate,
   * because the connection may have been deleted in between.
   */
  readonly creates: ReadonlyMap<string, number>;
  readonly deletes: ReadonlyMap<string, number>;
  /** Creates of an id that existed at that moment. */
  readonly duplicates: number;
  /** Requests that had one of their own keys or tokens in their path, query or body. */
  readonly keySightings: number;
  /** Returns the keys of deleted connections that are not in `ours`, the keys that connsync manages. */
  unmanagedDeletes(ours: Iterable<string>): readonly string[];
}

export class OracleBook implements Oracle {
  readonly entries: ChangeRecord[] = [];
  readonly creates = new Map<string, number>();
  readonly deletes = new Map<string, number>();
  duplicates = 0;
  keySightings = 0;

  unmanagedDeletes(ours: Iterable<string>): readonly string[] {
    const known = new Set(ours);
    return [...this.deletes.keys()].filter((key) => !known.has(key));
  }

  note(changeRecord: ChangeRecord): void {
    this.entries.push(changeRecord);
    // Drops old entries a thousand at a time, because removing entries from the front moves all the others.
    if (this.entries.length >= MAX_ENTRIES + 1_000) this.entries.splice(0, 1_000);
    if (changeRecord.request === undefined) return;
    const { op } = changeRecord;
    if (op === 'deleted') countIn(this.deletes, changeRecord);
    else if (op !== 'updated') countIn(this.creates, changeRecord);
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

function countIn(sums: Map<string, number>, { entity, id }: ChangeRecord): void {
  const key = `${entity}/${id}`;
  sums.set(key, (sums.get(key) ?? 0) + 1);
}

const MAX_ENTRIES = 100_000;
