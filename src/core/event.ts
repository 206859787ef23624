import type { ExitCode, Problem } from './diagnostic.ts';
import type { DriftedConnection, DriftSummary } from './drift.ts';
import type { Action, ActionKind, Refusal, Summary } from './plan.ts';
import type { RequestError } from './ports.ts';
import type { InputHashes, PlanOptions } from './review.ts';

/**
 * The part of a run. `poll`: `watch` observes files and Datadog between two plans. `apply`: recovery, requests,
 * recording.
 */
export type Phase = 'plan' | 'poll' | 'apply';

/** The target of a run: an environment, a Datadog site and an organisation. */
export interface Target {
  readonly environment: string;
  readonly site: string;
  /** The organisation's UUID; absent if unknown. */
  readonly org?: string;
}

/** What the manifests were compared with: only the lockfile, or also the live connections. */
export type Compared = readonly ['lockfile'] | readonly ['lockfile', 'live'];

/** The number of actions of an apply by how they ended. `skipped` actions were not attempted. */
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
  /** `connsync drift` compared one connection. */
  | { readonly type: 'drift'; readonly connection: DriftedConnection }
  /** `connsync drift` has compared all connections. */
  | { readonly type: 'drift-summary'; readonly target: Target; readonly summary: DriftSummary; readonly ms: number }
  /**
   * connsync wrote a file: a manifest (import, accept, fmt) or any starter file (init). `appended` contains the lines
   * added to an existing file.
   */
  | {
      readonly type: 'file-written';
      readonly file: string;
      readonly key?: string;
      readonly appended?: readonly string[];
    }
  /** `connsync init` left an existing file unchanged. */
  | { readonly type: 'file-skipped'; readonly file: string; readonly hint?: string }
  /** Files were saved while `connsync watch` was running. */
  | { readonly type: 'files-changed'; readonly files: readonly string[] }
  /**
   * `watch` made no new plan, because a saved file has an error or Datadog is unreachable. The last plan stays valid.
   */
  | { readonly type: 'plan-skipped' }
  /** `watch --apply` doesn't execute this action, because the action needs a review. */
  | { readonly type: 'action-deferred'; readonly kind: ActionKind; readonly key: string }
  /** `watch` lists the live connections again in `ms` milliseconds. */
  | { readonly type: 'scheduled'; readonly ms: number }
  /** The manifests were read. The event contains the numbers of files and connections, and the duration. */
  | {
      readonly type: 'loaded';
      readonly manifests: number;
      readonly connections: number;
      readonly entities: number;
      readonly ms: number;
    }
  /** The run found a problem. `phase` is the part of the run that found it; `plan` if absent. */
  | { readonly type: 'problem'; readonly problem: Problem; readonly phase?: Phase }
  | { readonly type: 'action'; readonly action: Action }
  /** A plan is complete. `target` now includes the organisation, if Datadog returned it. */
  | {
      readonly type: 'planned';
      readonly target: Target;
      readonly summary: Summary;
      readonly checksum: string | null;
      readonly refusals: readonly Refusal[];
      /** `inputs` and `options` are present only if the plan is written to a file. */
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
      /** True if the connection to delete no longer existed in Datadog. */
      readonly alreadyGone?: true;
    }
  | {
      readonly type: 'failed';
      readonly kind: ActionKind;
      readonly key: string;
      readonly ms: number;
      readonly attempts: number;
      readonly retries: number;
      /**
       * True if Datadog accepted the action but did not apply it. This event then revokes the earlier `applied` event.
       */
      readonly accepted?: true;
      readonly error: RequestError;
    }
  /** The action was not attempted. */
  | { readonly type: 'skipped'; readonly kind: ActionKind; readonly key: string; readonly ms: 0; readonly attempts: 0 }
  /** The progress of a part of the run that may take long. `done` and `total` are absent if unknown. */
  | { readonly type: 'progress'; readonly doing: string; readonly done?: number; readonly total?: number }
  /** A stop signal such as SIGINT arrived. connsync starts nothing new, and finishes and records what is in flight. */
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
   * The lockfile could not be written. `lines` contains the changed lines that should be in it; `removed` contains the
   * keys whose lines should be removed.
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

/** Returns a report function that sets the phase of problems that have none. */
export function inPhase(phase: Phase, report: Report): Report {
  return (event) => report(event.type === 'problem' ? { phase, ...event } : event);
}
