import { splitKey } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Answer, ConnectionsWriter, Outcome } from '../core/ports.ts';
import type { Request } from './goal.ts';
import type { ListPoller } from './list-poller.ts';
import {
  afterAnswer,
  isStale,
  isShown,
  afterLookup,
  mayBeStale,
  mustWait,
  cannotAnnounce,
  type Ending,
  type Observation,
  type ProtocolStep,
} from './protocol.ts';

/** The dependencies that the protocol needs to execute one action. */
export interface ProtocolContext {
  readonly api: ConnectionsWriter;
  readonly poller: ListPoller;
  readonly settleMs: number;
  /**
   * Adds the intent of a request to the journal. Resolves once the intent is durable. Throws a `Failure` if the journal
   * can't be written.
   */
  readonly intend: (sending: Request['method']) => Promise<void>;
  /** Writes the outcome of the action to the journal. Never throws for a disk error. */
  readonly settle: (state: Outcome['state'], ending: Ending) => Promise<void>;
  /** Runs `work` when fewer requests are in flight than allowed. An action that waits for a list doesn't count. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Called before the first request. Returns false if no further action may start. */
  readonly start: () => boolean;
  /** Returns whether a request that no list shows may be resent. */
  readonly mayRepeat: () => boolean;
  readonly cut: AbortSignal;
  /** Facts about Datadog that this run has observed, shared by all its actions. */
  readonly learned: Learned;
}

/** True once Datadog has rejected a duplicate create. It then rejects all of them, so a late create is harmless. */
export interface Learned {
  rejectsDuplicates: boolean;
}

/** Executes the steps of the protocol until the action ends. */
export async function runProtocol(firstStep: ProtocolStep, context: ProtocolContext): Promise<Ending> {
  for (let step = firstStep; ;) {
    if (step.at === 'end') return step.ending;
    step =
      step.at === 'look'
        ? await settleIfEnded(await lookUp(step, context), context)
        : await context.inTurn(() => sendInTurn(step, context));
  }
}

/**
 * Sends the requests of an action and writes the outcome before the next action gets its turn, so that the next action
 * doesn't start if the run has failed.
 */
async function sendInTurn(step: ProtocolStep, context: ProtocolContext): Promise<ProtocolStep> {
  if (!context.start()) return NOT_STARTED;
  return settleIfEnded(await sendAll(step, context), context);
}

const NOT_STARTED: ProtocolStep = { at: 'end', ending: { state: 'skipped' }, outcome: 'aborted' };

async function settleIfEnded(step: ProtocolStep, { settle }: ProtocolContext): Promise<ProtocolStep> {
  if (step.at === 'end') await settle(step.outcome, step.ending);
  return step;
}

/**
 * Sends the requests of an action one after the other within one turn (see `inTurn`), so that no other action runs
 * between a delete and its create.
 */
async function sendAll(firstStep: ProtocolStep, context: ProtocolContext): Promise<ProtocolStep> {
  let step = firstStep;
  while (step.at === 'send') step = await sendFirst(step, context);
  return step;
}

async function sendFirst(
  step: ProtocolStep & { readonly at: 'send' },
  context: ProtocolContext,
): Promise<ProtocolStep> {
  const [request] = step.rest;
  if (request === undefined) throw new Error(`the action on ${step.goal.key} has no request to send`);
  try {
    const answer = await send(step.goal.key, request, context);
    if (answer.kind === 'exists') context.learned.rejectsDuplicates = true;
    return afterAnswer(step, answer);
  } catch (cause) {
    // The intent could not be made durable, so the request was not sent. If it was the first, nothing happened;
    // otherwise the outcome of the earlier requests stays unclear.
    if (!(cause instanceof Failure) || (step.attempts === 0 && !step.hasBegun)) throw cause;
    return cannotAnnounce(step, cause);
  }
}

function send(key: string, request: Request, { api, cut, intend }: ProtocolContext): Promise<Answer> {
  const identity = splitKey(key);
  const announce = (): Promise<void> => intend(request.method);
  switch (request.method) {
    case 'create':
      return api.create({ ...identity, spec: request.spec }, cut, announce);
    case 'update':
      return api.update({ ...identity, delta: request.delta }, cut, announce);
    case 'remove':
      return api.remove(identity, cut, announce);
    default:
      return request satisfies never;
  }
}

async function lookUp(step: ProtocolStep & { readonly at: 'look' }, context: ProtocolContext): Promise<ProtocolStep> {
  const isPatient = mustWait(step, context.learned.rejectsDuplicates);
  const observation: Observation = await context.poller.until(
    step.goal.key,
    isPatient || mayBeStale(step) ? context.settleMs : 0,
    // A request that may be resent immediately needs only one list that isn't stale.
    (live) => isShown(step, live) || (!isPatient && !isStale(step, live)),
  );
  const next = afterLookup(step, observation);
  // A stopping run still completes a partly done action, but leaves others to the next run.
  return next.at === 'send' && !next.hasBegun && !context.mayRepeat() ? afterLookup(step, { kind: 'blind' }) : next;
}
