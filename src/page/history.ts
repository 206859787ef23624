import type { SyncEvent } from '../core/event.ts';
import type { Summary } from '../core/plan.ts';
import type { PageLimit, PageRun, PageStatus, PageSummary } from './document.ts';

/** So many runs are kept, and so many files of one are named. */
export const MOST_RUNS = 100;
const MOST_FILES = 5;
/** Rate limits have the names that a server gives them. */
const MOST_LIMITS = 8;

/** What happened so far, as far as the page tells it. */
export interface History {
  readonly runs: readonly PageRun[];
  readonly limits: readonly PageLimit[];
  readonly running: readonly string[];
  readonly dueAt?: string;
  readonly waiting?: string;
  /** Since the last plan. */
  readonly files: readonly string[];
  readonly errors: number;
  /** Of the plan that the newest run is. */
  readonly checksum?: string | null;
}

export const NO_HISTORY: History = { runs: [], limits: [], running: [], files: [], errors: 0 };

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly inert: (text: string) => string;
}

/** The history with one event more. Only the last runs are kept, so that it stays as small after a week as after a minute. */
export function withEvent(history: History, event: SyncEvent, { now, inert }: Moment): History {
  const at = isoOf(now);
  switch (event.type) {
    case 'files-changed':
      return { ...history, files: [...history.files, ...event.files.map(inert)] };
    case 'problem':
      return event.problem.severity === 'error' ? { ...history, errors: history.errors + 1 } : history;
    case 'planned':
      return planned(withoutWait(history), event, at);
    case 'plan-skipped': {
      const run: PageRun = { at, kind: 'plan-skipped', errors: history.errors };
      return { ...withRun(withoutWait(history), run), files: [], errors: 0 };
    }
    case 'drift': {
      const { key, state, changes, updatedBy, updatedAt } = event.connection;
      return withRun(history, {
        at,
        kind: 'drift',
        name: inert(key),
        state,
        changes: changes.length,
        ...(updatedBy === undefined ? {} : { by: inert(updatedBy) }),
        ...(updatedAt === undefined ? {} : { on: inert(updatedAt) }),
      });
    }
    case 'started':
      return { ...history, running: [...history.running, inert(event.key)] };
    case 'applied':
    case 'failed':
    case 'skipped':
      return ended(history, event, { at, inert });
    case 'waiting':
      return { ...history, waiting: inert(event.reason) };
    case 'scheduled':
      return { ...withoutWait(history), dueAt: isoOf(now + event.ms) };
    case 'rate-limit': {
      const { remaining, limit, resetsInMs } = event;
      const name = inert(event.name);
      const others = history.limits.filter((other) => other.name !== name);
      const told = { name, remaining, limit, at, resetsAt: isoOf(now + resetsInMs) };
      return { ...history, limits: [told, ...others].slice(0, MOST_LIMITS) };
    }
    case 'start':
    case 'stopping':
    case 'progress':
    case 'file-skipped':
    case 'action-deferred':
    case 'drift-summary':
    case 'file-written':
    case 'loaded':
    case 'action':
    case 'recorded':
    case 'record-failed':
    case 'end':
      return history;
    default:
      return event satisfies never;
  }
}

export function statusOf({ runs, limits, running, dueAt, waiting }: History): PageStatus {
  return {
    runs,
    limits: limits.toSorted((a, b) => a.remaining / a.limit - b.remaining / b.limit),
    running,
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

/** A replace counts as one added and one destroyed, as in the sentence of a plan. */
export function summaryOf({ create, update, replace, adopt, forget, ...rest }: Summary): PageSummary {
  return { add: create + replace, change: update, destroy: rest.delete + replace, record: adopt + forget };
}

/** A look at what is live that brought the same plan again is no run of its own. */
function planned(history: History, event: Extract<SyncEvent, { readonly type: 'planned' }>, at: string): History {
  const { files, checksum } = history;
  const rest = { files: [], errors: 0, checksum: event.checksum };
  const refused = event.refusals.length;
  // Drift is told after the plan that saw it.
  const last = history.runs.findIndex(({ kind }) => kind !== 'drift');
  const before = history.runs[last];
  const isSame = files.length === 0 && checksum === event.checksum;
  if (before?.kind === 'plan' && isSame && before.refused === refused)
    return { ...history, ...rest, runs: history.runs.with(last, { ...before, again: before.again + 1, until: at }) };
  const run: PageRun = {
    at,
    kind: 'plan',
    summary: summaryOf(event.summary),
    refused,
    files: files.slice(0, MOST_FILES),
    moreFiles: Math.max(0, files.length - MOST_FILES),
    again: 0,
  };
  return { ...withRun(history, run), ...rest };
}

/** Outcomes that follow each other are those of one apply: the next plan is a run of its own. */
function ended(
  history: History,
  { type, key }: Extract<SyncEvent, { readonly type: 'applied' | 'failed' | 'skipped' }>,
  { at, inert }: { readonly at: string; readonly inert: Moment['inert'] },
): History {
  const name = inert(key);
  const running = history.running.filter((other) => other !== name);
  const [newest, ...older] = history.runs;
  const apply = newest?.kind === 'apply' ? newest : { at, kind: 'apply' as const, applied: 0, failed: 0, skipped: 0 };
  const counted = { ...apply, [type]: apply[type] + 1 };
  if (newest?.kind === 'apply') return { ...history, running, runs: [counted, ...older] };
  return { ...withRun(history, counted), running };
}

function withRun(history: History, run: PageRun): History {
  return { ...history, runs: [run, ...history.runs].slice(0, MOST_RUNS) };
}

function withoutWait(history: History): History {
  const { waiting: _, ...rest } = history;
  return rest;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
