import { compact } from '../core/compact.ts';
import type { Problem } from '../core/diagnostic.ts';
import type { DriftedConnection, DriftSummary } from '../core/drift.ts';
import type { Compared, Counts, SyncEvent, Target } from '../core/event.ts';
import type { Action, Refusal, Summary } from '../core/plan.ts';
import type { InputHashes, PlanOptions } from '../core/review.ts';
import type { Reporter } from './reporter.ts';

type EventOf<Type extends SyncEvent['type']> = Extract<SyncEvent, { readonly type: Type }>;

export type Ended = EventOf<'end'>;
export type OutcomeEvent = EventOf<'applied' | 'failed' | 'skipped'>;

/** A plan without its actions, as the `planned` event reports it. */
export interface PlannedRecord {
  readonly summary: Summary;
  readonly checksum: string | null;
  readonly refusals: readonly Refusal[];
  /** Milliseconds since the run began. */
  readonly ms: number;
  readonly inputs?: InputHashes;
  readonly options?: PlanOptions;
}

/** Everything that one run has reported so far. Lists are empty, and members undefined, until the run reports them. */
export interface RunRecord {
  readonly command: string;
  /** The version of connsync. */
  readonly version: string;
  readonly target: Target;
  readonly compared: Compared;
  /** Numbers of files, documents and entities that were read. */
  readonly loaded: {
    readonly manifests: number;
    readonly connections: number;
    readonly entities: number;
    readonly ms: number;
  };
  readonly problems: readonly Problem[];
  readonly actions: readonly Action[];
  readonly planned: PlannedRecord | undefined;
  readonly outcomes: readonly OutcomeEvent[];
  /** Path of the lockfile, if the run wrote it. */
  readonly recorded: string | undefined;
  readonly written: readonly Omit<EventOf<'file-written'>, 'type'>[];
  readonly filesSkipped: readonly Omit<EventOf<'file-skipped'>, 'type'>[];
  readonly drift: readonly DriftedConnection[];
  readonly driftSummary: DriftSummary | undefined;
  readonly end: Ended | undefined;
}

/** A run that has ended. */
export interface EndedRun extends RunRecord {
  readonly end: Ended;
}

/** Collects the events of a run into a record. */
export interface RunRecorder {
  report(event: SyncEvent): void;
  /** Returns the record so far. Later events are added to the lists in it. */
  current(): RunRecord;
}

type Mutable<T> = { -readonly [Name in keyof T]: Name extends 'compared' ? T[Name] : MutableList<T[Name]> };
type MutableList<T> = T extends readonly (infer Item)[] ? Item[] : T;

export function openRunRecorder(): RunRecorder {
  const record: Mutable<RunRecord> = {
    command: '',
    version: '',
    target: { environment: 'default', site: '' },
    compared: ['lockfile'],
    loaded: { manifests: 0, connections: 0, entities: 0, ms: 0 },
    planned: undefined,
    recorded: undefined,
    driftSummary: undefined,
    end: undefined,
    problems: [],
    actions: [],
    outcomes: [],
    drift: [],
    written: [],
    filesSkipped: [],
  };
  return { report: (event) => addEvent(record, event), current: () => record };
}

function addEvent(record: Mutable<RunRecord>, event: SyncEvent): void {
  switch (event.type) {
    case 'start':
      [record.command, record.version] = [event.command, event.version];
      [record.target, record.compared] = [event.target, event.compared];
      break;
    case 'loaded':
      record.loaded = event;
      break;
    case 'problem':
      record.problems.push(event.problem);
      break;
    case 'action':
      record.actions.push(event.action);
      break;
    case 'planned':
      record.target = event.target;
      record.planned = plannedRecord(event);
      break;
    case 'applied':
    case 'failed':
    case 'skipped':
      if (event.type === 'failed' && event.accepted === true) takeBack(record.outcomes, event.key);
      record.outcomes.push(event);
      break;
    case 'drift':
      record.drift.push(event.connection);
      break;
    case 'drift-summary':
      [record.target, record.driftSummary] = [event.target, event.summary];
      break;
    case 'file-written':
      record.written.push(withoutType(event));
      break;
    case 'file-skipped':
      record.filesSkipped.push(withoutType(event));
      break;
    case 'recorded':
      record.recorded = event.file;
      break;
    case 'end':
      record.end = event;
      break;
    case 'files-changed':
    case 'plan-skipped':
    case 'action-deferred':
    case 'scheduled':
    case 'started':
    case 'stopping':
    case 'progress':
    case 'waiting':
    case 'rate-limit':
    case 'record-failed':
      break;
    default:
      event satisfies never;
  }
}

/** Removes the outcome of an action that Datadog accepted but did not carry out. */
function takeBack(outcomes: OutcomeEvent[], key: string): void {
  const index = outcomes.findLastIndex((outcome) => outcome.key === key);
  if (index >= 0) outcomes.splice(index, 1);
}

/** Returns a reporter that prints once, after the run has ended. */
export function reportAtEnd(print: (run: EndedRun) => void): Reporter {
  const recorder = openRunRecorder();
  return {
    report: (event) => {
      recorder.report(event);
      if (event.type === 'end') print({ ...recorder.current(), end: event });
    },
    close: async () => {},
  };
}

/** Returns the counts of an apply, or undefined if the run was not an apply or ended before applying. */
export function countsOf({ end }: RunRecord): Counts | undefined {
  if (end?.applied === undefined) return undefined;
  return { applied: end.applied, failed: end.failed ?? 0, skipped: end.skipped ?? 0 };
}

/** Returns the problems that are errors. */
export function errorsOf({ problems }: Pick<RunRecord, 'problems'>): readonly Problem[] {
  return problems.filter(({ severity }) => severity === 'error');
}

/** Returns the problems that are warnings. */
export function warningsOf({ problems }: Pick<RunRecord, 'problems'>): readonly Problem[] {
  return problems.filter(({ severity }) => severity === 'warning');
}

function plannedRecord({ summary, checksum, refusals, ms, inputs, options }: EventOf<'planned'>): PlannedRecord {
  return { summary, checksum, refusals, ms, ...compact({ inputs, options }) };
}

function withoutType<T extends { readonly type: string }>({ type: _type, ...rest }: T): Omit<T, 'type'> {
  return rest;
}
