import type { EndedRun } from '../reporters/run-record.ts';
import type { Recorded } from './recording.ts';

export interface Files {
  /** The plan as a JSON document, or empty if there is none. */
  readonly plan: string;
  readonly markdown: string;
}

/** Returns a run's outputs, by their names in action.yml. Numbers and booleans are text. */
export function outputsOf(run: EndedRun, files: Files): Readonly<Record<string, string>> {
  const { planned, driftSummary, end, problems } = run;
  const summary = planned?.summary;
  const count = (number: number | undefined): string => String(number ?? 0);
  const drifted = driftSummary === undefined ? summary?.drifted : driftSummary.changed + driftSummary.missing;
  return {
    changes: String(hasChanges(run)),
    'to-add': count(summary && summary.create + summary.replace),
    'to-change': count(summary?.update),
    'to-destroy': count(summary && summary.delete + summary.replace),
    'to-replace': count(summary?.replace),
    drifted: count(drifted),
    invalid: count(problems.filter(({ severity, file }) => severity === 'error' && file !== undefined).length),
    applied: count(end.applied),
    failed: count(end.failed),
    refused: String((planned?.refusals.length ?? 0) > 0),
    checksum: planned?.checksum ?? '',
    'plan-path': files.plan,
    'plan-markdown-path': files.markdown,
    'exit-code': count(end.exitCode),
  };
}

export function hasChanges({ actions, driftSummary }: Pick<EndedRun, 'actions' | 'driftSummary'>): boolean {
  return actions.length > 0 || (driftSummary !== undefined && driftSummary.changed + driftSummary.missing > 0);
}

/** Returns whether the run has a result that is worth a new comment. */
export function isWorthReporting(run: EndedRun): boolean {
  const isWrong = run.problems.some(({ severity }) => severity === 'error') || (run.planned?.refusals.length ?? 0) > 0;
  return hasChanges(run) || isWrong || (run.end.failed ?? 0) > 0;
}

export function recordingOutputs({ status, commit }: Recorded): Readonly<Record<string, string>> {
  return {
    'lockfile-committed': String(status === 'committed'),
    'commit-sha': commit ?? '',
    'commit-status': status,
  };
}
