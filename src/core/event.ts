import type { ExitCode, Problem } from './diagnostic.ts';
import type { DriftedConnection, DriftSummary } from './drift.ts';
import type { Action, ActionKind, Refusal, Summary } from './plan.ts';
import type { RequestError } from './ports.ts';
import type { InputHashes, PlanOptions } from './review.ts';

/** `poll`: between two plans of a watch, which observes files and Datadog; `apply`: recovery, requests and recording. */
export type Phase = 'plan' | 'poll' | 'apply';

/** One environment at one site and organisation. */
export interface Target {
  readonly environment: string;
  readonly site: string;
  /** The organisation's UUID; left out where unknown. */
  readonly org?: string;
}

/** What desired was held against: the lockfile alone, or what is live as well. */
export type Compared = readonly ['lockfile'] | readonly ['lockfile', 'live'];

/** How the actions of an apply ended: `skipped` were not attempted. */
export interface Counts {
  readonly applied: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Everything that a run tells, as it happens. Reporters turn events into text; nothing else prints.
 * With `--format ndjson` each becomes one flat line, with `run`, `seq` and `at` beside its members.
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
  /** Drift: one connection as all three sides have it. */
  | { readonly type: 'drift'; readonly connection: DriftedConnection }
  /** Drift: all of them were compared. */
  | { readonly type: 'drift-summary'; readonly target: Target; readonly summary: DriftSummary; readonly ms: number }
  /** A file was written: a manifest by import, accept or fmt, anything by init. `appended` are the lines that one got which stood there. */
  | {
      readonly type: 'file-written';
      readonly file: string;
      readonly key?: string;
      readonly appended?: readonly string[];
    }
  /** Init: a file stands there already, and is left as it is. */
  | { readonly type: 'file-skipped'; readonly file: string; readonly hint?: string }
  /** Watch: files were saved. */
  | { readonly type: 'files-changed'; readonly files: readonly string[] }
  /** Watch: what was saved has an error, or Datadog can't be asked. Nothing is planned, and the last plan stands. */
  | { readonly type: 'plan-skipped' }
  /** Watch: `--apply` leaves this action of the plan to somebody who looks at it. */
  | { readonly type: 'action-deferred'; readonly kind: ActionKind; readonly key: string }
  /** Watch: what is live is listed again in so many milliseconds. */
  | { readonly type: 'scheduled'; readonly ms: number }
  /** Manifests were read: numbers of files and documents, and the time it took. */
  | {
      readonly type: 'loaded';
      readonly manifests: number;
      readonly connections: number;
      readonly entities: number;
      readonly ms: number;
    }
  /** `phase`: the part of the run that found the problem; `plan` if it is left out. */
  | { readonly type: 'problem'; readonly problem: Problem; readonly phase?: Phase }
  | { readonly type: 'action'; readonly action: Action }
  /** A plan is complete. `target` now holds the organisation where Datadog told it. */
  | {
      readonly type: 'planned';
      readonly target: Target;
      readonly summary: Summary;
      readonly checksum: string | null;
      readonly refusals: readonly Refusal[];
      /** Only where the plan is kept in a file. */
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
      /** How many of the attempts repeated an earlier one. */
      readonly retries: number;
    }
  | {
      readonly type: 'failed';
      readonly kind: ActionKind;
      readonly key: string;
      readonly ms: number;
      readonly attempts: number;
      readonly retries: number;
      readonly error: RequestError;
    }
  /** Not attempted. */
  | { readonly type: 'skipped'; readonly kind: ActionKind; readonly key: string; readonly ms: 0; readonly attempts: 0 }
  /** A part of the run that may take long, and how far it has come where that is known. */
  | { readonly type: 'progress'; readonly doing: string; readonly done?: number; readonly total?: number }
  /** A signal came: nothing more is started, and what is in flight is finished and recorded. */
  | { readonly type: 'stopping' }
  /** The rate limit or a retry holds the run back, for so many milliseconds. */
  | { readonly type: 'waiting'; readonly reason: string; readonly ms: number }
  /** How much is left of the rate limit of that name; told a few times a second at most. */
  | {
      readonly type: 'rate-limit';
      readonly name: string;
      readonly remaining: number;
      readonly limit: number;
      readonly resetsInMs: number;
    }
  /** The lockfile could not be written: its lines as they would stand there, and the keys whose lines would go. */
  | {
      readonly type: 'record-failed';
      readonly file: string;
      readonly lines: readonly string[];
      readonly removed: readonly string[];
    }
  /** The lockfile was written. */
  | { readonly type: 'recorded'; readonly file: string; readonly connections: number }
  | ({ readonly type: 'end'; readonly exitCode: ExitCode; readonly summary?: Summary } & Partial<Counts>);

/** Is told of everything that happens, in order and at once. It must not throw. */
export type Report = (event: SyncEvent) => void;

/** Returns a report that puts problems without a phase into this one. */
export function inPhase(phase: Phase, report: Report): Report {
  return (event) => report(event.type === 'problem' ? { phase, ...event } : event);
}
