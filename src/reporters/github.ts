import type { Problem } from '../core/diagnostic.ts';
import { pathOf } from '../core/difference.ts';
import type { DriftedConnection } from '../core/drift.ts';
import { errorText } from './human/apply-text.ts';
import type { Reporter, Sinks } from './reporter.ts';
import { reportAtEnd, type EndedRun } from './run-record.ts';
import { summarySentences } from './human/summary-line.ts';
import { workflowCommand, type Annotation } from './workflow-command.ts';

/** Maximum number of annotations. GitHub silently drops further annotations of a step. */
const MAX_ANNOTATIONS = 10;

/**
 * Prints workflow commands, so that problems, refusals and failures become annotations on the pull request, and the
 * result as plain sentences. Text from manifests and from Datadog appears only inside escaped commands, because a
 * runner obeys `::` at the start of a line and `##[` anywhere in other lines.
 */
export function githubReporter({ out }: Sinks): Reporter {
  return reportAtEnd((run) => {
    const all = annotations(run);
    const shownAnnotations = all.length > MAX_ANNOTATIONS ? [...all.slice(0, MAX_ANNOTATIONS), more(all.length)] : all;
    for (const annotation of shownAnnotations) out(`${workflowCommand(annotation)}\n`);
    for (const sentence of summarySentences(run)) out(`${sentence}\n`);
  });
}

function more(all: number): Annotation {
  return { level: 'notice', title: 'connsync', message: `${all - MAX_ANNOTATIONS} more in the summary` };
}

/** Returns the annotations, most important first, because only the first ones are shown. */
function annotations(run: EndedRun): readonly Annotation[] {
  const of = (level: Problem['severity']): readonly Annotation[] =>
    run.problems.filter(({ severity }) => severity === level).map(problemAnnotation);
  return [...failures(run), ...of('error'), ...refusals(run), ...run.drift.flatMap(driftAnnotation), ...of('warning')];
}

function problemAnnotation({ severity, code, message, hint, ...place }: Problem): Annotation {
  return { ...place, level: severity, title: code, message: withHint(message, hint) };
}

function failures({ outcomes, actions }: EndedRun): readonly Annotation[] {
  const places = new Map(actions.map((action) => [action.key, action]));
  return outcomes.flatMap((outcome): Annotation | [] => {
    if (outcome.type !== 'failed') return [];
    const { kind, key, error } = outcome;
    const { file, line } = places.get(key) ?? {};
    const request = `${error.method} ${error.path}${error.requestId === undefined ? '' : ` request-id ${error.requestId}`}`;
    const message = `${key}: ${kind} failed: ${errorText(error)}\n${request}`;
    return { level: 'error', title: 'failed', message, file, line };
  });
}

function refusals({ command, planned, actions }: EndedRun): readonly Annotation[] {
  return (planned?.refusals ?? []).map(({ code, message, hint, keys }) => {
    const [only] = keys.length === 1 ? actions.filter(({ key }) => key === keys[0]) : [];
    const level = command === 'apply' ? 'error' : 'warning';
    return { level, title: code, message: withHint(message, hint), file: only?.file, line: only?.line };
  });
}

function driftAnnotation({ key, state, changes, updatedBy, file, line }: DriftedConnection): Annotation | [] {
  if (state !== 'changed' && state !== 'missing') return [];
  const who = updatedBy === undefined ? '' : ` by ${updatedBy}`;
  const message =
    state === 'missing'
      ? `${key} was deleted outside Git`
      : `${key} was edited in Datadog${who}: ${changes.map(pathOf).join(', ')}`;
  return { level: 'warning', title: 'drift', message, file, line };
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}\n→ ${hint}`;
}
