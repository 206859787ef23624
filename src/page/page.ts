import type { Report, Target } from '../core/event.ts';
import type { Refusal } from '../core/plan.ts';
import { connectionsOf, idOf, openRowMemory, type Planned, type Read } from './connections.ts';
import type { PageData, PageDocument, PageRefusal, PageStatus } from './document.ts';
import { NO_HISTORY, statusOf, summaryOf, withEvent } from './history.ts';
import { sanitizerWith } from './sanitize.ts';
import { pageProblems, type DrawFrame } from './problems.ts';
import { openProblemLog } from './problem-log.ts';

export interface PageOptions {
  readonly kind: PageDocument['kind'];
  readonly version: string;
  readonly redact: (text: string) => string;
  readonly draw: DrawFrame;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The inputs of a pass: its plan, or manifests from which no plan could be made. */
export type Pass = { readonly planned: Planned; readonly refusals: readonly Refusal[] } | { readonly read: Read };

/** Builds the page's data from the events and passes of a run, on demand. */
export interface Page {
  readonly report: Report;
  /** Called before the events of a pass. */
  begins(): void;
  /** Called after them. */
  saw(pass: Pass): void;
  document(): PageDocument;
  status(): PageStatus;
}

/** Maximum number of problems shown. */
const MAX_PROBLEMS = 200;

export function openPage({ kind, version, redact, draw, now }: PageOptions): Page {
  const sanitize = sanitizerWith(redact);
  const memory = openRowMemory();
  const problemLog = openProblemLog();
  let history = NO_HISTORY;
  let target: Target = { environment: 'default', site: '' };
  let live = false;
  let planned: Planned | undefined;
  let refusals: readonly Refusal[] = [];
  let read: Read | undefined;
  let plannedAt: number | undefined;
  let triedAt: number | undefined;
  let built: PageDocument | undefined;

  const build = (): PageDocument => {
    const connections = connectionsOf(planned, read, sanitize, memory);
    const problems = problemLog.all();
    const shown = pageProblems(problems, connections, { draw, sanitize, redact, maxProblems: MAX_PROBLEMS });
    const { environment, site, org } = target;
    return {
      kind,
      version,
      target: {
        environment: sanitize(environment),
        site: sanitize(site),
        ...(org === undefined ? {} : { org: sanitize(org) }),
      },
      live,
      ...(plannedAt === undefined ? {} : { plannedAt: new Date(plannedAt).toISOString() }),
      ...(triedAt === undefined ? {} : { triedAt: new Date(triedAt).toISOString() }),
      ...(planned === undefined ? {} : { summary: summaryOf(planned.plan.summary) }),
      refusals: refusals.map((refusal) => displayedRefusal(refusal, sanitize)),
      problems: shown,
      moreProblems: problems.length - shown.length,
      connections,
    };
  };

  return {
    report: (event) => {
      history = withEvent(history, event, { now: now(), sanitize });
      problemLog.report(event);
      if (event.type === 'start') {
        ({ target } = event);
        live = event.compared.length === 2;
      } else if (event.type === 'planned' || event.type === 'plan-skipped') {
        triedAt = event.type === 'plan-skipped' ? now() : undefined;
        if (event.type === 'planned') {
          ({ target } = event);
          plannedAt = now();
        }
      } else if (event.type !== 'problem') return;
      built = undefined;
    },
    begins: () => {
      problemLog.begins();
      history = { ...history, errors: 0 };
    },
    saw: (pass) => {
      if ('planned' in pass) {
        ({ planned, refusals } = pass);
        read = undefined;
      } else ({ read } = pass);
      built = undefined;
    },
    document: () => (built ??= build()),
    status: () => statusOf(history),
  };
}

export function pageData(page: Page): PageData {
  return { document: page.document(), status: page.status() };
}

function displayedRefusal({ code, message, hint, keys }: Refusal, sanitize: (text: string) => string): PageRefusal {
  return { code, message: sanitize(message), hint: sanitize(hint), of: keys.map(idOf) };
}
