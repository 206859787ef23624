export { canonicalSpec, type LooseSpec } from './core/canonical.ts';
export type { Code } from './core/codes.ts';
export type {
  DesiredConnection,
  Field,
  Key,
  LiveConnection,
  Place,
  RecordedConnection,
  Spec,
} from './core/connection.ts';
export { Failure, type ExitCode, type FailureOptions, type Problem } from './core/diagnostic.ts';
export type { Compared, Counts, Report, SyncEvent, Target } from './core/event.ts';
export { guard, type Guarded, type GuardOptions } from './core/guard.ts';
export { parseLockfile, printLockfile, type Lockfile } from './core/lockfile.ts';
export type { MaxDeletes } from './core/max-deletes.ts';
export type { Action, ActionKind, Cause, Change, Plan, Refusal, Summary } from './core/plan.ts';
export { checksumOf, planActions, type DecisionMemory, type Views } from './core/planner.ts';
export type * from './core/ports.ts';
export type { Inputs, PlanOptions, Reviewed } from './core/review.ts';
export type { OnDrift } from './core/transition.ts';
export { parseList } from './datadog/wire.ts';
export { readManifests, type Manifests } from './manifest/read-all.ts';
export {
  reconcile,
  type Access,
  type ApplyOptions,
  type Reconciled,
  type ReconcileOptions,
} from './reconcile/plan-pass.ts';
