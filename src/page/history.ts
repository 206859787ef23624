import { compact } from '../core/compact.ts';
import type { SyncEvent } from '../core/event.ts';
import type { Summary } from '../core/plan.ts';
import type { PageLimit, PageRun, PageStatus, PageSummary } from './document.ts';

/** Maximum number of runs kept, and of changed files listed per run. */
export const MAX_RUNS = 100;
const MAX_FILES = 5;
/** Maximum number of rate limits kept. Their names come from the server, so their number is not bounded otherwise. */
const MAX_LIMITS = 8;

/** The runs so far, as shown on the page. */
export interface History {
  readonly runs: readonly PageRun[];
  readonly limits: readonly PageLimit[];
  readonly running: readonly string[];
  readonly dueAt?: string;
  readonly waiting?: string;
  /** Names of the files that changed since the last plan. */
  readonly files: readonly string[];
  readonly errors: number;
  /** The checksum of the newest plan, to detect that the next plan is the same. */
  readonly checksum?: string | null;
}

export const NO_HISTORY: History = { runs: [], limits: [], running: [], files: [], errors: 0 };

export interface Moment {
  /** The current time in milliseconds since the epoch. */
  readonly now: number;
  readonly sanitize: (text: string) => string;
}

/** Returns the history with one more event. Keeps only the newest runs, so that the history stays small. */
export function withEvent(history: History, event: SyncEvent, { now, sanitize }: Moment): History {
  const at = toIso(now);
  switch (event.type) {
    case 'files-changed':
      return { ...history, files: [...history.files, ...event.files.map(sanitize)] };
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
        name: sanitize(key),
        state,
        changes: changes.length,
        ...(updatedBy === undefined ? {} : { by: sanitize(updatedBy) }),
        ...(updatedAt === undefined ? {} : { on: sanitize(updatedAt) }),
      });
    }
    case 'started':
      return { ...history, running: [...history.running, sanitize(event.key)] };
    case 'applied':
    case 'failed':
    case 'skipped':
      return ended(history, event, { at, sanitize });
    case 'waiting':
      return { ...history, waiting: sanitize(event.reason) };
    case 'scheduled':
      return { ...withoutWait(history), dueAt: toIso(now + event.ms) };
    case 'rate-limit': {
      const { remaining, limit, resetsInMs } = event;
      const name = sanitize(event.name);
      const others = history.limits.filter((other) => other.name !== name);
      const reportedLimit = { name, remaining, limit, at, resetsAt: toIso(now + resetsInMs) };
      return { ...history, limits: [reportedLimit, ...others].slice(0, MAX_LIMITS) };
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
    ...compact({ dueAt, waiting }),
  };
}

/** Returns the counts that the page shows. A replace counts as one added and one destroyed, as in a plan's summary. */
export function summaryOf({ create, update, replace, adopt, forget, ...rest }: Summary): PageSummary {
  return { add: create + replace, change: update, destroy: rest.delete + replace, record: adopt + forget };
}

/** Adds a plan to the history. A drift check that gives the same plan again only updates the previous run. */
function planned(history: History, event: Extract<SyncEvent, { readonly type: 'planned' }>, at: string): History {
  const { files, checksum } = history;
  const rest = { files: [], errors: 0, checksum: event.checksum };
  const refused = event.refusals.length;
  // Skips drift runs, because the drift of a plan is reported after the plan itself.
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
    files: files.slice(0, MAX_FILES),
    moreFiles: Math.max(0, files.length - MAX_FILES),
    again: 0,
  };
  return { ...withRun(history, run), ...rest };
}

/** Adds the outcome of an action. Consecutive outcomes belong to one apply; the next plan begins a new run. */
function ended(
  history: History,
  { type, key }: Extract<SyncEvent, { readonly type: 'applied' | 'failed' | 'skipped' }>,
  { at, sanitize }: { readonly at: string; readonly sanitize: Moment['sanitize'] },
): History {
  const name = sanitize(key);
  const running = history.running.filter((other) => other !== name);
  const [newest, ...older] = history.runs;
  const apply = newest?.kind === 'apply' ? newest : { at, kind: 'apply' as const, applied: 0, failed: 0, skipped: 0 };
  const withOutcome = { ...apply, [type]: apply[type] + 1 };
  if (newest?.kind === 'apply') return { ...history, running, runs: [withOutcome, ...older] };
  return { ...withRun(history, withOutcome), running };
}

function withRun(history: History, run: PageRun): History {
  return { ...history, runs: [run, ...history.runs].slice(0, MAX_RUNS) };
}

function withoutWait(history: History): History {
  const { waiting: _, ...rest } = history;
  return rest;
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
