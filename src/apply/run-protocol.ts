import { splitKey } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Answer, ConnectionsWriter, Outcome } from '../core/ports.ts';
import type { Request } from './goal.ts';
import type { ListPoller } from './list-poller.ts';
import {
  answered,
  isStale,
  isShown,
  afterLookup,
  mayBeStale,
  mustWait,
  cannotAnnounce,
  type Ending,
  type Observation,
  type Step,
} from './protocol.ts';

/** What the protocol needs of the world for one action. */
export interface ProtocolContext {
  readonly api: ConnectionsWriter;
  readonly poller: ListPoller;
  readonly settleMs: number;
  /** Resolves once the intent to send this is durable. Throws a Failure where it can't be. */
  readonly intend: (sending: Request['method']) => Promise<void>;
  /** Notes how it ended. Never throws for what the disk did. */
  readonly settle: (state: Outcome['state'], ending: Ending) => Promise<void>;
  /** Runs `work` once fewer requests are under way than allowed. Whoever waits to look holds no place. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Asked at the first turn: false where nothing is to be started any more. */
  readonly start: () => boolean;
  /** Whether what no list shows may be sent again. */
  readonly mayRepeat: () => boolean;
  readonly cut: AbortSignal;
  /** What this run has learned about Datadog, shared by all its actions. */
  readonly learned: Learned;
}

/** Whether a second create with the same id was refused once: then it always is, and a late create does no harm. */
export interface Learned {
  refusesSecond: boolean;
}

/** Carries the steps of the protocol out, one after the other, until the action has ended. */
export async function runProtocol(first: Step, context: ProtocolContext): Promise<Ending> {
  for (let step = first; ;) {
    if (step.at === 'end') return step.ending;
    step =
      step.at === 'look'
        ? await ended(await look(step, context), context)
        : await context.inTurn(() => takeTurn(step, context));
  }
}

/** Ends inside the turn, so that whoever gets the place next knows of what ends the run. */
async function takeTurn(step: Step, context: ProtocolContext): Promise<Step> {
  if (!context.start()) return NOT_STARTED;
  return ended(await sendAll(step, context), context);
}

const NOT_STARTED: Step = { at: 'end', ending: { state: 'skipped' }, outcome: 'aborted' };

async function ended(step: Step, { settle }: ProtocolContext): Promise<Step> {
  if (step.at === 'end') await settle(step.outcome, step.ending);
  return step;
}

/** The requests of an action belong together: between a delete and its create nobody else gets the place. */
async function sendAll(first: Step, context: ProtocolContext): Promise<Step> {
  let step = first;
  while (step.at === 'send') step = await sendFirst(step, context);
  return step;
}

async function sendFirst(step: Step & { readonly at: 'send' }, context: ProtocolContext): Promise<Step> {
  const [request] = step.rest;
  if (request === undefined) throw new Error(`there is nothing to send for ${step.goal.key}`);
  try {
    const answer = await send(step.goal.key, request, context);
    if (answer.kind === 'exists') context.learned.refusesSecond = true;
    return answered(step, answer);
  } catch (cause) {
    // It could not be announced. Before the first sending nothing happened; later, what is in doubt stays so.
    if (!(cause instanceof Failure) || (step.attempts === 0 && !step.begun)) throw cause;
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

async function look(step: Step & { readonly at: 'look' }, context: ProtocolContext): Promise<Step> {
  const isPatient = mustWait(step, context.learned.refusesSecond);
  const observation: Observation = await context.poller.until(
    step.goal.key,
    isPatient || mayBeStale(step) ? context.settleMs : 0,
    // What may be sent again at once needs one list that isn't too old.
    (there) => isShown(step, there) || (!isPatient && !isStale(step, there)),
  );
  const next = afterLookup(step, observation);
  // Something half done is finished also by a run that is being stopped; what has not begun is left to the next one.
  return next.at === 'send' && !next.begun && !context.mayRepeat() ? afterLookup(step, { kind: 'blind' }) : next;
}
