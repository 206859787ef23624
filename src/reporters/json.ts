import type { Problem } from '../core/diagnostic.ts';
import type { Compared, Counts, Target } from '../core/event.ts';
import type { Action, Refusal, Summary } from '../core/plan.ts';
import type { DriftedConnection, DriftSummary } from '../core/drift.ts';
import { escapeControlJson } from '../core/escape-control.ts';
import { actionDocument, driftDocument, problemDocument } from './documents.ts';
import type { Reporter, Sinks } from './reporter.ts';

const NOTHING: Summary = {
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

/**
 * One document at the end of the run, also of one that failed: what is not known then is empty or null.
 * `inputs` adds what `plan --out` has beside it: hashes of what was looked at, and the filters and settings.
 */
export function jsonReporter(
  { out }: Sinks,
  { inputs: withInputs }: { readonly inputs: boolean } = { inputs: false },
): Reporter {
  let command = '';
  let target: Target = { environment: 'default', site: '' };
  let compared: Compared = ['lockfile'];
  let summary: Summary = NOTHING;
  let checksum: string | null = null;
  let refusals: readonly Refusal[] = [];
  let loaded = { manifests: 0, connections: 0 };
  let counts: Counts = { applied: 0, failed: 0, skipped: 0 };
  let review: object = {};
  let driftTotals: DriftSummary = { 'in-sync': 0, changed: 0, missing: 0, unmanaged: 0 };
  const connections: DriftedConnection[] = [];
  const actions: Action[] = [];
  const problems: Problem[] = [];
  const outcomes: object[] = [];
  const wrote: object[] = [];
  const left: object[] = [];

  const planDocument = (): object => ({
    formatVersion: '1.0',
    target,
    compared,
    actions: actions.map(actionDocument),
    summary,
    checksum,
    refusals,
    problems: problems.map(problemDocument),
    ...review,
  });

  const told = (): readonly object[] => problems.map(problemDocument);

  const document = (): object => {
    switch (command) {
      case 'validate':
        return { formatVersion: '1.0', ...loaded, problems: told() };
      case 'drift':
        return {
          formatVersion: '1.0',
          target,
          connections: connections.map(driftDocument),
          summary: driftTotals,
          problems: told(),
        };
      case 'apply':
        return { ...planDocument(), outcomes, ...counts };
      case 'plan':
        return planDocument();
      case 'init':
        return { formatVersion: '1.0', target, wrote, left, problems: told() };
      default:
        return { formatVersion: '1.0', target, wrote, problems: told() };
    }
  };

  return {
    report: (event) => {
      switch (event.type) {
        case 'start':
          ({ command, target, compared } = event);
          break;
        case 'loaded':
          loaded = { manifests: event.manifests, connections: event.connections };
          break;
        case 'problem':
          problems.push(event.problem);
          break;
        case 'drift':
          connections.push(event.connection);
          break;
        case 'drift-summary':
          target = event.target;
          driftTotals = event.summary;
          break;
        case 'action':
          actions.push(event.action);
          break;
        case 'planned':
          ({ target, summary, checksum, refusals } = event);
          if (withInputs && event.inputs !== undefined) review = { inputs: event.inputs, options: event.options };
          break;
        case 'applied':
        case 'failed':
        case 'skipped': {
          const { type: status, kind, key, attempts, ms } = event;
          outcomes.push({ kind, key, status, attempts, ms, ...('error' in event ? { error: event.error } : {}) });
          break;
        }
        case 'end':
          counts = { applied: event.applied ?? 0, failed: event.failed ?? 0, skipped: event.skipped ?? 0 };
          out(`${escapeControlJson(document(), 2)}\n`);
          break;
        case 'file-written': {
          const { type: _type, ...file } = event;
          wrote.push(file);
          break;
        }
        case 'file-skipped': {
          const { type: _type, ...file } = event;
          left.push(file);
          break;
        }
        case 'files-changed':
        case 'plan-skipped':
        case 'action-deferred':
        case 'scheduled':
        case 'started':
        case 'stopping':
        case 'progress':
        case 'waiting':
        case 'recorded':
        case 'rate-limit':
        case 'record-failed':
          break;
        default:
          event satisfies never;
      }
    },
    close: async () => {},
  };
}
