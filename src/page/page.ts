import { compact } from '../core/compact.ts';
import type { Problem } from '../core/diagnostic.ts';
import type { Report, SyncEvent, Target } from '../core/event.ts';
import type { Refusal } from '../core/plan.ts';
import { connectionsOf, idOf, openRowMemory, type Planned, type BrokenPlan } from './connections.ts';
import type { PageConnection, PageData, PageDocument, PageRefusal, PageStatus } from './document.ts';
import { NO_HISTORY, statusOf, summaryOf, withEvent } from './history.ts';
import { sanitizerWith } from './sanitize.ts';
import { pageProblems, type DrawFrame } from './problems.ts';
import { openProblemLog } from './problem-log.ts';

export interface PageOptions {
  readonly kind: PageDocument['kind'];
  readonly version: string;
  readonly redact: (text: string) => string;
  readonly draw: DrawFrame;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a planning pass produced: a plan, or manifests from which no plan could be made. */
export type Pass = { readonly planned: Planned; readonly refusals: readonly Refusal[] } | { readonly read: BrokenPlan };

/** Builds the page's data from the events and passes of a run, on demand. */
export interface Page {
  readonly report: Report;
  /** Call this before each pass starts reporting events. */
  begins(): void;
  /** Call this with the result of a pass, after the pass has reported its events. */
  saw(pass: Pass): void;
  document(): PageDocument;
  status(): PageStatus;
}

/** Maximum number of problems shown. */
const MAX_PROBLEMS = 200;

export function openPage(options: PageOptions): Page {
  const { redact, now } = options;
  const sanitize = sanitizerWith(redact);
  const memory = openRowMemory();
  const problemLog = openProblemLog();
  let history = NO_HISTORY;
  let state: State = { target: { environment: 'default', site: '' }, live: false, refusals: [] };
  let built: PageDocument | undefined;

  return {
    report: (event) => {
      history = withEvent(history, event, { now: now(), sanitize });
      problemLog.report(event);
      const next = stateAfter(state, event, now);
      if (next === state && event.type !== 'problem') return;
      state = next;
      built = undefined;
    },
    begins: () => {
      problemLog.begins();
      history = { ...history, errors: 0 };
    },
    saw: (pass) => {
      if ('planned' in pass) state = { ...state, planned: pass.planned, refusals: pass.refusals, read: undefined };
      else state = { ...state, read: pass.read };
      built = undefined;
    },
    document: () =>
      (built ??= documentOf(state, {
        ...options,
        sanitize,
        connections: connectionsOf(state.planned, state.read, sanitize, memory),
        problems: problemLog.all(),
      })),
    status: () => statusOf(history),
  };
}

/** The state that the page has collected from events and passes. */
interface State {
  readonly target: Target;
  /** Whether the run compares with Datadog, and not only with the lockfile. */
  readonly live: boolean;
  readonly planned?: Planned | undefined;
  readonly refusals: readonly Refusal[];
  /** The manifests of the last pass, if no plan could be made from them. */
  readonly read?: BrokenPlan | undefined;
  readonly plannedAt?: number | undefined;
  readonly triedAt?: number | undefined;
}

/** Returns the state after an event. It is the same object if the event changes nothing. */
function stateAfter(state: State, event: SyncEvent, now: () => number): State {
  switch (event.type) {
    case 'start':
      return { ...state, target: event.target, live: event.compared.length === 2 };
    case 'planned':
      return { ...state, target: event.target, plannedAt: now(), triedAt: undefined };
    case 'plan-skipped':
      return { ...state, triedAt: now() };
    default:
      return state;
  }
}

interface Parts extends PageOptions {
  readonly sanitize: (text: string) => string;
  readonly connections: readonly PageConnection[];
  readonly problems: readonly Problem[];
}

function documentOf(
  state: State,
  { kind, version, redact, draw, sanitize, connections, problems }: Parts,
): PageDocument {
  const { target, live, planned, refusals, plannedAt, triedAt } = state;
  const shown = pageProblems(problems, connections, { draw, sanitize, redact, maxProblems: MAX_PROBLEMS });
  return {
    kind,
    version,
    target: displayedTarget(target, sanitize),
    live,
    ...compact({
      plannedAt: plannedAt === undefined ? undefined : new Date(plannedAt).toISOString(),
      triedAt: triedAt === undefined ? undefined : new Date(triedAt).toISOString(),
      summary: planned === undefined ? undefined : summaryOf(planned.plan.summary),
    }),
    refusals: refusals.map((refusal) => displayedRefusal(refusal, sanitize)),
    problems: shown,
    moreProblems: problems.length - shown.length,
    connections,
  };
}

export function pageData(page: Page): PageData {
  return { document: page.document(), status: page.status() };
}

function displayedTarget({ environment, site, org }: Target, sanitize: (text: string) => string): Target {
  const shown = { environment: sanitize(environment), site: sanitize(site) };
  return org === undefined ? shown : { ...shown, org: sanitize(org) };
}

function displayedRefusal({ code, message, hint, keys }: Refusal, sanitize: (text: string) => string): PageRefusal {
  return { code, message: sanitize(message), hint: sanitize(hint), of: keys.map(idOf) };
}
