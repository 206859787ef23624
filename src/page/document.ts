/**
 * The data of the status page, as sent by its server and read by its client. All text is already sanitised:
 * bidirectional control characters are escaped as `\u{…}`, and secrets are redacted.
 */
export interface PageData {
  readonly document: PageDocument;
  readonly status: PageStatus;
}

/** The plan; sent again after each pass. */
export interface PageDocument {
  readonly kind: 'watch' | 'report';
  /** Version of connsync. */
  readonly version: string;
  readonly target: { readonly environment: string; readonly site: string; readonly org?: string };
  /** Whether the plan compares with Datadog, and not only with the lockfile. */
  readonly live: boolean;
  /** Time of the plan in ISO 8601; undefined before the first one. */
  readonly plannedAt?: string;
  /** Time of the last failed attempt; undefined if the last one succeeded. */
  readonly triedAt?: string;
  readonly summary?: PageSummary;
  readonly refusals: readonly PageRefusal[];
  readonly problems: readonly PageProblem[];
  /** Number of problems that are not listed. */
  readonly moreProblems: number;
  readonly connections: readonly PageConnection[];
}

/** The counts in a plan's summary. */
export interface PageSummary {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  /** Records that an apply would add or remove without a request. */
  readonly record: number;
}

/** Reasons why an apply would be refused. */
export interface PageRefusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Ids of connections. */
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
  /** The code frame: the lines around the position, marked, with the hint next to the mark. */
  readonly frame?: string;
  /** Ids of the affected connections. */
  readonly of: readonly string[];
}

/** In display order: states that need attention first. */
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
  /** Unique and stable across all plans. */
  readonly id: string;
  /** `entity/id`, or the path of an invalid manifest whose entity or id can't be read. */
  readonly name: string;
  readonly entity?: string;
  /** The main state, and any others: a changed connection may also have drifted. */
  readonly states: readonly [PageState, ...PageState[]];
  /** A short summary of the differences. */
  readonly gist: string;
  readonly file?: string;
  readonly line?: number;
  readonly owner?: string;
  readonly protect?: true;
  readonly takeover?: true;
  /** Members that force a replace. */
  readonly reasons?: readonly string[];
  /** Attributes that disappear from Datadog with this change. */
  readonly vanishing?: readonly string[];
  /** Names of the connections whose actions run first. */
  readonly after?: readonly string[];
  /** `setBack`: an apply would restore Git's version. */
  readonly drift?: {
    readonly missing: boolean;
    readonly setBack: boolean;
    readonly by?: string;
    readonly at?: string;
  };
  /** The sides that have the connection. */
  readonly sides: readonly PageView[];
  readonly values: readonly PageValue[];
}

export type PageView = 'git' | 'lockfile' | 'live';

/** One value on all three sides. */
export interface PageValue {
  /** The id of a field, or `metadata`; undefined for the connection itself. */
  readonly field?: string;
  readonly metadata?: true;
  readonly name: string;
  /** The value, if it is equal on every side that has the connection. */
  readonly same?: string;
  readonly git?: string;
  readonly lockfile?: string;
  readonly live?: string;
  /** Where the change was made. `none`: the sides differ, but no action is needed. */
  readonly cause?: 'git' | 'drift' | 'none';
}

/** Status that changes independently of the plans. */
export interface PageStatus {
  /** Newest first. */
  readonly runs: readonly PageRun[];
  readonly limits: readonly PageLimit[];
  /** Time of the next drift check in ISO 8601. */
  readonly dueAt?: string;
  readonly waiting?: string;
  /** Names of the connections that are being applied. */
  readonly running: readonly string[];
}

export interface PageLimit {
  readonly name: string;
  readonly remaining: number;
  readonly limit: number;
  /** Times of the report and of the reset, in ISO 8601. */
  readonly at: string;
  readonly resetsAt: string;
}

export type PageRun = {
  /** In ISO 8601. */
  readonly at: string;
} & (
  | {
      readonly kind: 'plan';
      readonly summary: PageSummary;
      readonly refused: number;
      readonly files: readonly string[];
      readonly moreFiles: number;
      /** How often the same plan was made again, and when last. */
      readonly again: number;
      readonly until?: string;
    }
  /** No plan could be made. */
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
