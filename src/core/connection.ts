/** `entity/id`: the identity of a connection, unique over all manifests of an environment. */
export type Key = string;

/** A column that a connection brings in. Member names are Datadog's, as on the wire. */
export interface Field {
  readonly id: string;
  readonly source_name: string;
  readonly type: string;
  readonly display_name?: string;
  readonly description?: string;
  readonly groups?: readonly string[];
}

/**
 * What Datadog keeps of a connection beside its identity. Always in canonical form inside connsync
 * (see `canonical.ts`): fields sorted by id, no unset member, no empty list or map.
 */
export interface Spec {
  readonly type: string;
  readonly join_attribute: string;
  readonly join_type: string;
  readonly fields?: readonly Field[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Where a document stands: path relative to the working directory with forward slashes, 1-based line of its first key. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What the manifests say of one connection. */
export interface DesiredConnection {
  readonly key: Key;
  readonly entity: string;
  readonly id: string;
  readonly spec: Spec;
  readonly place: Place;
  readonly protect: boolean;
  readonly owner?: string;
  /** Consent, reviewed with the change. */
  readonly allowReplace: boolean;
  /** Old field id to new field id: renamed in place. */
  readonly renamedFields: ReadonlyMap<string, string>;
}

/** What the lockfile says was last applied: the proof that a connection is ours. */
export interface RecordedConnection {
  readonly key: Key;
  readonly spec: Spec;
  readonly owner?: string;
  readonly protect?: boolean;
  /** The specs that stand for this key after a merge, where they differ: it is ours, but what was last applied is unknown. */
  readonly conflicting?: readonly Spec[];
  /** What the server made of values that were sent: path to the value it shows, null for none. Only where it differs. */
  readonly normalised?: Readonly<Record<string, unknown>>;
  /** Members that a newer connsync wrote: kept as they are. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

/** What Datadog has now. Year-0001 times and nil authors are left out as unknown. */
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

/** The entity is everything before the first slash: no entity holds one, and a live id may. */
export function splitKey(key: Key): { readonly entity: string; readonly id: string } {
  const slash = key.indexOf('/');
  return { entity: key.slice(0, slash), id: key.slice(slash + 1) };
}

/** The order of keys everywhere: by UTF-16 code unit, the same on every machine and in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
