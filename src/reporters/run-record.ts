import type { Problem } from '../core/diagnostic.ts';
import type { DriftedConnection, DriftSummary } from '../core/drift.ts';
import type { Compared, SyncEvent, Target } from '../core/event.ts';
import type { Action, Refusal, Summary } from '../core/plan.ts';
import type { Reporter } from './reporter.ts';

export type Ended = Extract<SyncEvent, { readonly type: 'end' }>;
export type OutcomeEvent = Extract<SyncEvent, { readonly type: 'applied' | 'failed' | 'skipped' }>;

/** Everything that one run told. What it never came to is undefined or empty. */
export interface Run {
  readonly command: string;
  /** Of connsync. */
  readonly version: string;
  readonly target: Target;
  readonly compared: Compared;
  /** Numbers of files and documents that were read. */
  readonly manifests: number;
  readonly connections: number;
  readonly problems: readonly Problem[];
  readonly actions: readonly Action[];
  readonly planned:
    { readonly summary: Summary; readonly checksum: string | null; readonly refusals: readonly Refusal[] } | undefined;
  readonly outcomes: readonly OutcomeEvent[];
  /** The lockfile, where it was written. */
  readonly recorded: string | undefined;
  readonly drift: readonly DriftedConnection[];
  readonly driftSummary: DriftSummary | undefined;
  readonly end: Ended;
}

/** A reporter that says nothing until the run has ended, and then prints the whole of it at once. */
export function reportAtEnd(print: (run: Run) => void): Reporter {
  const problems: Problem[] = [];
  const actions: Action[] = [];
  const outcomes: OutcomeEvent[] = [];
  const drift: DriftedConnection[] = [];
  const lists = { problems, actions, outcomes, drift };
  let known: Omit<Run, keyof typeof lists | 'end'> = {
    command: '',
    version: '',
    target: { environment: 'default', site: '' },
    compared: ['lockfile'],
    manifests: 0,
    connections: 0,
    planned: undefined,
    recorded: undefined,
    driftSummary: undefined,
  };
  return {
    report: (event) => {
      switch (event.type) {
        case 'start':
          known = {
            ...known,
            command: event.command,
            version: event.version,
            target: event.target,
            compared: event.compared,
          };
          break;
        case 'loaded':
          known = { ...known, manifests: event.manifests, connections: event.connections };
          break;
        case 'problem':
          problems.push(event.problem);
          break;
        case 'action':
          actions.push(event.action);
          break;
        case 'planned': {
          const { target, summary, checksum, refusals } = event;
          known = { ...known, target, planned: { summary, checksum, refusals } };
          break;
        }
        case 'applied':
        case 'failed':
        case 'skipped':
          outcomes.push(event);
          break;
        case 'drift':
          drift.push(event.connection);
          break;
        case 'drift-summary':
          known = { ...known, target: event.target, driftSummary: event.summary };
          break;
        case 'recorded':
          known = { ...known, recorded: event.file };
          break;
        case 'end':
          print({ ...known, ...lists, end: event });
          break;
        case 'files-changed':
        case 'plan-skipped':
        case 'action-deferred':
        case 'scheduled':
        case 'file-written':
        case 'file-skipped':
        case 'started':
        case 'stopping':
        case 'progress':
        case 'waiting':
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
