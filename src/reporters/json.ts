import type { DriftSummary } from '../core/drift.ts';
import { escapeControlJson } from '../core/escape-control.ts';
import type { Summary } from '../core/plan.ts';
import { actionDocument, driftDocument, problemDocument } from './documents.ts';
import type { Reporter, Sinks } from './reporter.ts';
import { countsOf, reportAtEnd, type OutcomeEvent, type RunRecord } from './run-record.ts';

const NO_SUMMARY: Summary = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  adopt: 0,
  forget: 0,
  unchanged: 0,
  unmanaged: 0,
  orphaned: 0,
  drifted: 0,
};
const NO_DRIFT: DriftSummary = { 'in-sync': 0, changed: 0, missing: 0, unmanaged: 0 };

/**
 * Prints one JSON document at the end of the run, even if the run failed. Members that are unknown then are empty or
 * null.
 */
export function jsonReporter({ out }: Sinks): Reporter {
  return reportAtEnd((run) => out(`${escapeControlJson(runDocument(run), 2)}\n`));
}

/** Returns the JSON document of a run; its shape depends on the command. */
export function runDocument(run: RunRecord): object {
  const { command, target, drift, written, loaded } = run;
  const formatVersion = '1.0';
  const problems = run.problems.map(problemDocument);
  switch (command) {
    case 'validate':
      return { formatVersion, manifests: loaded.manifests, connections: loaded.connections, problems };
    case 'drift':
      return {
        formatVersion,
        target,
        connections: drift.map(driftDocument),
        summary: run.driftSummary ?? NO_DRIFT,
        problems,
      };
    case 'apply':
      return { ...planDocument(run), ...outcomesDocument(run) };
    case 'plan':
      return planDocument(run);
    case 'init':
      return { formatVersion, target, wrote: written, left: run.filesSkipped, problems };
    default:
      return { formatVersion, target, wrote: written, problems };
  }
}

/** Returns the document that `plan --format json` prints. With `--out`, it also contains input hashes and options. */
export function planDocument({ target, compared, actions, problems, planned }: RunRecord): object {
  return {
    formatVersion: '1.0',
    target,
    compared,
    actions: actions.map(actionDocument),
    summary: planned?.summary ?? NO_SUMMARY,
    checksum: planned?.checksum ?? null,
    refusals: planned?.refusals ?? [],
    problems: problems.map(problemDocument),
    inputs: planned?.inputs,
    options: planned?.options,
  };
}

function outcomesDocument(run: RunRecord): object {
  return { outcomes: run.outcomes.map(outcomeDocument), ...(countsOf(run) ?? { applied: 0, failed: 0, skipped: 0 }) };
}

function outcomeDocument(outcome: OutcomeEvent): object {
  const { type: status, kind, key, attempts, ms } = outcome;
  return { kind, key, status, attempts, ms, error: outcome.type === 'failed' ? outcome.error : undefined };
}
