import type { ActionKind } from '../../core/plan.ts';
import { applySentence, isComplete } from './apply-text.ts';
import { driftSentence } from './drift-text.ts';
import { planSentence } from './plan-text.ts';
import type { Run } from '../run-record.ts';
import { plural } from './style.ts';

/** How a run came out, in plain sentences made of our words and numbers alone: those of the human answer, word for word. */
export function totals(run: Run): readonly string[] {
  if (run.command === 'validate') return [validateSentence(run)];
  if (run.driftSummary !== undefined) return [driftSentence(run.driftSummary)];
  if (run.planned !== undefined) return [...applied(run), planSentence(run.planned.summary)];
  if (run.end.exitCode === 130 || run.end.exitCode === 143)
    return [`Interrupted: nothing was ${run.command === 'drift' ? 'compared' : 'planned'} yet.`];
  const errors = run.problems.filter(({ severity }) => severity === 'error').length;
  return [`Nothing was ${run.command === 'drift' ? 'compared' : 'planned'}: ${plural(errors, 'error')}.`];
}

function applied({ actions, end, outcomes, planned, problems }: Run): readonly string[] {
  if (end.applied === undefined || (planned?.refusals.length ?? 0) > 0) return [];
  // Not confirmed, or stopped by an error before the first action: nothing was begun, so there is nothing to sum up.
  if (actions.length > 0 && outcomes.length === 0) return [];
  const done = new Map<ActionKind, number>();
  for (const { type, kind } of outcomes) if (type === 'applied') done.set(kind, (done.get(kind) ?? 0) + 1);
  const counts = { applied: end.applied, failed: end.failed ?? 0, skipped: end.skipped ?? 0 };
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return [applySentence(done, counts, isComplete(end, { actions: actions.length, errors }))];
}

function validateSentence({ problems, manifests, connections }: Run): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.length - errors.length;
  const beside = warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`;
  if (errors.length === 0)
    return `${plural(manifests, 'manifest')} valid, ${plural(connections, 'connection')}${beside}.`;
  const invalid = new Set(errors.flatMap(({ file }) => file ?? [])).size;
  return `${invalid} of ${plural(manifests, 'manifest')} invalid, ${plural(errors.length, 'error')}${beside}.`;
}
