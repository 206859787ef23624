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

/** What a pass saw: its plan, or manifests from which there could be none. */
export type Pass = { readonly planned: Planned; readonly refusals: readonly Refusal[] } | { readonly read: Read };

/** The page as it stands, from what a run tells and what its passes saw. Built only where somebody asks for it. */
export interface Page {
  readonly report: Report;
  /** Told before the events of a pass. */
  begins(): void;
  /** Told after them. */
  saw(pass: Pass): void;
  document(): PageDocument;
  standing(): PageStatus;
}

/** So many problems are shown. */
const MOST_PROBLEMS = 200;

export function openPage({ kind, version, redact, draw, now }: PageOptions): Page {
  const inert = sanitizerWith(redact);
  const memory = openRowMemory();
  const told = openProblemLog();
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
    const connections = connectionsOf(planned, read, inert, memory);
    const problems = told.all();
    const shown = pageProblems(problems, connections, { draw, inert, redact, most: MOST_PROBLEMS });
    const { environment, site, org } = target;
    return {
      kind,
      version,
      target: { environment: inert(environment), site: inert(site), ...(org === undefined ? {} : { org: inert(org) }) },
      live,
      ...(plannedAt === undefined ? {} : { plannedAt: new Date(plannedAt).toISOString() }),
      ...(triedAt === undefined ? {} : { triedAt: new Date(triedAt).toISOString() }),
      ...(planned === undefined ? {} : { summary: summaryOf(planned.plan.summary) }),
      refusals: refusals.map((refusal) => displayedRefusal(refusal, inert)),
      problems: shown,
      moreProblems: problems.length - shown.length,
      connections,
    };
  };

  return {
    report: (event) => {
      history = withEvent(history, event, { now: now(), inert });
      told.report(event);
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
      told.begins();
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
    standing: () => statusOf(history),
  };
}

export function pageData(page: Page): PageData {
  return { document: page.document(), standing: page.standing() };
}

function displayedRefusal({ code, message, hint, keys }: Refusal, inert: (text: string) => string): PageRefusal {
  return { code, message: inert(message), hint: inert(hint), of: keys.map(idOf) };
}
