import type { Problem } from '../../core/diagnostic.ts';
import type { Compared, SyncEvent, Target } from '../../core/event.ts';
import type { DriftedConnection } from '../../core/drift.ts';
import type { Action, ActionKind, Refusal } from '../../core/plan.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { applySentence, failureBlock, isComplete, outcomeLine, type FailedAction } from './apply-text.ts';
import { driftText } from './drift-text.ts';
import { openProgressLine } from './progress-line.ts';
import { planBody, planHeading, planSentence } from './plan-text.ts';
import { loadFrames, problemBlocks, problemLine } from './problem-text.ts';
import type { TerminalStyle, Reporter, Sinks } from '../reporter.ts';
import { duration, plural, styleFor } from './style.ts';

/** Warnings of one code that are told one by one; the rest is a number. */
const WARNINGS_TOLD = 10;

/** What a person reads: the plan and the outcomes on stdout, warnings, progress and errors on stderr. */
export function humanReporter(sinks: Sinks, terminal: TerminalStyle): Reporter {
  const answer = styleFor('out', terminal);
  const aside = styleFor('err', terminal);
  const footer = openProgressLine(sinks, terminal, aside);
  const out = (text: string): void => footer.above(() => sinks.out(text));
  const err = (text: string): void => footer.above(() => sinks.err(text));
  const actions: Action[] = [];
  const connections: DriftedConnection[] = [];
  const warnings: Problem[] = [];
  const errors: Problem[] = [];
  const failures: FailedAction[] = [];
  const done = new Map<ActionKind, number>();
  let command = '';
  let target: Target = { environment: 'default', site: '' };
  let compared: Compared = ['lockfile'];
  let loaded = { manifests: 0, connections: 0, entities: 0, ms: 0 };
  let refusals: readonly Refusal[] = [];
  let planned = false;
  let width = 0;
  let written = 0;
  let recorded: string | undefined;
  let end: Extract<SyncEvent, { readonly type: 'end' }> | undefined;

  const reportWarnings = (): void => {
    if (terminal.quiet) return;
    for (const text of warningTexts(warnings.splice(0), (warning) => problemLine(warning, aside))) err(text);
  };

  const reportPlan = (event: Extract<SyncEvent, { readonly type: 'planned' }>): void => {
    planned = true;
    ({ refusals, target } = event);
    reportWarnings();
    // What refuses an apply is its error, and told as one at the end.
    const shown = command === 'apply' ? [] : refusals;
    const text = {
      command,
      target,
      compared,
      ...loaded,
      ms: event.ms,
      actions,
      refusals: shown,
      summary: event.summary,
    };
    out(`${planHeading(text, answer)}\n\n`);
    for (const piece of inPieces(planBody(text, answer))) out(piece);
    out(`${planSentence(event.summary)}\n`);
  };

  const reportOutcome = (event: Extract<SyncEvent, { readonly type: 'applied' | 'failed' | 'skipped' }>): void => {
    footer.ended(event.key);
    if (event.type === 'applied') done.set(event.kind, (done.get(event.kind) ?? 0) + 1);
    if (event.type === 'failed')
      failures.push({
        kind: event.kind,
        key: event.key,
        error: event.error,
        file: actions.find(({ key }) => key === event.key)?.file,
      });
    out(outcomeLine(event, width, answer));
  };

  const closeValidate = async (): Promise<void> => {
    const problems = [...errors, ...(terminal.quiet ? [] : warnings)];
    if (problems.length > 0) out(`${problemBlocks(problems, answer, await loadFrames())}\n`);
    const sentence = validateSentence(errors, warnings, loaded, answer);
    out(`${sentence}${moreOn(problems, sentence.length, answer)}\n`);
  };

  const closeApply = (): void => {
    if (end?.applied === undefined || !planned || refusals.length > 0) return;
    const counts = { applied: end.applied, failed: end.failed ?? 0, skipped: end.skipped ?? 0 };
    // Not confirmed, or stopped by an error before the first action: nothing was begun, so there is nothing to sum up.
    if (actions.length > 0 && counts.applied + counts.failed + counts.skipped === 0) return;
    const complete = isComplete(end, { actions: actions.length, errors: errors.length });
    out(`\n${applySentence(done, counts, complete)}\n`);
    if (failures.length + counts.skipped > 0 && recorded !== undefined)
      err(`What succeeded is recorded in ${escapeControl(recorded)}; run connsync apply again for the rest.\n`);
    for (const failure of failures) err(`\n${failureBlock(failure, aside)}`);
  };

  // What --check finds is the answer, a line for each file.
  const closeFmt = (): void => {
    const untidy = errors.filter(({ code }) => code === 'unformatted');
    errors.splice(0, errors.length, ...errors.filter(({ code }) => code !== 'unformatted'));
    for (const { file = '' } of untidy) out(`${answer.red(answer.bad)} ${escapeControl(file)}\n`);
    const count = untidy.length > 0 ? untidy.length : written;
    const broken = new Set(errors.flatMap(({ file }) => file ?? [])).size;
    const sound = Math.max(0, loaded.manifests - broken);
    // Of those with an error nothing is said but the error.
    if (sound === 0 && errors.length > 0) return;
    const of = plural(loaded.manifests, 'manifest');
    out(
      count === 0
        ? `${plural(sound, 'manifest')} formatted already.\n`
        : `${count} of ${of} ${untidy.length > 0 ? 'not ' : ''}formatted.\n`,
    );
  };

  const closeRefused = (): void => {
    if (end?.exitCode !== 7) return;
    for (const { message, hint } of refusals)
      err(
        `${aside.red(aside.bad)} refused, nothing was sent: ${escapeControl(message)}\n  ${aside.next} ${escapeControl(hint)}\n`,
      );
  };

  return {
    report: (event) => {
      switch (event.type) {
        case 'start':
          ({ command, target, compared } = event);
          break;
        case 'loaded':
          loaded = event;
          break;
        case 'problem':
          (event.problem.severity === 'error' ? errors : warnings).push(event.problem);
          break;
        case 'drift':
          connections.push(event.connection);
          break;
        case 'drift-summary':
          reportWarnings();
          out(driftText(connections, { summary: event.summary, site: event.target.site }, answer));
          break;
        case 'file-written':
          written += 1;
          out(`${answer.green(event.key === undefined ? '~' : '+')} ${escapeControl(event.file)}\n`);
          break;
        case 'action':
          actions.push(event.action);
          break;
        case 'planned':
          // Somebody may be asked next.
          footer.rest();
          reportPlan(event);
          width = widest(actions);
          footer.expect(actions.length);
          break;
        case 'started':
          footer.started(event.key);
          break;
        case 'applied':
        case 'failed':
        case 'skipped':
          reportOutcome(event);
          break;
        case 'stopping':
          if (terminal.live && !terminal.quiet)
            err(`${aside.dim('stopping: what is in flight is finished and recorded; again to stop at once')}\n`);
          break;
        case 'progress':
          footer.doing(escapeControl(event.doing), event.done, event.total);
          break;
        case 'waiting':
          footer.waiting(escapeControl(event.reason), event.ms);
          break;
        case 'rate-limit':
          footer.limit(event);
          break;
        case 'recorded':
          recorded = event.file;
          break;
        case 'end':
          end = event;
          break;
        case 'files-changed':
        case 'plan-skipped':
        case 'action-deferred':
        case 'file-skipped':
        case 'scheduled':
        case 'record-failed':
          break;
        default:
          event satisfies never;
      }
    },
    close: async () => {
      footer.rest();
      if (command === 'validate') return closeValidate();
      if (command === 'fmt') closeFmt();
      if (command === 'import' || command === 'accept') out(`${fileSentence(command, written)}\n`);
      reportWarnings();
      closeApply();
      closeRefused();
      if (errors.length > 0) err(problemBlocks(errors, aside, await loadFrames()));
    },
  };
}

function fileSentence(command: 'import' | 'accept', written: number): string {
  return `${plural(written, 'manifest')} ${command === 'import' ? 'written' : 'changed'} and recorded.`;
}

function* warningTexts(warnings: readonly Problem[], text: (warning: Problem) => string): Iterable<string> {
  const told = new Map<string, number>();
  for (const warning of warnings) {
    const count = (told.get(warning.code) ?? 0) + 1;
    told.set(warning.code, count);
    if (count <= WARNINGS_TOLD) yield text(warning);
  }
  for (const [code, count] of told)
    if (count > WARNINGS_TOLD)
      yield `  … and ${plural(count - WARNINGS_TOLD, 'more warning')} of ${code}; all of them with --format json\n`;
}

/** Its errors are told too, and it is no manifest. */
const SETTINGS = 'connsync.yaml';

function validateSentence(
  errors: readonly Problem[],
  warnings: readonly Problem[],
  loaded: { readonly manifests: number; readonly connections: number; readonly ms: number },
  style: ReturnType<typeof styleFor>,
): string {
  const { manifests, connections, ms } = loaded;
  const beside = warnings.length > 0 ? `, ${plural(warnings.length, 'warning')}` : '';
  if (errors.length === 0)
    return `${style.green(style.ok)} ${plural(manifests, 'manifest')} valid, ${plural(connections, 'connection')}${beside} (offline, ${duration(ms)})`;
  const invalid = new Set(errors.flatMap(({ file = SETTINGS }) => (file === SETTINGS ? [] : file))).size;
  const bad = invalid === 0 ? '' : `${invalid} of ${plural(manifests, 'manifest')} invalid, `;
  return `${style.red(style.bad)} ${bad}${plural(errors.length, 'error')}${beside} (offline, ${duration(ms)})`;
}

/** Where to read on about the first problem that was told: on the same line, if there is room. */
function moreOn(told: readonly Problem[], taken: number, style: ReturnType<typeof styleFor>): string {
  const [first] = told;
  if (first === undefined) return '';
  const more = `more on a rule: connsync explain ${first.code}`;
  return `${taken + 3 + more.length > style.width ? '\n' : '   '}${style.dim(more)}`;
}

function widest(actions: readonly Action[]): number {
  return Math.min(40, Math.max(0, ...actions.slice(0, 1000).map(({ key }) => key.length)));
}

/** Joins small texts into writes of some 64 KiB: neither one for each line nor one for all. */
function* inPieces(texts: Iterable<string>): Iterable<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
