import type { Code } from './codes.ts';
import type { Problem } from './diagnostic.ts';
import type { Field, Key, LiveConnection, RecordedConnection, Spec } from './connection.ts';

/** The identity of a connection in Datadog: an id within an entity. */
export interface Identity {
  readonly entity: string;
  readonly id: string;
}

/**
 * The read methods of the Datadog client. A plan gets a client with only these methods, and its transport sends only
 * GET requests.
 */
export interface ConnectionsReader {
  /** Returns the organisation's UUID, or undefined if Datadog doesn't return it, whatever the reason. */
  organisation(signal: AbortSignal): Promise<string | undefined>;
  /**
   * Returns the connections of one entity. Throws a `Failure` if the response is not a complete list, so that a
   * broken response never means "no connections".
   */
  list(entity: string, signal: AbortSignal): Promise<readonly LiveConnection[]>;
  /** Returns the custom attributes of an entity, such as `@customer_tier`. Throws a `Failure` if the request fails. */
  attributes(entity: string, signal: AbortSignal): Promise<readonly string[]>;
}

/**
 * The write methods of the Datadog client. For a Datadog or network error they return an `Answer` that describes the
 * error, and never throw. `announce` is called before each send, after the rate limiter has admitted the request. The
 * request is sent only after `announce` resolves. If it throws, the write rejects with the same error.
 */
export interface ConnectionsWriter {
  create(to: Identity & { readonly spec: Spec }, signal: AbortSignal, announce?: Announce): Promise<Answer>;
  update(to: Identity & { readonly delta: Delta }, signal: AbortSignal, announce?: Announce): Promise<Answer>;
  remove(to: Identity, signal: AbortSignal, announce?: Announce): Promise<Answer>;
}

/** Called before each send. If it throws, the request is not sent. */
export type Announce = () => Promise<void>;

/** The requests to Datadog that an apply may use. */
export type ConnectionsApi = ConnectionsReader & ConnectionsWriter;

/** The fields that one PUT request adds, updates and removes. A field id is in at most one of the three lists. */
export interface Delta {
  readonly add?: readonly Field[];
  readonly update?: readonly FieldUpdate[];
  readonly remove?: readonly string[];
}

/** The changes to one field. Absent members stay unchanged; `''` and `[]` clear a value. */
export interface FieldUpdate {
  readonly id: string;
  readonly newId?: string;
  readonly display_name?: string;
  readonly description?: string;
  readonly groups?: readonly string[];
}

/**
 * The result of a write. `attempts` counts the requests that were sent, except those that the rate limit refused.
 *
 * | kind    | what is known                                                              |
 * | ------- | -------------------------------------------------------------------------- |
 * | done    | Datadog accepted it                                                        |
 * | exists  | the id of a create is taken (409, or a 400 or 422 that says so)            |
 * | missing | 404: the connection to change or delete, or its entity, does not exist     |
 * | refused | Datadog refused it permanently (another 4xx): nothing happened             |
 * | denied  | 401 or 403: further requests are pointless                                 |
 * | unsent  | the request never reached Datadog: nothing happened                        |
 * | unclear | unknown outcome (timeout, reset, 5xx, malformed response): list to find out |
 * | outage  | Datadog stopped responding: nothing was sent, and nothing more will be     |
 */
export type Answer =
  | { readonly kind: 'done'; readonly attempts: number }
  | {
      readonly kind: 'exists' | 'missing' | 'refused' | 'denied' | 'unsent' | 'unclear' | 'outage';
      readonly attempts: number;
      readonly error: RequestError;
    };

/** The error of a failed request, in Datadog's own words if it returned any. It never contains a header. */
export interface RequestError {
  readonly status?: number;
  readonly method: string;
  readonly path: string;
  readonly requestId?: string;
  readonly message: string;
  /** The next step for the user; absent if the next step is to fix the manifest. */
  readonly hint?: string;
}

/** The process that holds the lock of a state store, for the message that other processes print. */
export interface Holder {
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Releases the lock of a state store. */
export type Release = () => Promise<void>;

export type Records = ReadonlyMap<Key, RecordedConnection>;

/** The contents of the lockfile's header. */
export interface LockfileHeader {
  readonly site: string;
  /** The organisation's UUID; absent if unknown. */
  readonly org?: string;
  /** Manifest folders, normalised and relative to the lockfile. */
  readonly manifests: readonly string[];
  /** Members that a newer connsync wrote. They are kept unchanged. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

/** Identifies the contents of a store at one moment. Only the store itself interprets this text. */
export type Version = string;

/** The contents of a store at one moment. */
export interface Snapshot {
  /** Undefined if the store has never recorded anything. */
  readonly header: LockfileHeader | undefined;
  readonly records: Records;
  /** Intents with an unknown outcome, left open by an earlier run. */
  readonly open: readonly OpenIntent[];
  /**
   * Changes that an interrupted run made but didn't commit. `records` already includes them, and the next commit
   * keeps them.
   */
  readonly uncommitted: readonly OpenIntent[];
  /** The records without `uncommitted`; absent if they equal `records`. */
  readonly committed?: Records;
  readonly version: Version;
}

/**
 * A request that connsync is about to send, made durable before the send. With `before` and `after`, a later run can
 * recover an interrupted action.
 */
export interface Intent {
  readonly op: 'create' | 'update' | 'replace' | 'delete';
  readonly key: Key;
  /** The action's digest. */
  readonly digest: string;
  readonly before?: Spec;
  readonly after?: Spec;
  /** The record to write if the action succeeds; absent for a delete. */
  readonly record?: RecordedConnection;
  readonly target: { readonly site: string; readonly org?: string };
  /** The request that is sent next; absent if a whole plan is announced in advance. */
  readonly sending?: 'create' | 'update' | 'remove';
}

/** An intent without an outcome, left open by an earlier run. */
export interface OpenIntent extends Intent {
  /** When the intent was made, in milliseconds since the epoch, by the clock of the machine that made it. */
  readonly at: number;
}

/** The outcome of an intent. `unclear` leaves the intent open for the next run. */
export interface Outcome {
  readonly key: Key;
  readonly digest: string;
  readonly state: 'done' | 'failed' | 'aborted' | 'unclear';
  /** The record to write, if it differs from the intent's; null to remove the record. */
  readonly record?: RecordedConnection | null;
}

/** Another process changed the store in the meantime, so nothing was written. `message` describes that change. */
export interface Conflict {
  readonly conflict: true;
  readonly message: string;
}

/** The storage of the lockfile and its journal: a file, a branch or a database. */
export interface StateStore {
  /**
   * Acquires the lock that allows only one apply at a time. Call it before `load`. Plans take no lock. Throws a
   * `Failure('lock-held')` after `waitMs`. Calls `waiting` once if it has to wait.
   */
  hold(holder: Holder, waitMs: number, signal: AbortSignal, waiting?: (ms: number) => void): Promise<Release>;
  /**
   * True if the store takes all intents of a plan before the first request, as a branch or a database does. A file
   * takes each intent before its own request.
   */
  readonly intendsAtOnce: boolean;
  /** Returns the stored state. Throws a `Failure` if it is damaged: a damaged store never counts as empty. */
  load(): Promise<Snapshot>;
  /** Resolves once the intents are durable. */
  intend(intents: readonly Intent[]): Promise<void>;
  settle(outcome: Outcome): Promise<void>;
  /**
   * Writes the state if the store still has the version `ifVersion`, and only if the content changes. Returns the new
   * version, or a conflict.
   */
  commit(
    state: { readonly header: LockfileHeader; readonly records: Records },
    ifVersion: Version,
  ): Promise<Version | Conflict>;
}

/** The source of manifests. Paths are relative to the working directory, with forward slashes. */
export interface ManifestFiles {
  /** Returns the files in reading order. `missing` lists folders that do not exist. */
  list(): {
    readonly files: readonly string[];
    readonly problems: readonly Problem[];
    readonly missing: readonly string[];
    /** Paths that may contain manifests but were not read, such as links. */
    readonly unread?: readonly string[];
  };
  /** Returns the manifests that a sparse checkout leaves out. Absent if the source has no access to Git. */
  sparse?(): readonly string[];
  /**
   * Returns a text that changes with every write to the file; undefined if only reading the file can show a change.
   * Absent if the source has no such information.
   */
  stamp?(file: string): string | undefined;
  /** Returns the content of a file, or the reason why it can't be read. The bytes are valid until the next call. */
  read(
    file: string,
  ): { readonly bytes: Uint8Array } | { readonly code: Code; readonly message: string; readonly hint: string };
}
