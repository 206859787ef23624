import type { ExitCode, Problem } from './diagnostic.ts';
import type { DriftedConnection, DriftSummary } from './drift.ts';
import type { Action, ActionKind, Refusal, Summary } from './plan.ts';
import type { RequestError } from './ports.ts';
import type { InputHashes, PlanOptions } from './review.ts';

/** `poll`: between two plans of a watch, which observes files and Datadog. `apply`: recovery, requests and recording. */
export type Phase = 'plan' | 'poll' | 'apply';

/** The target of a run: an environment, a Datadog site and an organisation. */
export interface Target {
  readonly environment: string;
  readonly site: string;
  /** The organisation's UUID; absent if unknown. */
  readonly org?: string;
}

/** What the manifests were compared with: only the lockfile, or live as well. */
export type Compared = readonly ['lockfile'] | readonly ['lockfile', 'live'];

/** How the actions of an apply ended. `skipped` actions were not attempted. */
export interface Counts {
  readonly applied: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Everything that a run reports, as it happens. Reporters turn events into text; nothing else prints. With `--format
 * ndjson`, each event becomes one flat line, with `run`, `seq` and `at` beside its members.
 */
export type SyncEvent =
  | {
      readonly type: 'start';
      readonly formatVersion: '1.0';
      readonly version: string;
      readonly command: string;
      readonly target: Target;
      readonly compared: Compared;
    }
  /** Drift: one compared connection. */
  | { readonly type: 'drift'; readonly connection: DriftedConnection }
  /** Drift: the comparison is complete. */
  | { readonly type: 'drift-summary'; readonly target: Target; readonly summary: DriftSummary; readonly ms: number }
  /**
   * connsync wrote a file: a manifest (import, accept, fmt) or any starter file (init). `appended` has the lines
   * added to an existing file.
   */
  | {
      readonly type: 'file-written';
      readonly file: string;
      readonly key?: string;
      readonly appended?: readonly string[];
    }
  /** Init: the file exists and stays unchanged. */
  | { readonly type: 'file-skipped'; readonly file: string; readonly hint?: string }
  /** Watch: files were saved. */
  | { readonly type: 'files-changed'; readonly files: readonly string[] }
  /** Watch: a saved file has an error, or Datadog is unreachable. The last plan stays valid. */
  | { readonly type: 'plan-skipped' }
  /** Watch: `--apply` doesn't execute this action, because it needs a review. */
  | { readonly type: 'action-deferred'; readonly kind: ActionKind; readonly key: string }
  /** Watch: the next list of live connections starts in `ms` milliseconds. */
  | { readonly type: 'scheduled'; readonly ms: number }
  /** The manifests were read. The event has the numbers of files and connections, and the duration. */
  | {
      readonly type: 'loaded';
      readonly manifests: number;
      readonly connections: number;
      readonly entities: number;
      readonly ms: number;
    }
  /** `phase`: the part of the run that found the problem; `plan` if absent. */
  | { readonly type: 'problem'; readonly problem: Problem; readonly phase?: Phase }
  | { readonly type: 'action'; readonly action: Action }
  /** A plan is complete. `target` now includes the organisation, if Datadog returned it. */
  | {
      readonly type: 'planned';
      readonly target: Target;
      readonly summary: Summary;
      readonly checksum: string | null;
      readonly refusals: readonly Refusal[];
      /** Only if the plan is written to a file. */
      readonly inputs?: InputHashes;
      readonly options?: PlanOptions;
      readonly ms: number;
    }
  | { readonly type: 'started'; readonly kind: ActionKind; readonly key: string }
  | {
      readonly type: 'applied';
      readonly kind: ActionKind;
      readonly key: string;
      readonly ms: number;
      readonly attempts: number;
      /** How many of the attempts were retries. */
      readonly retries: number;
      /** Datadog had no such connection to delete. */
      readonly alreadyGone?: true;
    }
  | {
      readonly type: 'failed';
      readonly kind: ActionKind;
      readonly key: string;
      readonly ms: number;
      readonly attempts: number;
      readonly retries: number;
      /** Datadog accepted the action and did not carry it out: this takes back its `applied` event. */
      readonly accepted?: true;
      readonly error: RequestError;
    }
  /** The action was not attempted. */
  | { readonly type: 'skipped'; readonly kind: ActionKind; readonly key: string; readonly ms: 0; readonly attempts: 0 }
  /** A part of the run that may take long, and its progress if known. */
  | { readonly type: 'progress'; readonly doing: string; readonly done?: number; readonly total?: number }
  /** A signal arrived. connsync starts nothing new, and finishes and records what is in flight. */
  | { readonly type: 'stopping' }
  /** The rate limit or a retry delays the run for `ms` milliseconds. */
  | { readonly type: 'waiting'; readonly reason: string; readonly ms: number }
  /** The state of a rate limit, reported at most a few times a second. */
  | {
      readonly type: 'rate-limit';
      readonly name: string;
      readonly remaining: number;
      readonly limit: number;
      readonly resetsInMs: number;
    }
  /**
   * The lockfile could not be written. `lines` has the lines that it should contain; `removed` has the keys to
   * remove.
   */
  | {
      readonly type: 'record-failed';
      readonly file: string;
      readonly lines: readonly string[];
      readonly removed: readonly string[];
    }
  /** The lockfile was written. */
  | { readonly type: 'recorded'; readonly file: string; readonly connections: number }
  | ({ readonly type: 'end'; readonly exitCode: ExitCode; readonly summary?: Summary } & Partial<Counts>);

/** Receives every event immediately and in order. It must not throw. */
export type Report = (event: SyncEvent) => void;

/** Returns a report that puts problems without a phase into this one. */
export function inPhase(phase: Phase, report: Report): Report {
  return (event) => report(event.type === 'problem' ? { phase, ...event } : event);
}
