import { remainingOf, type Goal } from '../../src/apply/goal.ts';
import { afterAnswer, begin, afterLookup, type ProtocolStep } from '../../src/apply/protocol.ts';
import type { Answer, RequestError } from '../../src/core/ports.ts';
import { field, spec } from '../core/samples.ts';

export const A = spec();
export const B = spec({ join_type: 'user_id' });
export const MOVED = spec({ fields: [field('plan', { type: 'number' }), field('more', { type: 'number' })] });
export const BOTH = spec({ fields: [field('plan'), field('more')] });
export const RENAMES: Goal['renames'] = new Map();
export const ERROR: RequestError = { status: 500, method: 'POST', path: '/p', message: '500 Oops' };
export const HINTED: RequestError = { ...ERROR, hint: 'ask them' };

export const CREATE: Goal = { op: 'create', key: 'users/a', before: undefined, after: A, renames: RENAMES };
export const UPDATE: Goal = { op: 'update', key: 'users/a', before: BOTH, after: MOVED, renames: RENAMES };
export const REPLACE: Goal = { op: 'replace', key: 'users/a', before: A, after: B, renames: RENAMES };
export const DELETE: Goal = { op: 'delete', key: 'users/a', before: A, after: undefined, renames: RENAMES };

export type Send = ProtocolStep & { readonly at: 'send' };
export type Look = ProtocolStep & { readonly at: 'look' };

/**
 * The progress of an action: `first` has sent nothing, `half` has completed its first request, `again` was sent once
 * and no list shows it.
 */
export type Stage = 'first' | 'half' | 'again';

export function at(stage: Stage, goal: Goal): Send {
  const remaining = remainingOf(goal, goal.before);
  const first = begin(goal, 'requests' in remaining ? remaining.requests : []) as Send;
  if (stage === 'first') return first;
  if (stage === 'half') return afterAnswer(first, { kind: 'done', attempts: 1 }) as Send;
  const look = afterAnswer(first, { kind: 'unclear', attempts: 1, error: ERROR }) as Look;
  return afterLookup(look, { kind: 'seen', live: goal.before, late: true }) as Send;
}

export const answer = (kind: Answer['kind'], error = ERROR): Answer =>
  kind === 'done' ? { kind, attempts: 2 } : { kind, attempts: 2, error };

export const LOOKS = 'run connsync apply again; it checks what happened and sends only what is missing';
export const REJECTED = 'use an application key with audience_management_read and audience_management_write';
export const OUTAGE = 'run connsync apply again when Datadog is reachable; completed changes are recorded';
export const DELETED = ' (connsync deleted the connection and did not create it again)';
export const BEGUN = ' (an earlier request of this action succeeded)';
export const NO_FIELDS = { without: ['more', 'plan'] };

export interface StepSummary {
  readonly outcome: string;
  readonly message?: string;
  readonly hint?: string | undefined;
  readonly partial?: unknown;
  readonly runFailure?: string;
}

/** Returns the complete ending as the reader sees it, or the next step if the action has not ended. */
export function summaryOf(step: ProtocolStep): StepSummary | string {
  if (step.at === 'look') return `look: ${step.doubt}, ${step.error.message}, ${step.unclear} unclear`;
  if (step.at === 'send') return `send: ${step.rest.map(({ method }) => method).join(', ')}`;
  const { ending, outcome } = step;
  const runFailure =
    'runFailure' in ending && ending.runFailure !== undefined ? { runFailure: ending.runFailure.code } : {};
  if (ending.state !== 'failed') return { outcome: `${ending.state}, ${outcome}`, ...runFailure };
  const { error, partial } = ending;
  return {
    outcome: `${ending.state}, ${outcome}`,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(partial === undefined ? {} : { partial }),
    ...runFailure,
  };
}

export const failed = (
  outcome: string,
  why = '',
  rest: Omit<StepSummary, 'outcome' | 'message'> = {},
): StepSummary => ({
  outcome: `failed, ${outcome}`,
  message: `500 Oops${why}`,
  ...rest,
});
