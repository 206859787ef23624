import type { IncomingHttpHeaders } from 'node:http';
import { refusal, tooMany, type EmulatorResponse } from './response.ts';
import { authenticate } from './authenticate.ts';
import type { Behaviour } from './behaviour.ts';
import { jsonBody, type Body, type Text } from './body.ts';
import { injectFault, type Later } from './faults/inject-fault.ts';
import { carryOut, type EmulatorContext } from './operations.ts';
import type { Turn } from './rate-limit.ts';
import type { OpenRequest } from './request-log.ts';
import { findRoute, type Route } from './route.ts';
import type { Scripts } from './scripted.ts';

/** A request, read to its end. */
export interface Received {
  readonly seen: OpenRequest;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
  readonly text: Text;
}

export interface Stages {
  /** Undefined where nothing limits the rate. */
  readonly takeTurn: (() => Turn) | undefined;
  readonly scripts: Scripts;
  /** How the server behaves at this moment. */
  readonly behaviour: () => Behaviour;
  readonly later: Later;
  readonly worldOf: (request: OpenRequest) => EmulatorContext;
  /** Resolves once what is in the store is on disk. */
  readonly save: () => Promise<void>;
}

/**
 * The way of every request, each step of it free to end it with an answer:
 *
 *   route → authenticate → rate limit → scripted answer → fault → validate → store → answer
 *
 * In an outage there is not even the first of them. A fault may have the rest done late or never, and spoil the answer.
 *
 * A change is on disk before it is answered, where there is a disk, so that killing the emulator loses nothing that
 * a client knows of.
 */
export async function answerTo(request: Received, stages: Stages): Promise<EmulatorResponse> {
  const { seen, headers } = request;
  if (stages.behaviour().dice.isDead) {
    seen.fault = 'dead';
    return { status: 0, sending: { how: 'dropped' } };
  }
  const route = findRoute(seen.method, seen.path);
  if ('refused' in route) return route.refused;
  const denied = authenticate(route, headers);
  if (denied !== undefined) return denied;

  const turn = isLimited(route) ? stages.takeTurn?.() : undefined;
  if (turn?.granted === false) return tooMany(turn.headers);
  const answer = stages.scripts.next(seen) ?? (await doneOrFaulty(route, request, stages));
  return turn === undefined ? answer : { ...answer, headers: { ...turn.headers, ...answer.headers } };
}

async function doneOrFaulty(route: Route, request: Received, stages: Stages): Promise<EmulatorResponse> {
  const { seen } = request;
  const fault = stages.behaviour().dice.next(seen);
  if (fault === undefined) return done(route, request, stages);
  seen.fault = fault.kind;
  return injectFault(fault, () => done(route, request, stages), stages.later);
}

async function done(route: Route, request: Received, { worldOf, save }: Stages): Promise<EmulatorResponse> {
  const { seen, headers, body, text } = request;
  const answer = carryOut(route, () => jsonBody(body, text, headers['content-type']), worldOf(seen));
  if (!isWrite(route) || answer.status >= 300) return answer;
  try {
    await save();
    return answer;
  } catch (error) {
    // It was done, but may be gone after a restart: for the client an outcome that only a list can tell.
    const why = error instanceof Error ? error.message : String(error);
    return refusal(500, [{ detail: `The emulator could not write its data: ${why}` }]);
  }
}

/** The keys' own paths have a bucket of their own at Datadog, which nobody runs dry. */
function isLimited({ operation }: Route): boolean {
  return operation !== 'validateKey' && operation !== 'validateKeyAndTellOrganisation';
}

function isWrite({ operation }: Route): boolean {
  return operation === 'createConnection' || operation === 'updateConnection' || operation === 'deleteConnection';
}
