/** `entity/id`: the identity of a connection, unique across all manifests of an environment. */
export type Key = string;

/** A column that a connection adds to its entity. Members have the names of Datadog's API. */
export interface Field {
  readonly id: string;
  readonly source_name: string;
  readonly type: string;
  readonly display_name?: string;
  readonly description?: string;
  readonly groups?: readonly string[];
}

/**
 * The attributes of a connection in Datadog, without its identity. Inside connsync they are always in canonical form
 * (see `canonical.ts`): fields sorted by id, no unset member, no empty list or map.
 */
export interface Spec {
  readonly type: string;
  readonly join_attribute: string;
  readonly join_type: string;
  readonly fields?: readonly Field[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The location of a document: a path relative to the working directory with forward slashes, and the 1-based line of
 * its first key.
 */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** One connection as its manifest describes it. */
export interface DesiredConnection {
  readonly key: Key;
  readonly entity: string;
  readonly id: string;
  readonly spec: Spec;
  readonly place: Place;
  readonly protect: boolean;
  readonly owner?: string;
  /** True if the manifest allows connsync to delete the connection and create it again (`allow: [replace]`). */
  readonly allowReplace: boolean;
  /** Maps old to new ids of the fields that connsync renames in place. */
  readonly renamedFields: ReadonlyMap<string, string>;
}

/** The last applied state of a connection, from the lockfile. A record proves that connsync manages the connection. */
export interface RecordedConnection {
  readonly key: Key;
  readonly spec: Spec;
  readonly owner?: string;
  readonly protect?: boolean;
  /**
   * The specs that a Git merge of the lockfile left for this key, if they differ. connsync manages the connection but
   * doesn't know which spec was applied last.
   */
  readonly conflicting?: readonly Spec[];
  /** Values that the server changed after a write, by path; null for a value that it removed. */
  readonly normalised?: Readonly<Record<string, unknown>>;
  /** Members that a newer connsync wrote. They are kept unchanged. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

/** A connection as Datadog has it now. Placeholders for unknown values (times in year 1, nil authors) are left out. */
export interface LiveConnection {
  readonly key: Key;
  readonly entity: string;
  readonly id: string;
  readonly spec: Spec;
  readonly createdAt?: string;
  readonly createdBy?: string;
  readonly updatedAt?: string;
  readonly updatedBy?: string;
}

export function keyOf(entity: string, id: string): Key {
  return `${entity}/${id}`;
}

/** Splits a key at the first slash, because an id may contain slashes and an entity may not. */
export function splitKey(key: Key): { readonly entity: string; readonly id: string } {
  const slash = key.indexOf('/');
  return { entity: key.slice(0, slash), id: key.slice(slash + 1) };
}

/** Compares keys by UTF-16 code unit, so that the order is the same on every machine and in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
