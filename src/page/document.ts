/**
 * The data of the status page, as sent by its server and read by its client. All text is already sanitised:
 * bidirectional control characters are escaped as `\u{…}`, and secrets are redacted.
 */
export interface PageData {
  readonly document: PageDocument;
  readonly status: PageStatus;
}

/** The plan as the page shows it. The server sends it again after each planning pass. */
export interface PageDocument {
  readonly kind: 'watch' | 'report';
  /** Version of connsync. */
  readonly version: string;
  readonly target: { readonly environment: string; readonly site: string; readonly org?: string };
  /** Whether the plan compares with Datadog, and not only with the lockfile. */
  readonly live: boolean;
  /** Time of the last successful plan in ISO 8601; undefined before the first plan. */
  readonly plannedAt?: string;
  /** Time of the last failed attempt to plan, in ISO 8601; undefined if the last attempt succeeded. */
  readonly triedAt?: string;
  readonly summary?: PageSummary;
  readonly refusals: readonly PageRefusal[];
  readonly problems: readonly PageProblem[];
  /** Number of further problems that the list leaves out. */
  readonly moreProblems: number;
  readonly connections: readonly PageConnection[];
}

/** The counts in a plan's summary. */
export interface PageSummary {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  /** Number of lockfile records that an apply would add or remove without a request to Datadog. */
  readonly record: number;
}

/** Reasons why an apply would be refused. */
export interface PageRefusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Ids of the connections that the refusal concerns. */
  readonly of: readonly string[];
}

export interface PageProblem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The code frame: the source lines around the problem, with its position marked and the hint next to the mark. */
  readonly frame?: string;
  /** Ids of the affected connections. */
  readonly of: readonly string[];
}

/** The states of a connection in display order: states that need attention come first. */
export const STATES = [
  'invalid',
  'create',
  'change',
  'replace',
  'delete',
  'drifted',
  'orphaned',
  'adopt',
  'forget',
  'unplanned',
  'left-out',
  'unmanaged',
  'in-sync',
] as const;

export type PageState = (typeof STATES)[number];

export interface PageConnection {
  /** A unique id, which stays the same from plan to plan. */
  readonly id: string;
  /** `entity/id`, or the path of an invalid manifest whose entity or id can't be read. */
  readonly name: string;
  readonly entity?: string;
  /** The main state, followed by any others. For example, a connection with a planned change may also have drifted. */
  readonly states: readonly [PageState, ...PageState[]];
  /** A short summary of the differences. */
  readonly gist: string;
  readonly file?: string;
  readonly line?: number;
  readonly owner?: string;
  readonly protect?: true;
  readonly takeover?: true;
  /** Names of the changed members that force a replace. */
  readonly reasons?: readonly string[];
  /** Attributes that Datadog loses when this change is applied. */
  readonly vanishing?: readonly string[];
  /** Names of the connections whose actions must run before this one. */
  readonly after?: readonly string[];
  /** The connection's drift. `setBack` is true if an apply would restore Git's version. */
  readonly drift?: {
    readonly missing: boolean;
    readonly setBack: boolean;
    readonly by?: string;
    readonly at?: string;
  };
  /** The sides that have the connection: Git, the lockfile, Datadog. */
  readonly sides: readonly PageView[];
  readonly values: readonly PageValue[];
}

export type PageView = 'git' | 'lockfile' | 'live';

/** One value of a connection in Git, in the lockfile and in Datadog. */
export interface PageValue {
  /** The id of the field that the value belongs to; undefined for metadata and for members of the connection itself. */
  readonly field?: string;
  readonly metadata?: true;
  readonly name: string;
  /** The value, if it is equal on every side (Git, lockfile, Datadog) that has the connection. */
  readonly same?: string;
  readonly git?: string;
  readonly lockfile?: string;
  readonly live?: string;
  /** Where the value was changed: in Git, or outside Git (`drift`). `none` means that no action is needed. */
  readonly cause?: 'git' | 'drift' | 'none';
}

/** Status that can change without a new plan. */
export interface PageStatus {
  /** The recorded runs, newest first. */
  readonly runs: readonly PageRun[];
  readonly limits: readonly PageLimit[];
  /** Time of the next drift check in ISO 8601. */
  readonly dueAt?: string;
  readonly waiting?: string;
  /** Names of the connections that an apply is changing right now. */
  readonly running: readonly string[];
}

export interface PageLimit {
  readonly name: string;
  readonly remaining: number;
  readonly limit: number;
  /** Times of the server's report and of the limit's next reset, in ISO 8601. */
  readonly at: string;
  readonly resetsAt: string;
}

export type PageRun = {
  /** Time of the run in ISO 8601. */
  readonly at: string;
} & (
  | {
      readonly kind: 'plan';
      readonly summary: PageSummary;
      readonly refused: number;
      readonly files: readonly string[];
      readonly moreFiles: number;
      /** How often the same plan was made again, and the time of the last repetition. */
      readonly again: number;
      readonly until?: string;
    }
  /** An attempt that could not make a plan. */
  | { readonly kind: 'plan-skipped'; readonly errors: number }
  | { readonly kind: 'apply'; readonly applied: number; readonly failed: number; readonly skipped: number }
  | {
      readonly kind: 'drift';
      readonly name: string;
      readonly state: 'in-sync' | 'changed' | 'missing' | 'unmanaged';
      readonly changes: number;
      readonly by?: string;
      readonly on?: string;
    }
);
