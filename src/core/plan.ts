import type { Key, RecordedConnection, Spec } from './connection.ts';
import type { Code } from './codes.ts';
import type { Problem } from './diagnostic.ts';
import type { Difference } from './difference.ts';
import type { Delta } from './ports.ts';

/** What an action does. `adopt` and `forget` change only the record and send no request. */
export type ActionKind = 'create' | 'update' | 'replace' | 'delete' | 'adopt' | 'forget';

export type { Cause } from './difference.ts';

/**
 * One changed value. An added field has only `to`, and a removed field only `from`. `pathOf` returns its path as text.
 */
export type Change = Difference;

/** The members of every action. */
interface ActionBase {
  readonly key: Key;
  /** The manifest and the line of its document's first key; absent if there is no manifest. */
  readonly file?: string;
  readonly line?: number;
  /** SHA-256 of the effect of the action, without paths, times or causes. */
  readonly digest: string;
  readonly changes: readonly Change[];
  readonly drifted: boolean;
  /** Who last changed the connection in Datadog, and when. Present only on drift, if Datadog returns these values. */
  readonly updatedBy?: string;
  readonly updatedAt?: string;
  readonly owner?: string;
  /** Keys whose actions must end before this one starts. */
  readonly runsAfter?: readonly Key[];
}

/**
 * `from` and `to` are whole canonical connections: the current one and the desired one. `attributes` are the
 * attributes that Datadog shows (`@customer_tier`) and that disappear with the connection.
 */
export type Action =
  | (ActionBase & { readonly kind: 'create'; readonly to: Spec })
  | (ActionBase & {
      readonly kind: 'update';
      readonly from: Spec;
      readonly to: Spec;
      /** The deltas of the PUT requests, in the order in which connsync sends them. */
      readonly steps: readonly Delta[];
      readonly takeover?: true;
    })
  | (ActionBase & {
      readonly kind: 'replace';
      readonly from: Spec;
      readonly to: Spec;
      readonly reasons: readonly string[];
      readonly attributes?: readonly string[];
      readonly takeover?: true;
    })
  | (ActionBase & { readonly kind: 'delete'; readonly from: Spec; readonly attributes?: readonly string[] })
  | (ActionBase & { readonly kind: 'adopt'; readonly to: Spec })
  | (ActionBase & { readonly kind: 'forget' });

/** An action without its digest. */
export type Undigested = Action extends infer A ? (A extends Action ? Omit<A, 'digest'> : never) : never;

/**
 * The number of connections for each kind of action and in each state. `unmanaged` connections are live but not in the
 * lockfile, `orphaned` ones are in the lockfile but have no manifest, and `drifted` counts all that were changed
 * outside Git.
 */
export interface Summary {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly adopt: number;
  readonly forget: number;
  readonly unchanged: number;
  readonly unmanaged: number;
  readonly orphaned: number;
  readonly drifted: number;
  /** The number of keys that --target and --exclude leave out; absent without these flags. */
  readonly filtered?: number;
}

/** A reason why an apply would be refused. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  readonly keys: readonly Key[];
}

/**
 * The actions that would make Datadog equal to the manifests. A plan is plain data that can be displayed, refused,
 * saved or executed.
 */
export interface Plan {
  readonly actions: readonly Action[];
  readonly summary: Summary;
  /** Checksum of the sorted digests of the actions: `sha256:` and 64 hex digits. */
  readonly checksum: string;
  /**
   * New versions of the records that are outdated, or whose owner or protection changed. The next apply writes them to
   * the lockfile without sending a request.
   */
  readonly corrections: readonly RecordedConnection[];
  /** Warnings: drift without an action, orphans, protected connections left unchanged, conflicting records. */
  readonly problems: readonly Problem[];
}
