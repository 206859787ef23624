import type { Problem } from '../../core/diagnostic.ts';
import type { Compared, Phase, SyncEvent } from '../../core/event.ts';
import { escapeControl } from '../../core/escape-control.ts';
import type { Action, Plan } from '../../core/plan.ts';
import { planBody, planHeading, planSentence } from '../human/plan-text.ts';
import { problemLine, type DrawCodeFrame } from '../human/problem-text.ts';
import { duration, ACTION_KINDS, plural, styleFor, type Style } from '../human/style.ts';
import type { Reporter, Sinks, TerminalStyle } from '../reporter.ts';
import { openWatchFooter, type FooterState, type WatchFooter } from './footer.ts';
import { newsIn, NOTHING_REPORTED, reportedWith, type News, type Reported } from './news.ts';
import { actionLines, clockText, INDENT, KEY_HELP, newDriftLines, watchHeading, watchSummary } from './text.ts';
import { errorLines, outcomeLines, refusalLines } from './problem-lines.ts';

export interface WatchReporterOptions {
  readonly terminal: TerminalStyle;
  readonly folders: readonly string[];
  readonly applies: boolean;
  /** Whether the user can press keys. */
  readonly interactive: boolean;
  readonly draw: DrawCodeFrame;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** Views that the user can request. */
export interface WatchScreen {
  /** Prints the last good plan in full, or `other`, a plan that is about to be applied. */
  plan(other?: Plan): void;
  help(): void;
  /** Prints a line for the next plan even if nothing in it is new. */
  expect(): void;
  /** Shows a question in place of the footer. Undefined removes the question. */
  ask(question: string | undefined): void;
}

/** The maximum number of lines, and of errors, per plan on a terminal. Outputs other than terminals show everything. */
const MAX_LINES = 20;

type EventOf<Type extends SyncEvent['type']> = Extract<SyncEvent, { readonly type: Type }>;

/** Returns a reporter that prints the changes and problems that are new since the last plan, each with the time. */
export function watchReporter(
  sinks: Sinks,
  options: WatchReporterOptions,
): { readonly reporter: Reporter; readonly screen: WatchScreen } {
  const view = new WatchView(sinks, options);
  return {
    reporter: { report: (event) => view.report(event), close: async () => view.close() },
    screen: {
      plan: (other) => view.printPlan(other),
      help: () => view.print(`${KEY_HELP.map((text) => `  ${text}`).join('\n')}\n`),
      expect: () => view.expect(),
      ask: (question) => view.ask(question),
    },
  };
}

class WatchView {
  readonly #sinks: Sinks;
  readonly #options: WatchReporterOptions;
  readonly #style: Style;
  readonly #errStyle: Style;
  readonly #footer: WatchFooter;
  readonly #running = new Set<string>();
  /** Keys of the connections applied since the last plan. */
  readonly #applied = new Set<string>();
  #footerState: Omit<FooterState, 'running'> = { manifests: 0 };
  #compared: Compared = ['lockfile'];
  #loaded = { manifests: 0, entities: 0 };
  /** Actions, warnings and errors of the plan in progress. */
  #actions: Action[] = [];
  #warnings: Problem[] = [];
  #errors = 0;
  #last: { readonly event: EventOf<'planned'>; readonly actions: readonly Action[] } | undefined;
  #reported: Reported = NOTHING_REPORTED;
  /** Actions left to `connsync apply`: those already reported, and those of the plan in progress. */
  #reportedDeferred: ReadonlySet<string> = new Set();
  #deferred = new Set<string>();
  #isExpected = true;

  constructor(sinks: Sinks, options: WatchReporterOptions) {
    const { terminal, now } = options;
    this.#sinks = sinks;
    this.#options = options;
    this.#style = styleFor('out', terminal);
    this.#errStyle = styleFor('err', terminal);
    this.#footer = openWatchFooter(sinks, () => ({ ...this.#footerState, running: [...this.#running] }), {
      terminal,
      style: this.#errStyle,
      now,
    });
  }

  close(): void {
    this.#footer.close();
  }

  expect(): void {
    this.#isExpected = true;
  }

  print(text: string): void {
    this.#footer.above(() => this.#sinks.out(text));
  }

  printPlan(other?: Plan): void {
    if (this.#last === undefined) return this.#line('no plan yet');
    const { target, ms, refusals } = this.#last.event;
    const { actions, summary } = other ?? { actions: this.#last.actions, summary: this.#last.event.summary };
    const text = {
      command: 'plan',
      target,
      compared: this.#compared,
      ...this.#loaded,
      ms,
      actions,
      refusals: other === undefined ? refusals : [],
      summary,
    };
    this.print(`\n${planHeading(text, this.#style)}\n\n`);
    for (const piece of planBody(text, this.#style)) this.print(piece);
    this.print(`${planSentence(summary)}\n\n`);
  }

  ask(question: string | undefined): void {
    const { question: _, ...rest } = this.#footerState;
    this.#footerState = question === undefined ? rest : { ...rest, question };
    // If the question doesn't fit into the footer, it gets its own line.
    if (question !== undefined && !this.#footer.fits(question)) this.#line(question);
    this.#footer.redraw();
  }

  report(event: SyncEvent): void {
    switch (event.type) {
      case 'start':
        return this.#start(event);
      case 'files-changed':
        return this.expect();
      case 'loaded':
        return this.#load(event);
      case 'problem':
        return this.#problem(event.problem, event.phase ?? 'plan');
      case 'action':
        return void this.#actions.push(event.action);
      case 'planned':
        return this.#planned(event);
      case 'plan-skipped':
        return this.#planSkipped();
      case 'action-deferred':
        return this.#actionDeferred(event);
      case 'drift':
        return this.#lines(newDriftLines(event.connection, this.#style));
      case 'started':
        this.#running.add(event.key);
        return this.#footer.redraw();
      case 'applied':
      case 'failed':
      case 'skipped':
        return this.#outcome(event);
      case 'waiting':
        return this.#waiting(event);
      case 'rate-limit':
        this.#footerState = { ...this.#footerState, limit: event };
        return undefined;
      case 'scheduled':
        this.#footerState = { ...withoutWait(this.#footerState), dueAt: this.#options.now() + event.ms };
        return undefined;
      case 'stopping':
      case 'progress':
      case 'recorded':
      case 'file-written':
      case 'file-skipped':
      case 'drift-summary':
      case 'record-failed':
      case 'end':
        return undefined;
      default:
        return event satisfies never;
    }
  }

  #start({ target, compared }: EventOf<'start'>): void {
    const { terminal, folders, applies, interactive } = this.#options;
    this.#compared = compared;
    if (terminal.quiet) return;
    this.#sinks.out(`${watchHeading({ target, compared, folders, applies, interactive }, this.#style)}\n\n`);
  }

  #load(event: EventOf<'loaded'>): void {
    this.#loaded = event;
    this.#footerState = { ...this.#footerState, manifests: event.manifests };
    this.#actions = [];
  }

  /** Prints a problem: a warning of a plan when the plan ends, any other problem at once. */
  #problem(problem: Problem, phase: Phase): void {
    if (problem.severity === 'error') this.#error(problem);
    else if (phase === 'plan' && problem.code !== 'watch-incomplete') this.#warnings.push(problem);
    else this.#warning(problem);
  }

  #error(problem: Problem): void {
    const { terminal, draw } = this.#options;
    this.#errors += 1;
    if (terminal.live && this.#errors > MAX_LINES) return;
    this.#lines(errorLines(problem, draw(problem), this.#style));
  }

  #warning(problem: Problem): void {
    if (!this.#options.terminal.quiet) this.#lines(problemLine(problem, this.#style).trimEnd().split('\n'));
  }

  #planned(event: EventOf<'planned'>): void {
    this.#footerState = { ...withoutWait(this.#footerState), plannedAt: this.#options.now() };
    const plan = { actions: this.#actions, warnings: this.#warnings, refusals: event.refusals };
    this.#printNews(newsIn(plan, this.#reported, this.#applied), event);
    this.#reported = reportedWith(plan);
    this.#reportedDeferred = this.#deferred;
    this.#last = { event, actions: this.#actions };
    this.#isExpected = false;
    this.#deferred = new Set();
    this.#applied.clear();
    this.#endPlan();
  }

  #printNews({ actions, done, warnings, refusals }: News, { summary }: EventOf<'planned'>): void {
    const style = this.#style;
    const news = [
      ...actions.map((action) => () => this.#lines(actionLines(action, style))),
      ...done.map(
        (key) => () => this.#line(`${style.green(style.ok)} ${style.bold(escapeControl(key))}  nothing left to do`),
      ),
    ];
    const isFirst = this.#last === undefined;
    if ((isFirst || news.length === 0) && this.#isExpected)
      this.#line(`${style.green(style.ok)} ${watchSummary(this.#loaded.manifests, summary)}`);
    if (!isFirst) {
      const limit = this.#options.terminal.live ? MAX_LINES : news.length;
      for (const print of news.slice(0, limit)) print();
      if (news.length > limit) this.#line(style.dim(`and ${news.length - limit} more; press p for the full plan`));
    }
    for (const warning of warnings) this.#warning(warning);
    for (const refusal of refusals) this.#lines(refusalLines(refusal, style));
  }

  #planSkipped(): void {
    const style = this.#style;
    if (this.#options.terminal.live && this.#errors > MAX_LINES)
      this.#line(style.dim(`and ${plural(this.#errors - MAX_LINES, 'more error')}`));
    const text = this.#last === undefined ? 'no new plan' : 'no new plan; the last good plan is kept';
    this.print(`${INDENT}${style.dim(text)}\n`);
    this.#isExpected = true;
    this.#endPlan();
  }

  #endPlan(): void {
    this.#warnings = [];
    this.#errors = 0;
  }

  #actionDeferred({ kind, key }: EventOf<'action-deferred'>): void {
    const name = `${kind} ${key}`;
    this.#deferred.add(name);
    if (this.#reportedDeferred.has(name)) return;
    const style = this.#style;
    this.#line(
      `${style.yellow('!')} ${style.bold(escapeControl(key))}  ${ACTION_KINDS[kind].title} deferred: run connsync apply`,
    );
  }

  #outcome(event: EventOf<'applied' | 'failed' | 'skipped'>): void {
    this.#running.delete(event.key);
    if (event.type === 'applied') this.#applied.add(event.key);
    this.#isExpected = true;
    const file = this.#actions.find(({ key }) => key === event.key)?.file;
    this.#lines(outcomeLines(event, file, this.#style));
  }

  #waiting({ reason, ms }: EventOf<'waiting'>): void {
    const { live, quiet } = this.#options.terminal;
    this.#footerState = { ...this.#footerState, wait: { reason: escapeControl(reason), ms } };
    if (live || quiet) return;
    this.#sinks.err(`${this.#errStyle.dim(`waiting: ${escapeControl(reason)}, ${duration(ms)}`)}\n`);
  }

  #lines([first = '', ...below]: readonly string[]): void {
    this.#line(first, below);
  }

  #line(text: string, below: readonly string[] = []): void {
    const time = this.#style.dim(clockText(this.#options.now()));
    this.print([`${time}  ${text}\n`, ...below.map((more) => `${INDENT}${more}\n`)].join(''));
  }
}

function withoutWait<T extends { readonly wait?: unknown }>({ wait: _wait, ...rest }: T): Omit<T, 'wait'> {
  return rest;
}
