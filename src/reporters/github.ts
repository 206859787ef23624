import type { Problem } from '../core/diagnostic.ts';
import { pathOf } from '../core/difference.ts';
import type { DriftedConnection } from '../core/drift.ts';
import { errorText } from './human/apply-text.ts';
import type { Reporter, Sinks } from './reporter.ts';
import { reportAtEnd, type EndedRun } from './run-record.ts';
import { summarySentences } from './human/summary-line.ts';
import { workflowCommand, type Annotation } from './workflow-command.ts';

/** GitHub shows no more of a step than this; the rest would be swallowed without a word. */
const MOST_ANNOTATIONS = 10;

/**
 * Workflow commands, so that problems, refusals and failures show as annotations on the pull request, and one plain sentence.
 * Text of manifests and of Datadog stands only inside escaped commands: a runner obeys `::` at the beginning of a line, and
 * `##[` anywhere in a line that is no command.
 */
export function githubReporter({ out }: Sinks): Reporter {
  return reportAtEnd((run) => {
    const all = annotations(run);
    const told = all.length > MOST_ANNOTATIONS ? [...all.slice(0, MOST_ANNOTATIONS), more(all.length)] : all;
    for (const annotation of told) out(`${workflowCommand(annotation)}\n`);
    for (const sentence of summarySentences(run)) out(`${sentence}\n`);
  });
}

function more(all: number): Annotation {
  return { level: 'notice', title: 'connsync', message: `${all - MOST_ANNOTATIONS} more in the summary` };
}

/** What matters most comes first, since only so many are shown. */
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
