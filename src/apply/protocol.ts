import { compact } from '../core/compact.ts';
import { canonicalJson } from '../core/canonical.ts';
import { splitKey, type Spec } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import { fieldsOf } from '../core/difference.ts';
import type { Answer, Intent, Outcome, RequestError } from '../core/ports.ts';
import { displayEndpoint } from '../core/wire/endpoints.ts';
import { remainingOf, type Goal, type Request } from './goal.ts';

/*
 * The write-ahead protocol. It executes one action so that the process can be killed at any moment without losing the
 * action or executing it twice.
 *
 * Datadog lets the client choose a connection's id but documents no result for a second create with the same id, and
 * a response can be lost at any time. So connsync announces every request in a journal on disk before sending it, and
 * resends a request only after a list has shown that it had no effect:
 *
 *             ┌──────────────────── resend, at most three times ───────────────────┐
 *             ▼                                                                    │
 *   begin ─► send ─┬─ done ──────────► send the next request, or end: applied      │
 *                  ├─ refused ───────► end: failed, nothing happened               │
 *                  ├─ unsent ────────► end: failed, nothing happened               │
 *                  ├─ denied, outage ► end, and stop the run                       │
 *                  └─ unclear, taken ► look ─┬─ shown, as desired ────► end: applied
 *                                            ├─ shown, but different ─► end: conflict, reported, never overwritten
 *                                            ├─ not shown in time ────► send ──────┘
 *                                            └─ no list available ────► end: unknown, the intent stays open
 *
 * - *send*: once the rate limiter admits the request, connsync makes the intent durable (fsync) and only then sends the
 *   first byte. The intent contains the body before, the body after and the record, so that the next run can record a
 *   success even if this run is killed before it writes the lockfile. Every send has its own intent, so a request is
 *   never in flight for longer than the age of its last intent. The response becomes an `Answer`; a status is enough,
 *   even if the body is broken.
 * - *look*: connsync lists until the request's effect shows, or until the settle window ends and a request in flight
 *   must have arrived. A create waits for the whole window. So does a request that removes something which may be added
 *   again, such as a delete or the removal of a field that changes its column, because it would undo the later request
 *   if it arrived late. Any other update is recomputed from live.
 * - *end*: connsync writes the outcome to the journal; `unclear` leaves the intent open. The next run starts by
 *   looking up the outcome (`recover.ts`).
 *
 * If Datadog has rejected a duplicate create once (409 or an equivalent message), it rejects all of them. A late create
 * is then harmless, and connsync doesn't wait for it.
 *
 * This file is a pure state machine: a function from a step and an observation to the next step. It uses no clock, disk
 * or network. `run-protocol.ts` executes the steps through the ports.
 */

/** The progress of one action. */
interface Progress {
  readonly goal: Goal;
  /** The requests still to send. The first one is sent next or is in flight. */
  readonly rest: readonly Request[];
  /** True if an earlier request of this action succeeded, so that stopping now leaves a partial result. */
  readonly hasBegun: boolean;
  /** Requests sent so far, including the client's own retries. */
  readonly attempts: number;
  /** How many of the attempts were retries. */
  readonly retries: number;
  /** How often the first of `rest` was sent with an unclear outcome. */
  readonly unclear: number;
  /** True if Datadog had no connection to delete and no earlier request of this run can have deleted it. */
  readonly alreadyGone?: true;
}

/** Why a list is needed. `refused`: Datadog refused a resend, possibly because the first, unclear send succeeded. */
export type Doubt = 'unclear' | 'taken' | 'refused';

export type ProtocolStep =
  | (Progress & { readonly at: 'send' })
  | (Progress & { readonly at: 'look'; readonly doubt: Doubt; readonly error: RequestError })
  | { readonly at: 'end'; readonly ending: Ending; readonly outcome: Outcome['state'] };

/**
 * The partial result of an action whose first request succeeded and a later one didn't: the connection is deleted, or
 * some of its fields are. It is recorded, so that later plans don't mistake it for drift.
 */
export type PartialResult = 'nothing' | { readonly without: readonly string[] };

/** How an action ended. `runFailure` stops the run. */
export type Ending =
  | { readonly state: 'applied'; readonly attempts: number; readonly retries: number; readonly alreadyGone?: true }
  | {
      readonly state: 'failed';
      readonly attempts: number;
      readonly retries: number;
      readonly error: RequestError;
      readonly runFailure?: Failure;
      readonly partial?: PartialResult;
    }
  | { readonly state: 'skipped'; readonly runFailure?: Failure };

/**
 * What lists showed. `live` is undefined if the connection is not listed; `late` is true if the list started after the
 * wait ended.
 */
export type Observation =
  | { readonly kind: 'seen'; readonly live: Spec | undefined; readonly late: boolean }
  /** No list was available, or the run is stopping. */
  | { readonly kind: 'blind' };

/** The maximum number of times that a request is sent if no list shows its effect. */
const MAX_SENDS = 4;

export function begin(goal: Goal, rest: readonly Request[]): ProtocolStep {
  return { at: 'send', goal, rest, hasBegun: false, attempts: 0, retries: 0, unclear: 0 };
}

/**
 * Returns the step for an intent that an earlier run left open with an unknown outcome. The intent doesn't show which
 * update was sent, so an update counts as done if nothing remains to be sent.
 */
export function resume(goal: Goal, sending: Intent['sending']): ProtocolStep & { readonly at: 'look' } {
  const { op, after } = goal;
  const error = { ...requestOf(goal), message: 'the run that sent it was interrupted' };
  const wasCreate = op === 'create' || (op === 'replace' && sending === 'create');
  const rest: readonly Request[] =
    op === 'update'
      ? []
      : wasCreate && after !== undefined
        ? [{ method: 'create', spec: after }]
        : [{ method: 'remove' }];
  const hasBegun = op === 'replace' && wasCreate;
  return { at: 'look', goal, rest, hasBegun, attempts: 0, retries: 0, unclear: 1, doubt: 'unclear', error };
}

/** Returns the step after a resend that could not be announced: the outcome of the earlier sends stays unknown. */
export function cannotAnnounce(step: ProtocolStep & { readonly at: 'send' }, runFailure: Failure): ProtocolStep {
  const error = { ...requestOf(step.goal), message: `${runFailure.message}; the next apply checks what happened` };
  return afterFailure(step, error, 'unclear', runFailure);
}

/** Returns the step after the answer to the sent request, which is the first of `rest`. */
export function afterAnswer(step: ProtocolStep & { readonly at: 'send' }, answer: Answer): ProtocolStep {
  const attempts = step.attempts + answer.attempts;
  const progress = { ...step, attempts, retries: step.retries + retriesIn(step, answer) };
  switch (answer.kind) {
    case 'done':
      return afterSuccess(progress);
    case 'missing':
      // A delete of a connection that no longer exists has reached its goal.
      return step.rest[0]?.method === 'remove'
        ? afterSuccess({ ...progress, ...(isFirstSend(step, answer) ? { alreadyGone: true as const } : {}) })
        : afterFailure(progress, answer.error, 'failed');
    case 'exists':
      return { ...progress, at: 'look', doubt: 'taken', error: answer.error };
    case 'unclear':
      return { ...progress, at: 'look', doubt: 'unclear', error: answer.error, unclear: step.unclear + 1 };
    case 'refused':
      return step.unclear > 0
        ? { ...progress, at: 'look', doubt: 'refused', error: answer.error }
        : afterFailure(progress, answer.error, 'failed');
    case 'unsent':
      return afterFailure(progress, answer.error, 'aborted');
    case 'denied':
      return afterFailure(progress, answer.error, 'aborted', credentialsRejected(answer.error));
    case 'outage':
      return step.hasBegun || step.unclear > 0
        ? afterFailure(progress, answer.error, 'aborted', outage(answer.error))
        : { at: 'end', ending: { state: 'skipped', runFailure: outage(answer.error) }, outcome: 'aborted' };
    default:
      return answer satisfies never;
  }
}

/** Returns how many attempts were retries. The first send isn't one, unless an earlier send had an unclear outcome. */
function retriesIn({ unclear }: Progress, { attempts }: Answer): number {
  return attempts === 0 ? 0 : attempts - (unclear > 0 ? 0 : 1);
}

/** Returns whether live shows that the request in doubt was executed. */
export function isShown(step: ProtocolStep & { readonly at: 'look' }, live: Spec | undefined): boolean {
  const {
    goal,
    rest: [request],
  } = step;
  if (isStale(step, live)) return false;
  // A removal that arrives late would undo a later add, so connsync waits the whole window for a removal before an add.
  if (request?.method === 'remove') return live === undefined && goal.op !== 'replace';
  if (goal.op === 'update') {
    const remaining = remainingOf(goal, live);
    if ('conflict' in remaining) return true;
    if (request?.method === 'update' && removesFieldToReadd(request, goal)) return false;
    if (remaining.requests.length === 0) return true;
    return request !== undefined && canonicalJson(remaining.requests[0]) !== canonicalJson(request);
  }
  return live !== undefined;
}

/**
 * Returns whether a list is older than this action's completed requests, because it still shows what they removed. If
 * connsync acted on such a list, it would send the removal again and mistake the effect of the first removal for that
 * of the second.
 */
export function isStale({ goal, hasBegun }: Progress, live: Spec | undefined): boolean {
  if (!hasBegun) return false;
  const remaining = remainingOf(goal, live);
  const [next] = 'conflict' in remaining ? [] : remaining.requests;
  return next?.method === 'remove' || (next?.method === 'update' && removesFieldToReadd(next, goal));
}

/** Returns the step after a lookup, given what the lists showed. */
export function afterLookup(step: ProtocolStep & { readonly at: 'look' }, observation: Observation): ProtocolStep {
  const { goal, error, doubt, unclear } = step;
  if (observation.kind === 'blind')
    return unknownOutcome(step, 'its outcome is unknown; the next apply checks what happened');
  const remaining = remainingOf(goal, observation.live);
  if ('conflict' in remaining)
    return afterFailure(step, { ...error, ...conflictIn(step, remaining.conflict) }, 'failed');
  const { requests } = remaining;
  if (requests.length === 0)
    return { at: 'end', ending: { state: 'applied', attempts: step.attempts, retries: step.retries }, outcome: 'done' };
  if (doubt === 'taken')
    return afterFailure(
      step,
      { ...error, message: `${error.message} (the id is taken, but no list shows the connection)` },
      'failed',
    );
  // An earlier send of the refused request may have succeeded. The action then continues and has begun.
  const justBegun = !step.hasBegun && firstRequestDone(step, observation.live);
  if (doubt === 'refused' && !justBegun) return afterFailure({ ...step, rest: requests }, error, 'failed');
  if (unclear >= MAX_SENDS)
    return unknownOutcome({ ...step, rest: requests }, `connsync sent it ${unclear} times, and no list shows it`);
  const same = canonicalJson(requests[0]) === canonicalJson(step.rest[0]);
  return {
    at: 'send',
    goal,
    rest: requests,
    hasBegun: step.hasBegun || justBegun,
    attempts: step.attempts,
    retries: step.retries,
    unclear: same ? unclear : 0,
  };
}

/** Returns whether live no longer shows what the first request removes: the connection, or fields to add again. */
function firstRequestDone({ goal, rest: [request] }: Progress, live: Spec | undefined): boolean {
  if (goal.op === 'replace') return live === undefined;
  if (request?.method !== 'update' || !removesFieldToReadd(request, goal)) return false;
  const fields = fieldsOf(live);
  return (request.delta.remove ?? []).every((id) => !fields.has(id));
}

/**
 * Returns the message of a conflict. After an unclear create, a different connection may come from that create, changed
 * by Datadog, or from someone else, so the user has to decide.
 */
function conflictIn(
  { goal, doubt, error: { message } }: ProtocolStep & { readonly at: 'look' },
  conflict: string,
): Pick<RequestError, 'message' | 'hint'> {
  if (goal.op !== 'create' || doubt !== 'unclear') return { message: `${message} (${conflict})` };
  return {
    message: `${message} (a different connection exists: either this create as Datadog changed it, or someone else's; ${conflict})`,
    hint: 'run connsync plan; if the connection is yours, adopt it with connsync apply --adopt',
  };
}

/** Returns whether an unclear outcome needs the whole settle window. Otherwise a single list is enough. */
export function mustWait(
  { goal, rest: [request], doubt }: ProtocolStep & { readonly at: 'look' },
  refusesSecond: boolean,
): boolean {
  if (doubt !== 'unclear' || request === undefined) return true;
  if (request.method === 'update') return removesFieldToReadd(request, goal);
  return request.method === 'remove' || !refusesSecond;
}

/**
 * Returns whether the first list may be stale. If so, polling continues until a list isn't stale, or the settle window
 * ends.
 */
export function mayBeStale({ hasBegun }: ProtocolStep & { readonly at: 'look' }): boolean {
  return hasBegun;
}

/**
 * Returns whether an update removes a field that is added again later. If such an update arrived late, it would remove
 * the new field.
 */
function removesFieldToReadd({ delta }: Request & { readonly method: 'update' }, { after }: Goal): boolean {
  const desiredFields = fieldsOf(after);
  return (delta.remove ?? []).some((id) => desiredFields.has(id));
}

const FIRST_WRITE = { create: 'create', update: 'update', replace: 'remove', delete: 'remove' } as const;

/** Returns the method and path of an action's first request, for errors that don't come from a request of this run. */
function requestOf({ op, key }: Goal): Pick<RequestError, 'method' | 'path'> {
  return displayEndpoint(FIRST_WRITE[op], splitKey(key));
}

function afterSuccess(step: Progress): ProtocolStep {
  const rest = step.rest.slice(1);
  if (rest.length > 0) return { ...step, at: 'send', rest, hasBegun: true, unclear: 0 };
  const { attempts, retries, alreadyGone } = step;
  return { at: 'end', ending: { state: 'applied', attempts, retries, ...compact({ alreadyGone }) }, outcome: 'done' };
}

function isFirstSend({ goal, unclear }: Progress, { attempts }: Answer): boolean {
  return goal.op === 'delete' && unclear === 0 && attempts <= 1;
}

/**
 * Returns the end of a failed action. The intent stays open if a request's outcome is unclear, or if the action is
 * partly done and Datadog didn't refuse the rest. The next run then looks up the outcome and completes the action.
 */
function afterFailure(
  step: Progress,
  error: RequestError,
  outcome: Outcome['state'],
  runFailure?: Failure,
): ProtocolStep {
  const partial = partialResultOf(step);
  const why =
    partial === undefined
      ? ''
      : partial === 'nothing'
        ? ' (connsync deleted the connection and did not create it again)'
        : ' (an earlier request of this action succeeded)';
  const settled = (step.hasBegun || step.unclear > 0) && outcome === 'aborted' ? 'unclear' : outcome;
  const hint =
    error.hint ?? (runFailure?.hint !== undefined ? runFailure.hint : settled === 'unclear' ? RETRY_HINT : undefined);
  return {
    at: 'end',
    outcome: settled,
    ending: {
      state: 'failed',
      attempts: step.attempts,
      retries: step.retries,
      error: { ...error, message: `${error.message}${why}`, ...compact({ hint }) },
      ...compact({ runFailure, partial }),
    },
  };
}

const RETRY_HINT = 'run connsync apply again; it checks what happened and sends only what is missing';

function unknownOutcome(step: Progress & { readonly error: RequestError }, why: string): ProtocolStep {
  return afterFailure(step, { ...step.error, message: `${step.error.message} (${why})` }, 'unclear');
}

function partialResultOf({ goal, rest, hasBegun }: Progress): PartialResult | undefined {
  if (!hasBegun) return undefined;
  if (goal.op === 'replace') return 'nothing';
  const missing = rest.flatMap((request) => (request.method === 'update' ? (request.delta.add ?? []) : []));
  return { without: missing.map(({ id }) => id) };
}

function credentialsRejected({ method, path, message }: RequestError): Failure {
  return new Failure('credentials-rejected', `Datadog returned ${message} for ${method} ${path}; connsync stopped`, {
    hint: 'use an application key with audience_management_read and audience_management_write',
  });
}

function outage({ message }: RequestError): Failure {
  return new Failure('unreachable', `${message}; connsync stopped`, {
    hint: 'run connsync apply again when Datadog is reachable; completed changes are recorded',
  });
}
