import { splitKey } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Answer, ConnectionsWriter, Outcome } from '../core/ports.ts';
import type { Request } from './goal.ts';
import type { Polls } from './list-poller.ts';
import {
  answered,
  isOld,
  isShown,
  looked,
  mayBeOld,
  mustWait,
  stuck,
  type Ending,
  type Sight,
  type Step,
} from './protocol.ts';

/** What the protocol needs of the world for one action. */
export interface Drive {
  readonly api: ConnectionsWriter;
  readonly polls: Polls;
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
export async function drive(first: Step, world: Drive): Promise<Ending> {
  for (let step = first; ;) {
    if (step.at === 'end') return step.ending;
    step =
      step.at === 'look'
        ? await ended(await look(step, world), world)
        : await world.inTurn(() => takeTurn(step, world));
  }
}

/** Ends inside the turn, so that whoever gets the place next knows of what ends the run. */
async function takeTurn(step: Step, world: Drive): Promise<Step> {
  if (!world.start()) return NOT_STARTED;
  return ended(await sendAll(step, world), world);
}

const NOT_STARTED: Step = { at: 'end', ending: { state: 'skipped' }, outcome: 'aborted' };

async function ended(step: Step, { settle }: Drive): Promise<Step> {
  if (step.at === 'end') await settle(step.outcome, step.ending);
  return step;
}

/** The requests of an action belong together: between a delete and its create nobody else gets the place. */
async function sendAll(first: Step, world: Drive): Promise<Step> {
  let step = first;
  while (step.at === 'send') step = await sendFirst(step, world);
  return step;
}

async function sendFirst(step: Step & { readonly at: 'send' }, world: Drive): Promise<Step> {
  const [request] = step.rest;
  if (request === undefined) throw new Error(`there is nothing to send for ${step.goal.key}`);
  try {
    const answer = await send(step.goal.key, request, world);
    if (answer.kind === 'exists') world.learned.refusesSecond = true;
    return answered(step, answer);
  } catch (cause) {
    // It could not be announced. Before the first sending nothing happened; later, what is in doubt stays so.
    if (!(cause instanceof Failure) || (step.attempts === 0 && !step.begun)) throw cause;
    return stuck(step, cause);
  }
}

function send(key: string, request: Request, { api, cut, intend }: Drive): Promise<Answer> {
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

async function look(step: Step & { readonly at: 'look' }, world: Drive): Promise<Step> {
  const isPatient = mustWait(step, world.learned.refusesSecond);
  const sight: Sight = await world.polls.until(
    step.goal.key,
    isPatient || mayBeOld(step) ? world.settleMs : 0,
    // What may be sent again at once needs one list that isn't too old.
    (there) => isShown(step, there) || (!isPatient && !isOld(step, there)),
  );
  const next = looked(step, sight);
  // Something half done is finished also by a run that is being stopped; what has not begun is left to the next one.
  return next.at === 'send' && !next.begun && !world.mayRepeat() ? looked(step, { kind: 'blind' }) : next;
}
