import type { Code } from './codes.ts';
import type { Problem } from './diagnostic.ts';
import type { Field, Key, LiveConnection, RecordedConnection, Spec } from './connection.ts';

/** One connection at Datadog: an id within an entity. */
export interface Identity {
  readonly entity: string;
  readonly id: string;
}

/** What a dry run may do at Datadog. Its client has no other methods, and its transport sends nothing but GET. */
export interface ConnectionsReader {
  /** The organisation's UUID, or undefined where Datadog doesn't tell it, for whatever reason. */
  organisation(signal: AbortSignal): Promise<string | undefined>;
  /** Every connection of an entity. Throws a Failure where the answer is no complete list: never "nothing exists". */
  list(entity: string, signal: AbortSignal): Promise<readonly LiveConnection[]>;
  /** The custom attributes of an entity, such as `@customer_tier`. Throws a Failure where the answer can't be had. */
  attributes(entity: string, signal: AbortSignal): Promise<readonly string[]>;
}

/**
 * The writes. They never throw for what Datadog or the network did: the answer says it. `announce` is called before each
 * sending, once it is this request's turn and no limit holds it back any more: nothing leaves before it has resolved, and
 * what it throws is thrown on.
 */
export interface ConnectionsWriter {
  create(to: Identity & { readonly spec: Spec }, signal: AbortSignal, announce?: Announce): Promise<Answer>;
  update(to: Identity & { readonly delta: Delta }, signal: AbortSignal, announce?: Announce): Promise<Answer>;
  remove(to: Identity, signal: AbortSignal, announce?: Announce): Promise<Answer>;
}

/** Called before each sending; what it throws stops that request. */
export type Announce = () => Promise<void>;

/** What an apply may do at Datadog. */
export type ConnectionsApi = ConnectionsReader & ConnectionsWriter;

/** The three lists of one PUT: no field id stands in two of them. */
export interface Delta {
  readonly add?: readonly Field[];
  readonly update?: readonly FieldUpdate[];
  readonly remove?: readonly string[];
}

/** Only what changes; `''` and `[]` clear. */
export interface FieldUpdate {
  readonly id: string;
  readonly newId?: string;
  readonly display_name?: string;
  readonly description?: string;
  readonly groups?: readonly string[];
}

/**
 * What became of a write. `attempts` counts the requests that were sent for it; refusals by the rate limit don't count.
 *
 * | kind    | what is known                                                             |
 * | ------- | ------------------------------------------------------------------------- |
 * | done    | Datadog did it                                                            |
 * | exists  | a create found its id taken (409, or a 400 or 422 that says so)           |
 * | missing | 404: there is nothing to change or delete (or the entity is unknown)      |
 * | refused | Datadog refused it for good (another 4xx): nothing happened               |
 * | denied  | 401 or 403: no further request makes sense                                |
 * | unsent  | it never reached Datadog: nothing happened                                |
 * | unclear | nobody knows (timeout, reset, 5xx, nonsense): only a list can tell        |
 * | outage  | Datadog does not answer any more: nothing was sent, and nothing more will |
 */
export type Answer =
  | { readonly kind: 'done'; readonly attempts: number }
  | {
      readonly kind: 'exists' | 'missing' | 'refused' | 'denied' | 'unsent' | 'unclear' | 'outage';
      readonly attempts: number;
      readonly error: RequestError;
    };

/** Why a request failed, in Datadog's own words where it had any. Never holds a header. */
export interface RequestError {
  readonly status?: number;
  readonly method: string;
  readonly path: string;
  readonly requestId?: string;
  readonly message: string;
  /** The one next step, where it isn't to mend the manifest. */
  readonly hint?: string;
}

/** Who holds a state store, for the message that others get. */
export interface Holder {
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Lets go of the store. */
export type Release = () => Promise<void>;

/** Records by key. */
export type Records = ReadonlyMap<Key, RecordedConnection>;

/** What stands in the lockfile's header. */
export interface LockfileHeader {
  readonly site: string;
  /** The organisation's UUID; left out where unknown. */
  readonly org?: string;
  /** Manifest folders, normalised and relative to the lockfile. */
  readonly manifests: readonly string[];
  /** Members that a newer connsync wrote: kept as they are. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

/** Tells two states of a store apart; opaque to everyone but the store. */
export type Version = string;

/** What a store holds, at one moment. */
export interface Snapshot {
  /** Undefined where nothing was ever recorded. */
  readonly header: LockfileHeader | undefined;
  readonly records: Records;
  /** Intents that an earlier run left open: their outcome is unknown. */
  readonly open: readonly OpenIntent[];
  /** What an interrupted run did and did not come to commit; `records` has it already, and the next commit keeps it. */
  readonly uncommitted: readonly OpenIntent[];
  readonly version: Version;
}

/** What is about to be sent, durable before its first byte. The bodies make good what an interruption cut. */
export interface Intent {
  readonly op: 'create' | 'update' | 'replace' | 'delete';
  readonly key: Key;
  /** The action's digest. */
  readonly digest: string;
  readonly before?: Spec;
  readonly after?: Spec;
  /** What is recorded once it is done; absent for a delete. */
  readonly record?: RecordedConnection;
  /** Where it is sent to. */
  readonly target: { readonly site: string; readonly org?: string };
  /** Which of its requests is about to leave; absent where a whole plan is announced at once, before its first one. */
  readonly sending?: 'create' | 'update' | 'remove';
}

/** An intent that an earlier run left without an end. */
export interface OpenIntent extends Intent {
  /** When it was made, in milliseconds since the epoch, by the clock of that machine. */
  readonly at: number;
}

/** How an intent ended. `unclear` leaves it open for the next run. */
export interface Outcome {
  readonly key: Key;
  readonly digest: string;
  readonly state: 'done' | 'failed' | 'aborted' | 'unclear';
  /** What is recorded now, where that is not what the intent said; null for nothing. */
  readonly leaves?: RecordedConnection | null;
}

/** Somebody else changed the store in the meantime, and nothing was written; `message` says what to do. */
export interface Conflict {
  readonly conflict: true;
  readonly message: string;
}

/** Where the lockfile and its journal live: a file, a branch, a database. */
export interface StateStore {
  /**
   * One apply at a time, taken before `load`; a plan never holds. Throws a Failure `lock-held` after `waitMs`. `waiting` is told
   * once where it has to wait.
   */
  hold(holder: Holder, waitMs: number, signal: AbortSignal, waiting?: (ms: number) => void): Promise<Release>;
  /** A branch or a database takes the whole plan's intents before the first request; a file each before its own. */
  readonly intendsAtOnce: boolean;
  /** Throws a Failure where what is stored is damaged: it is never taken for empty. */
  load(): Promise<Snapshot>;
  /** Resolves once the intents are durable. */
  intend(intents: readonly Intent[]): Promise<void>;
  settle(outcome: Outcome): Promise<void>;
  /** Writes only where a byte would change. */
  commit(
    state: { readonly header: LockfileHeader; readonly records: Records },
    ifVersion: Version,
  ): Promise<Version | Conflict>;
}

/** Where manifests come from. Paths are relative to the working directory, with forward slashes. */
export interface ManifestFiles {
  /** In the order in which they are read. `missing` are folders that do not exist. */
  list(): {
    readonly files: readonly string[];
    readonly problems: readonly Problem[];
    readonly missing: readonly string[];
    /** What may contain manifests and was not read, such as links. */
    readonly unread?: readonly string[];
  };
  /** Manifests that Git leaves out of a sparse checkout. Left out if nothing is known about Git. */
  sparse?(): readonly string[];
  /**
   * The same text for as long as the file's contents are the same; undefined where only reading it tells. Left out where nothing
   * of the kind is known.
   */
  stamp?(file: string): string | undefined;
  /** The bytes are valid until the next call. */
  read(
    file: string,
  ): { readonly bytes: Uint8Array } | { readonly code: Code; readonly message: string; readonly hint: string };
}
