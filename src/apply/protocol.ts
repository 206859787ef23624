import { compact } from '../core/compact.ts';
import { canonicalJson } from '../core/canonical.ts';
import { splitKey, type Spec } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import { fieldsOf } from '../core/difference.ts';
import type { Answer, Intent, Outcome, RequestError } from '../core/ports.ts';
import { displayEndpoint } from '../core/wire/endpoints.ts';
import { remainingOf, type Goal, type Request } from './goal.ts';

/*
 * The write-ahead protocol: how one action is carried out so that it can be killed at any moment, and neither lost nor done
 * twice.
 *
 * Datadog lets the client choose a connection's id, but promises nothing about a second create with the same one, and an
 * answer may be lost at any time. So nothing is sent that a journal on disk doesn't announce, and nothing is sent again before
 * a list has shown that it was not done:
 *
 *             ┌──────────────────── again, at most three times ────────────────────┐
 *             ▼                                                                    │
 *   begin ─► send ─┬─ done ──────────► send the next request, or end: applied      │
 *                  ├─ refused ───────► end: failed, nothing happened               │
 *                  ├─ unsent ────────► end: failed, nothing happened               │
 *                  ├─ denied, outage ► end, and the run with it                    │
 *                  └─ unclear, taken ► look ─┬─ shown, as it is to be ► end: applied
 *                                            ├─ shown, otherwise ─────► end: a conflict, told, never overwritten
 *                                            ├─ not shown in time ────► send ──────┘
 *                                            └─ no list to be had ────► end: unknown, the intent stays open
 *
 * - *send*: once the rate limit lets it through, the intent is made durable (fsync), with the body before and the body after,
 *   and only then the first byte leaves. The record stands in the intent too, so that a success is recorded even where the
 *   run is killed before it writes the lockfile. Each sending is announced anew: a request is never on its way for longer
 *   than its last intent is old. What became of it is an `Answer`; a status alone is enough, whatever befalls the body.
 * - *look*: lists until the request shows, or until so long that a request which is still on its way must have arrived (the
 *   settle window). Creates have to wait it out, and so has whatever takes away what may be put there again afterwards: a
 *   delete, the removal of a field that changes its column. Arriving late, it would undo what came after it. Any other update
 *   is computed anew from what is there.
 * - *end*: the journal gets the outcome; `unclear` leaves the intent open. The next run begins by looking (`recover.ts`).
 *
 * Where Datadog refused a second create once (409, or words to that effect), it will again: then a late create can do no
 * harm, and nobody waits for it.
 *
 * This file is the machine alone, a function from a step and a fact to the next step. It knows no clock, disk or network;
 * `drive.ts` carries the steps out over the ports.
 */

/** What one action has come to. */
interface Progress {
  readonly goal: Goal;
  /** What is left to send; the first is next, or under way. */
  readonly rest: readonly Request[];
  /** An earlier request of this action was done: stopping here leaves something half done. */
  readonly begun: boolean;
  /** Requests sent so far, the client's own retries included. */
  readonly attempts: number;
  /** How many of them repeated an earlier one. */
  readonly retries: number;
  /** How often the first of `rest` was sent without anybody knowing what became of it. */
  readonly unclear: number;
}

/** Why a list is needed. `refused`: after an unclear sending, so that it may be the first one's success that refuses the second. */
export type Doubt = 'unclear' | 'taken' | 'refused';

export type Step =
  | (Progress & { readonly at: 'send' })
  | (Progress & { readonly at: 'look'; readonly doubt: Doubt; readonly error: RequestError })
  | { readonly at: 'end'; readonly ending: Ending; readonly outcome: Outcome['state'] };

/**
 * What an action left behind whose first request was done and a later one not: the connection is gone, or some of its fields are.
 * It was us, and must not be taken for drift later.
 */
export type Left = 'nothing' | { readonly without: readonly string[] };

/** How an action ended. `ends`: nothing more is to be started. */
export type Ending =
  | { readonly state: 'applied'; readonly attempts: number; readonly retries: number }
  | {
      readonly state: 'failed';
      readonly attempts: number;
      readonly retries: number;
      readonly error: RequestError;
      readonly ends?: Failure;
      readonly left?: Left;
    }
  | { readonly state: 'skipped'; readonly ends?: Failure };

/** What lists showed: `there` is undefined where the connection is not in them; `late` is true once the wait was long enough. */
export type Observation =
  | { readonly kind: 'seen'; readonly there: Spec | undefined; readonly late: boolean }
  /** No list could be had, or the run is being stopped. */
  | { readonly kind: 'blind' };

/** So often a request is sent again that no list shows. */
const MOST_SENDINGS = 4;

export function begin(goal: Goal, rest: readonly Request[]): Step {
  return { at: 'send', goal, rest, begun: false, attempts: 0, retries: 0, unclear: 0 };
}

/**
 * An intent that an earlier run left open: nobody knows what became of the request that it announced. What of an update was sent can
 * not be said by its method alone; it is done once nothing is left to do.
 */
export function resume(goal: Goal, sending: Intent['sending']): Step & { readonly at: 'look' } {
  const { op, after } = goal;
  const error = { ...requestOf(goal), message: 'the run that sent it was interrupted' };
  const wasCreate = op === 'create' || (op === 'replace' && sending === 'create');
  const rest: readonly Request[] =
    op === 'update'
      ? []
      : wasCreate && after !== undefined
        ? [{ method: 'create', spec: after }]
        : [{ method: 'remove' }];
  const begun = op === 'replace' && wasCreate;
  return { at: 'look', goal, rest, begun, attempts: 0, retries: 0, unclear: 1, doubt: 'unclear', error };
}

/** A further sending could not be announced: what is known of the earlier ones is all that there is. */
export function cannotAnnounce(step: Step & { readonly at: 'send' }, ends: Failure): Step {
  const error = { ...requestOf(step.goal), message: `${ends.message}; the next apply looks first` };
  return failedWith(step, error, 'unclear', ends);
}

/** The answer to the first of `rest`. */
export function answered(step: Step & { readonly at: 'send' }, answer: Answer): Step {
  const attempts = step.attempts + answer.attempts;
  const now = { ...step, attempts, retries: step.retries + repeatsIn(step, answer) };
  switch (answer.kind) {
    case 'done':
      return doneWith(now);
    case 'missing':
      // A connection that is gone already is what a delete wants.
      return step.rest[0]?.method === 'remove' ? doneWith(now) : failedWith(now, answer.error, 'failed');
    case 'exists':
      return { ...now, at: 'look', doubt: 'taken', error: answer.error };
    case 'unclear':
      return { ...now, at: 'look', doubt: 'unclear', error: answer.error, unclear: step.unclear + 1 };
    case 'refused':
      return step.unclear > 0
        ? { ...now, at: 'look', doubt: 'refused', error: answer.error }
        : failedWith(now, answer.error, 'failed');
    case 'unsent':
      return failedWith(now, answer.error, 'aborted');
    case 'denied':
      return failedWith(now, answer.error, 'aborted', rejected(answer.error));
    case 'outage':
      return step.begun || step.unclear > 0
        ? failedWith(now, answer.error, 'aborted', outage(answer.error))
        : { at: 'end', ending: { state: 'skipped', ends: outage(answer.error) }, outcome: 'aborted' };
    default:
      return answer satisfies never;
  }
}

/** The first sending of a request is no retry, unless an earlier one had an unclear outcome. */
function repeatsIn({ unclear }: Progress, { attempts }: Answer): number {
  return attempts === 0 ? 0 : attempts - (unclear > 0 ? 0 : 1);
}

/** Whether what a list shows tells that the request in doubt was done. */
export function isShown(step: Step & { readonly at: 'look' }, there: Spec | undefined): boolean {
  const {
    goal,
    rest: [request],
  } = step;
  if (isStale(step, there)) return false;
  if (request?.method === 'remove') return there === undefined;
  if (goal.op === 'update') {
    const remaining = remainingOf(goal, there);
    if ('conflict' in remaining || remaining.requests.length === 0) return true;
    return request !== undefined && canonicalJson(remaining.requests[0]) !== canonicalJson(request);
  }
  return there !== undefined;
}

/**
 * Whether a list is from before what this action is known to have done: it still shows what that took away. Taken for the truth,
 * the same would be taken away once more, and a second removal that is in doubt seems to be done as soon as the first one shows.
 */
export function isStale({ goal, begun }: Progress, there: Spec | undefined): boolean {
  if (!begun) return false;
  const remaining = remainingOf(goal, there);
  const [next] = 'conflict' in remaining ? [] : remaining.requests;
  return next?.method === 'remove' || (next?.method === 'update' && takesAway(next, goal));
}

/** What the lists showed in the end. */
export function afterLookup(step: Step & { readonly at: 'look' }, observation: Observation): Step {
  const { goal, error, doubt, unclear } = step;
  if (observation.kind === 'blind') return unknown(step, 'whether it was done is unknown; the next apply looks first');
  const remaining = remainingOf(goal, observation.there);
  if ('conflict' in remaining) return failedWith(step, { ...error, ...conflictIn(step, remaining.conflict) }, 'failed');
  const { requests } = remaining;
  if (requests.length === 0)
    return { at: 'end', ending: { state: 'applied', attempts: step.attempts, retries: step.retries }, outcome: 'done' };
  if (doubt === 'taken')
    return failedWith(
      step,
      { ...error, message: `${error.message} (the id is taken, and no list shows it)` },
      'failed',
    );
  // What was refused may have been done by an earlier sending: then the action goes on, and has begun.
  const justBegun = !step.begun && firstWasDone(step, observation.there);
  if (doubt === 'refused' && !justBegun) return failedWith({ ...step, rest: requests }, error, 'failed');
  if (unclear >= MOST_SENDINGS)
    return unknown({ ...step, rest: requests }, `it was sent ${unclear} times, and no list shows it`);
  const same = canonicalJson(requests[0]) === canonicalJson(step.rest[0]);
  return {
    at: 'send',
    goal,
    rest: requests,
    begun: step.begun || justBegun,
    attempts: step.attempts,
    retries: step.retries,
    unclear: same ? unclear : 0,
  };
}

/** Whether what a first request takes away for good is gone: a replace's connection, or fields that are to be added again. */
function firstWasDone({ goal, rest: [request] }: Progress, there: Spec | undefined): boolean {
  if (goal.op === 'replace') return there === undefined;
  if (request?.method !== 'update' || !takesAway(request, goal)) return false;
  const fields = fieldsOf(there);
  return (request.delta.remove ?? []).every((id) => !fields.has(id));
}

/** Of a create in doubt, what is there may be that create as Datadog changed it, or somebody else's: only a person can tell. */
function conflictIn(
  { goal, doubt, error: { message } }: Step & { readonly at: 'look' },
  conflict: string,
): Pick<RequestError, 'message' | 'hint'> {
  if (goal.op !== 'create' || doubt !== 'unclear') return { message: `${message} (${conflict})` };
  return {
    message: `${message} (a connection is there that differs: this create, as Datadog changed it, or somebody else's; ${conflict})`,
    hint: 'look at connsync plan; if it is yours, take it over with connsync apply --adopt',
  };
}

/** Which wait an unclear outcome asks for: until the request must have arrived, or a single look. */
export function mustWait(
  { goal, rest: [request], doubt }: Step & { readonly at: 'look' },
  refusesSecond: boolean,
): boolean {
  if (doubt !== 'unclear' || request === undefined) return true;
  if (request.method === 'update') return takesAway(request, goal);
  return request.method === 'remove' || !refusesSecond;
}

/** Whether the first list may be too old to tell anything: then it is looked again, until one isn't, or the settle window ends. */
export function mayBeStale({ begun }: Step & { readonly at: 'look' }): boolean {
  return begun;
}

/** Whether the update removes a field that is added again later: arriving late, it would take the new one away. */
function takesAway({ delta }: Request & { readonly method: 'update' }, { after }: Goal): boolean {
  const wanted = fieldsOf(after);
  return (delta.remove ?? []).some((id) => wanted.has(id));
}

const FIRST_WRITE = { create: 'create', update: 'update', replace: 'remove', delete: 'remove' } as const;

/** The first request of an action, for an error without a request of this run. */
function requestOf({ op, key }: Goal): Pick<RequestError, 'method' | 'path'> {
  return displayEndpoint(FIRST_WRITE[op], splitKey(key));
}

function doneWith(step: Progress): Step {
  const rest = step.rest.slice(1);
  if (rest.length > 0) return { ...step, at: 'send', rest, begun: true, unclear: 0 };
  return { at: 'end', ending: { state: 'applied', attempts: step.attempts, retries: step.retries }, outcome: 'done' };
}

/**
 * Half an action that Datadog did not refuse stays open, and so does one of which an earlier sending is in doubt: the next run finishes
 * it from the bodies in the journal, or looks for it.
 */
function failedWith(step: Progress, error: RequestError, outcome: Outcome['state'], ends?: Failure): Step {
  const left = leftBy(step);
  const why =
    left === undefined
      ? ''
      : left === 'nothing'
        ? ' (it was deleted, and is not created again)'
        : ' (an earlier request of it was done)';
  const settled = (step.begun || step.unclear > 0) && outcome === 'aborted' ? 'unclear' : outcome;
  const hint = error.hint ?? (ends?.hint !== undefined ? ends.hint : settled === 'unclear' ? LOOKS_FIRST : undefined);
  return {
    at: 'end',
    outcome: settled,
    ending: {
      state: 'failed',
      attempts: step.attempts,
      retries: step.retries,
      error: { ...error, message: `${error.message}${why}`, ...compact({ hint }) },
      ...compact({ ends, left }),
    },
  };
}

const LOOKS_FIRST = 'run connsync apply again: it looks first, and sends only what is missing';

function unknown(step: Progress & { readonly error: RequestError }, why: string): Step {
  return failedWith(step, { ...step.error, message: `${step.error.message} (${why})` }, 'unclear');
}

function leftBy({ goal, rest, begun }: Progress): Left | undefined {
  if (!begun) return undefined;
  if (goal.op === 'replace') return 'nothing';
  const missing = rest.flatMap((request) => (request.method === 'update' ? (request.delta.add ?? []) : []));
  return { without: missing.map(({ id }) => id) };
}

function rejected({ method, path, message }: RequestError): Failure {
  return new Failure(
    'credentials-rejected',
    `Datadog said ${message} to ${method} ${path}, and nothing more was attempted`,
    { hint: 'the application key needs audience_management_read and audience_management_write' },
  );
}

function outage({ message }: RequestError): Failure {
  return new Failure('unreachable', `${message}; nothing more was attempted`, {
    hint: 'what was done is recorded: run connsync apply again once Datadog answers',
  });
}
