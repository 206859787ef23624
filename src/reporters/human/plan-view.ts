import { escapeControl } from '../../core/escape-control.ts';
import { countsOf, errorsOf, type OutcomeEvent, type RunRecord } from '../run-record.ts';
import { type DoneKind, applySentence, failureBlock, isComplete, outcomeLine } from './apply-text.ts';
import { planBody, planHeading, planSentence, type PlanText } from './plan-text.ts';
import { openWarnings, printErrors, type HumanView, type HumanOutput } from './screen.ts';

/** Returns the view for `plan` and `apply`. It prints the plan and, for an apply, each outcome and the result. */
export function planView(screen: HumanOutput): HumanView {
  const warnings = openWarnings(screen);
  const { progress } = screen;
  let width = 0;
  return {
    report: (event, run) => {
      if (event.type === 'planned') {
        // The confirmation prompt may come next, so the progress line must disappear.
        progress.rest();
        warnings.print(run);
        printPlan(run, screen);
        width = widestKey(run);
        progress.expect(run.actions.length);
      } else if (event.type === 'applied' || event.type === 'failed' || event.type === 'skipped')
        screen.out(outcomeLine(event, width, screen.outStyle));
    },
    close: async (run) => {
      warnings.print(run);
      printResult(run, screen);
      printRefusals(run, screen);
      await printErrors(run, screen);
    },
  };
}

/** Returns what the human format prints about a plan, or undefined if the run has no plan. */
export function planTextOf({ command, target, compared, loaded, actions, planned }: RunRecord): PlanText | undefined {
  if (planned === undefined) return undefined;
  // In an apply a refusal is an error, which is printed at the end.
  const refusals = command === 'apply' ? [] : planned.refusals;
  return { command, target, compared, ...loaded, ms: planned.ms, actions, refusals, summary: planned.summary };
}

function printPlan(run: RunRecord, { outStyle, out }: HumanOutput): void {
  const text = planTextOf(run);
  if (text === undefined) return;
  out(`${planHeading(text, outStyle)}\n\n`);
  for (const piece of inPieces(planBody(text, outStyle))) out(piece);
  out(`${planSentence(text.summary)}\n`);
}

function printResult(run: RunRecord, screen: HumanOutput): void {
  const { out, err, errStyle } = screen;
  const counts = countsOf(run);
  const { end, actions, outcomes, planned, recorded } = run;
  if (end === undefined || counts === undefined || planned === undefined || planned.refusals.length > 0) return;
  // The apply was not confirmed, or it failed before its first action, so there is no result to print.
  if (actions.length > 0 && counts.applied + counts.failed + counts.skipped === 0) return;
  const complete = isComplete(end, { actions: actions.length, errors: errorsOf(run).length });
  out(`\n${applySentence(appliedByKind(outcomes), counts, complete)}\n`);
  if (counts.failed + counts.skipped > 0 && recorded !== undefined)
    err(`Completed changes are recorded in ${escapeControl(recorded)}. Run connsync apply again for the rest.\n`);
  const files = new Map(actions.map(({ key, file }) => [key, file]));
  for (const outcome of outcomes)
    if (outcome.type === 'failed') err(`\n${failureBlock({ ...outcome, file: files.get(outcome.key) }, errStyle)}`);
}

/** Counts the applied actions by kind. */
export function appliedByKind(outcomes: readonly OutcomeEvent[]): ReadonlyMap<DoneKind, number> {
  const counts = new Map<DoneKind, number>();
  for (const outcome of outcomes) {
    if (outcome.type !== 'applied') continue;
    const kind = outcome.alreadyGone === true ? 'already-gone' : outcome.kind;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function printRefusals({ end, planned }: RunRecord, { errStyle, err }: HumanOutput): void {
  if (end?.exitCode !== 7) return;
  for (const { message, hint } of planned?.refusals ?? [])
    err(
      `${errStyle.red(errStyle.bad)} refused, nothing was sent: ${escapeControl(message)}\n  ${errStyle.next} ${escapeControl(hint)}\n`,
    );
}

function widestKey({ actions }: RunRecord): number {
  return Math.min(40, Math.max(0, ...actions.slice(0, 1000).map(({ key }) => key.length)));
}

/**
 * Joins small texts into writes of about 64 KiB. One write per line is slow, and one for everything needs too much
 * memory.
 */
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
