import type { Key, RecordedConnection, Spec } from './connection.ts';
import type { Code } from './codes.ts';
import type { Problem } from './diagnostic.ts';
import type { Difference } from './difference.ts';
import type { Delta } from './ports.ts';

/** What an action does. `adopt` and `forget` change the record alone and send nothing. */
export type ActionKind = 'create' | 'update' | 'replace' | 'delete' | 'adopt' | 'forget';

export type { Cause } from './difference.ts';

/** One leaf that changes. An added field has only `to`, a removed one only `from`. `pathOf` gives its path as text. */
export type Change = Difference;

/** What every action says, whatever it does. */
interface ActionBase {
  readonly key: Key;
  /** The manifest, and the line of its document's first key; absent where no manifest stands any more. */
  readonly file?: string;
  readonly line?: number;
  /** SHA-256 over what the action does to what: no path, time or cause is in it. */
  readonly digest: string;
  readonly changes: readonly Change[];
  readonly drifted: boolean;
  /** Who changed it last in Datadog, and when; only where it drifted and Datadog tells. */
  readonly updatedBy?: string;
  readonly updatedAt?: string;
  readonly owner?: string;
  /** Keys whose actions must end before this one starts. */
  readonly runsAfter?: readonly Key[];
}

/**
 * `from` and `to` are whole canonical connections: what is there, and what will be. `attributes` are those that Datadog shows
 * (`@customer_tier`) and that vanish with the connection.
 */
export type Action =
  | (ActionBase & { readonly kind: 'create'; readonly to: Spec })
  | (ActionBase & {
      readonly kind: 'update';
      readonly from: Spec;
      readonly to: Spec;
      /** The PUTs, in order. */
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

/** An action before its digest is taken. */
export type Undigested = Action extends infer A ? (A extends Action ? Omit<A, 'digest'> : never) : never;

/** How many connections a plan does what to, and how many it leaves alone: `unmanaged` are live and not ours, `orphaned` are recorded and have no manifest, `drifted` counts every one that was changed outside Git. */
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
  /** Keys that --target and --exclude left out; only where one of them was given. */
  readonly filtered?: number;
}

/** What a guard would say to an apply. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  readonly keys: readonly Key[];
}

/** What would make live equal desired: a value, that can be shown, refused, kept in a file or carried out. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly summary: Summary;
  /** Over the sorted digests of the actions: `sha256:` and 64 hex digits. */
  readonly checksum: string;
  /** Records that lag, or whose owner or protection changed: written at the next apply, without a request. */
  readonly corrections: readonly RecordedConnection[];
  /** Warnings: drift without an action, orphans, protected keys left alone, contested records. */
  readonly problems: readonly Problem[];
}
