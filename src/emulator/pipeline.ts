import type { IncomingHttpHeaders } from 'node:http';
import { refusal, tooMany, type EmulatorResponse } from './response.ts';
import { authenticate } from './authenticate.ts';
import type { Behaviour } from './behaviour.ts';
import { jsonBody, type Body, type Text } from './body.ts';
import { injectFault, type Later } from './faults/inject-fault.ts';
import { runOperation, type EmulatorContext } from './operations.ts';
import type { Turn } from './rate-limit.ts';
import type { OpenRequest } from './request-log.ts';
import { findRoute, type Route } from './route.ts';
import type { Scripts } from './scripted.ts';

/** A request whose body was read completely. */
export interface Received {
  readonly seen: OpenRequest;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
  readonly text: Text;
}

export interface Stages {
  /** Counts a request against the rate limit. Undefined if there is no rate limit. */
  readonly limitRate: (() => Turn) | undefined;
  readonly scripts: Scripts;
  /** Returns the current behaviour of the server. */
  readonly behaviour: () => Behaviour;
  readonly later: Later;
  readonly contextOf: (request: OpenRequest) => EmulatorContext;
  /** Resolves when the store's state is on disk. */
  readonly save: () => Promise<void>;
}

/**
 * Runs a request through these steps, each of which may respond and end it:
 *
 * route → authenticate → rate limit → scripted response → fault → validate → store → respond
 *
 * In an outage, no step runs. A fault may run the remaining steps late or never, and damage the response.
 *
 * With a data folder, a change is on disk before the response, so killing the emulator never loses a change that was
 * confirmed to a client.
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

  const turn = isLimited(route) ? stages.limitRate?.() : undefined;
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

async function done(route: Route, request: Received, { contextOf, save }: Stages): Promise<EmulatorResponse> {
  const { seen, headers, body, text } = request;
  const answer = runOperation(route, () => jsonBody(body, text, headers['content-type']), contextOf(seen));
  if (!isWrite(route) || answer.status >= 300) return answer;
  try {
    await save();
    return answer;
  } catch (error) {
    // The change is in memory but may be lost on a restart, so the client gets a 500, which means an unknown outcome.
    const why = error instanceof Error ? error.message : String(error);
    return refusal(500, [{ detail: `The emulator can't write its data: ${why}` }]);
  }
}

/**
 * Reports whether the rate limit applies to a route. Datadog has a separate bucket for the paths that check keys, with
 * a limit that connsync never reaches.
 */
function isLimited({ operation }: Route): boolean {
  return operation !== 'validateKey' && operation !== 'validateKeyAndTellOrganisation';
}

function isWrite({ operation }: Route): boolean {
  return operation === 'createConnection' || operation === 'updateConnection' || operation === 'deleteConnection';
}
