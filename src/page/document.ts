/**
 * What the status page shows, as its server sends it and its client reads it. Every text in it is inert already: what could turn
 * the direction of a line is shown as `\u{…}`, and what looks like a secret is gone.
 */
export interface PageData {
  readonly document: PageDocument;
  readonly standing: PageStatus;
}

/** What was planned: sent anew with each plan. */
export interface PageDocument {
  readonly kind: 'watch' | 'report';
  /** Of connsync. */
  readonly version: string;
  readonly target: { readonly environment: string; readonly site: string; readonly org?: string };
  /** Held against what is live as well, not the lockfile alone. */
  readonly live: boolean;
  /** When the plan was made, in ISO 8601; absent where there is none yet. */
  readonly plannedAt?: string;
  /** When that could not be done the last time; absent where it could. */
  readonly triedAt?: string;
  readonly summary?: PageSummary;
  readonly refusals: readonly PageRefusal[];
  readonly problems: readonly PageProblem[];
  /** How many problems there are beside those. */
  readonly moreProblems: number;
  readonly connections: readonly PageConnection[];
}

/** The counts of a plan that its sentence is made of. */
export interface PageSummary {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  /** Records that an apply would take up or drop, without a request. */
  readonly record: number;
}

/** What a guard would say to an apply. */
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
  /** The lines around its place, with the place marked and the hint beside the mark. */
  readonly frame?: string;
  /** Ids of the connections that it is about. */
  readonly of: readonly string[];
}

/** In the order in which the page shows them: first what wants to be looked at. */
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
  /** Tells it from every other one, over all plans. */
  readonly id: string;
  /** `entity/id`; of an invalid manifest whose identity can't be read, its path. */
  readonly name: string;
  readonly entity?: string;
  /** What the list says first, and what else holds: a change may have drifted too. */
  readonly states: readonly [PageState, ...PageState[]];
  /** What differs, in a few words. */
  readonly gist: string;
  readonly file?: string;
  readonly line?: number;
  readonly owner?: string;
  readonly protect?: true;
  readonly takeover?: true;
  /** Members that force a replace. */
  readonly reasons?: readonly string[];
  /** Attributes that vanish from Datadog with it. */
  readonly vanishing?: readonly string[];
  /** Names of the connections whose actions come before. */
  readonly after?: readonly string[];
  /** `setBack`: an apply would put Git's version back. */
  readonly drift?: {
    readonly missing: boolean;
    readonly setBack: boolean;
    readonly by?: string;
    readonly at?: string;
  };
  /** Which sides have it at all. */
  readonly sides: readonly PageView[];
  readonly leaves: readonly PageValue[];
}

export type PageView = 'git' | 'lockfile' | 'live';

/** One value as the three sides have it. */
export interface PageValue {
  /** The id of a field; `metadata`, or nothing for the connection itself. */
  readonly field?: string;
  readonly metadata?: true;
  readonly name: string;
  /** Equal on every side that has the connection. */
  readonly same?: string;
  readonly git?: string;
  readonly lockfile?: string;
  readonly live?: string;
  /** Whose change it is. `none`: the sides differ, and nothing is to be done about it. */
  readonly cause?: 'git' | 'drift' | 'none';
}

/** What goes on beside the plans. */
export interface PageStatus {
  /** The newest first. */
  readonly runs: readonly PageRun[];
  readonly limits: readonly PageLimit[];
  /** When what is live is listed again, in ISO 8601. */
  readonly dueAt?: string;
  readonly waiting?: string;
  /** Names of the connections that are being applied. */
  readonly running: readonly string[];
}

export interface PageLimit {
  readonly name: string;
  readonly remaining: number;
  readonly limit: number;
  /** When it was told, and when it is full again, in ISO 8601. */
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
      /** How often the same plan came again, and when last. */
      readonly again: number;
      readonly until?: string;
    }
  /** Nothing could be planned. */
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
