import { problemIdentity, type Problem } from '../../core/diagnostic.ts';
import type { Compared, SyncEvent, Target } from '../../core/event.ts';
import type { Action, Plan, Refusal, Summary } from '../../core/plan.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { failureBlock, outcomeLine } from '../human/apply-text.ts';
import { planBody, planHeading, planSentence } from '../human/plan-text.ts';
import { problemLine, type DrawFrame } from '../human/problem-text.ts';
import type { TerminalStyle, Reporter, Sinks } from '../reporter.ts';
import { duration, KINDS, plural, styleFor } from '../human/style.ts';
import { openWatchFooter, type Standing } from './footer.ts';
import { actionLines, clockText, driftLines, INDENT, KEY_HELP, summaryText, watchHeading } from './text.ts';

export interface WatchReporterOptions {
  readonly terminal: TerminalStyle;
  readonly folders: readonly string[];
  readonly applies: boolean;
  /** Somebody can press keys. */
  readonly interactive: boolean;
  readonly draw: DrawFrame;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a person can ask to see. */
export interface Screen {
  /** The last good plan, in full; or another one, that is about to be applied. */
  plan(instead?: Plan): void;
  help(): void;
  /** The next plan is told even where nothing in it is new. */
  expect(): void;
  /** Shows a question in place of the footer, until it is answered. */
  ask(question: string | undefined): void;
}

/** On a terminal so many lines of one plan are told, and so many errors; off one nothing is left out. */
const MOST_TOLD = 20;

type Planned = Extract<SyncEvent, { readonly type: 'planned' }>;

/** What a watch tells a person: a line with its time for everything that is new, and nothing for what is not. */
export function watchReporter(
  sinks: Sinks,
  { terminal, folders, applies, interactive, draw, now }: WatchReporterOptions,
): { readonly reporter: Reporter; readonly screen: Screen } {
  const { out, err } = sinks;
  const style = styleFor('out', terminal);
  const aside = styleFor('err', terminal);
  const running = new Set<string>();
  /** What was applied since the last plan: that it is not in the next one is no news. */
  const done = new Set<string>();
  let actions: Action[] = [];
  let warnings: Problem[] = [];
  let loaded = { manifests: 0, entities: 0 };
  let compared: Compared = ['lockfile'];
  let last: { readonly event: Planned; readonly actions: readonly Action[] } | undefined;
  let told: Told = { actions: new Map(), problems: new Set(), held: new Set() };
  let heldNow = new Set<string>();
  let errors = 0;
  /** From what was read to the plan of it: until then warnings wait. */
  let planning = false;
  let expected = true;
  let standing: Omit<Standing, 'running'> = { manifests: 0 };

  const footer = openWatchFooter(sinks, () => ({ ...standing, running: [...running] }), {
    terminal,
    style: aside,
    now,
  });
  const line = (text: string, below: readonly string[] = []): void =>
    footer.above(() =>
      out([`${style.dim(clockText(now()))}  ${text}\n`, ...below.map((more) => `${INDENT}${more}\n`)].join('')),
    );
  const lines = ([first = '', ...below]: readonly string[]): void => line(first, below);

  const reportError = (problem: Problem): void => {
    errors += 1;
    if (terminal.live && errors > MOST_TOLD) return;
    // The frame says the hint beside its mark.
    const frame = draw(problem);
    const { hint: _, ...bare } = problem;
    const [first = '', ...more] = problemLine(frame === undefined ? problem : bare, style)
      .trimEnd()
      .split('\n');
    line(first, [...more, ...(frame === undefined ? [] : frame.split('\n'))]);
  };

  const reportWarning = (problem: Problem): void => {
    if (!terminal.quiet) lines(problemLine(problem, style).trimEnd().split('\n'));
  };

  const reportPlan = (event: Planned): void => {
    const before = told;
    const fresh = actions.filter(({ key, digest }) => before.actions.get(key) !== digest);
    const now = new Set(actions.map(({ key }) => key));
    const gone = [...before.actions.keys()].filter((key) => !now.has(key) && !done.has(key));
    done.clear();
    told = {
      actions: new Map(actions.map(({ key, digest }) => [key, digest])),
      problems: new Set([...warnings.map(problemIdentity), ...event.refusals.map(({ message }) => message)]),
      // Held back once more, after it was not, is news.
      held: heldNow,
    };
    const news = [
      ...fresh.map((action) => () => lines(actionLines(action, style))),
      ...gone.map((key) => () => settled(key)),
    ];
    if (last === undefined || news.length === 0) {
      if (expected) line(`${style.green(style.ok)} ${summaryText(loaded.manifests, event.summary)}`);
    }
    if (last !== undefined) {
      const most = terminal.live ? MOST_TOLD : news.length;
      for (const tell of news.slice(0, most)) tell();
      if (news.length > most) line(style.dim(`and ${news.length - most} more; press p for the plan in full`));
    }
    for (const warning of warnings) if (!before.problems.has(problemIdentity(warning))) reportWarning(warning);
    for (const refusal of event.refusals) if (!before.problems.has(refusal.message)) lines(refusalLines(refusal));
    last = { event, actions };
    expected = false;
    errors = 0;
    heldNow = new Set();
  };

  const settled = (key: string): void =>
    line(`${style.green(style.ok)} ${style.bold(escapeControl(key))}  nothing left to do`);

  const refusalLines = ({ message, hint }: Refusal): readonly string[] => [
    `${style.red('An apply would be refused:')} ${escapeControl(message)}`,
    `${style.next} ${escapeControl(hint)}`,
  ];

  const reportDeferred = (kind: Action['kind'], key: string): void => {
    const name = `${kind} ${key}`;
    heldNow.add(name);
    if (!told.held.has(name))
      line(
        `${style.yellow('!')} ${style.bold(escapeControl(key))}  ${KINDS[kind].title} held back: run connsync apply`,
      );
  };

  const reportOutcome = (event: Extract<SyncEvent, { readonly type: 'applied' | 'failed' | 'skipped' }>): void => {
    running.delete(event.key);
    if (event.type === 'applied') done.add(event.key);
    expected = true;
    const [first = ''] = outcomeLine(event, 0, style).split('\n');
    const file = actions.find(({ key }) => key === event.key)?.file;
    const [, , next = ''] = event.type === 'failed' ? failureBlock({ ...event, file }, style).split('\n') : [];
    line(first, next === '' ? [] : [next.trim()]);
  };

  const reporter: Reporter = {
    report: (event) => {
      switch (event.type) {
        case 'start':
          ({ compared } = event);
          if (!terminal.quiet)
            out(`${watchHeading({ target: event.target, compared, folders, applies, interactive }, style)}\n\n`);
          break;
        case 'files-changed':
          expected = true;
          break;
        case 'loaded':
          loaded = event;
          standing = { ...standing, manifests: event.manifests };
          [actions, warnings] = [[], []];
          planning = true;
          break;
        case 'problem':
          if (event.problem.severity === 'error') reportError(event.problem);
          else if (planning) warnings.push(event.problem);
          else reportWarning(event.problem);
          break;
        case 'action':
          actions.push(event.action);
          break;
        case 'planned':
          planning = false;
          standing = { ...withoutWait(standing), plannedAt: now() };
          reportPlan(event);
          break;
        case 'plan-skipped':
          if (terminal.live && errors > MOST_TOLD) line(style.dim(`and ${plural(errors - MOST_TOLD, 'more error')}`));
          footer.above(() =>
            out(
              `${INDENT}${style.dim(last === undefined ? 'nothing planned' : 'nothing planned; last good plan kept')}\n`,
            ),
          );
          planning = false;
          errors = 0;
          expected = true;
          break;
        case 'action-deferred':
          reportDeferred(event.kind, event.key);
          break;
        case 'drift':
          lines(driftLines(event.connection, style));
          break;
        case 'started':
          running.add(event.key);
          footer.redraw();
          break;
        case 'applied':
        case 'failed':
        case 'skipped':
          reportOutcome(event);
          break;
        case 'waiting':
          standing = { ...standing, wait: { reason: escapeControl(event.reason), ms: event.ms } };
          if (!terminal.live && !terminal.quiet)
            err(`${aside.dim(`waiting: ${escapeControl(event.reason)}, ${duration(event.ms)}`)}\n`);
          break;
        case 'rate-limit':
          standing = { ...standing, limit: event };
          break;
        case 'scheduled':
          standing = { ...withoutWait(standing), dueAt: now() + event.ms };
          break;
        case 'stopping':
        case 'progress':
        case 'recorded':
        case 'file-written':
        case 'file-skipped':
        case 'drift-summary':
        case 'record-failed':
        case 'end':
          break;
        default:
          event satisfies never;
      }
    },
    close: async () => footer.close(),
  };

  const screen: Screen = {
    plan: (instead) => {
      if (last === undefined) return line('nothing planned yet');
      const { event } = last;
      const summary: Summary = instead?.summary ?? event.summary;
      const shown = instead?.actions ?? last.actions;
      const refusals = instead === undefined ? event.refusals : [];
      const text = { command: 'plan', compared, ...loaded, actions: shown, refusals, summary };
      const { target, ms }: { target: Target; ms: number } = event;
      footer.above(() => {
        out(`\n${planHeading({ ...text, target, ms }, style)}\n\n`);
        for (const piece of planBody({ ...text, target, ms }, style)) out(piece);
        out(`${planSentence(summary)}\n\n`);
      });
    },
    help: () => footer.above(() => out(`${KEY_HELP.map((text) => `  ${text}`).join('\n')}\n`)),
    expect: () => {
      expected = true;
    },
    ask: (question) => {
      const { question: _, ...rest } = standing;
      standing = question === undefined ? rest : { ...rest, question };
      // Where there is no line at the bottom, or none that has room for it, nobody would see what is waited for.
      if (question !== undefined && !footer.fits(question)) line(question);
      footer.redraw();
    },
  };
  return { reporter, screen };
}

/** What was told already, so that it is told once. */
interface Told {
  readonly actions: ReadonlyMap<string, string>;
  readonly problems: ReadonlySet<string>;
  readonly held: ReadonlySet<string>;
}

function withoutWait(standing: Omit<Standing, 'running'>): Omit<Standing, 'running'> {
  const { wait: _, ...rest } = standing;
  return rest;
}
