import { applySentence, isComplete } from './apply-text.ts';
import { driftSentence } from './drift-text.ts';
import { planSentence } from './plan-text.ts';
import { countsOf, errorsOf, type EndedRun } from '../run-record.ts';
import { appliedByKind } from './plan-view.ts';
import { plural } from './style.ts';

/**
 * Returns the result of a run in plain sentences, the same as in the human format. They contain no text from
 * manifests or Datadog.
 */
export function summarySentences(run: EndedRun): readonly string[] {
  if (run.command === 'validate') return [validateSentence(run)];
  if (run.driftSummary !== undefined) return [driftSentence(run.driftSummary)];
  if (run.planned !== undefined) return [...applied(run), planSentence(run.planned.summary)];
  if (run.end.exitCode === 130 || run.end.exitCode === 143)
    return [`Interrupted: nothing was ${run.command === 'drift' ? 'compared' : 'planned'} yet.`];
  return [`Nothing was ${run.command === 'drift' ? 'compared' : 'planned'}: ${plural(errorsOf(run).length, 'error')}.`];
}

function applied(run: EndedRun): readonly string[] {
  const { actions, end, outcomes, planned } = run;
  const counts = countsOf(run);
  if (counts === undefined || (planned?.refusals.length ?? 0) > 0) return [];
  // The apply was not confirmed, or it failed before its first action, so there is no result.
  if (actions.length > 0 && outcomes.length === 0) return [];
  const complete = isComplete(end, { actions: actions.length, errors: errorsOf(run).length });
  return [applySentence(appliedByKind(outcomes), counts, complete)];
}

function validateSentence(run: EndedRun): string {
  const { manifests, connections } = run.loaded;
  const errors = errorsOf(run);
  const warnings = run.problems.length - errors.length;
  const and = warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`;
  if (errors.length === 0 && manifests === 0) return `no manifests found${and}.`;
  if (errors.length === 0) return `${plural(manifests, 'manifest')} valid, ${plural(connections, 'connection')}${and}.`;
  const invalid = new Set(errors.flatMap(({ file }) => file ?? [])).size;
  return `${invalid} of ${plural(manifests, 'manifest')} invalid, ${plural(errors.length, 'error')}${and}.`;
}
