import type { IncomingHttpHeaders } from 'node:http';
import { refusal, type Answer } from './answer.ts';
import { authenticate } from './authenticate.ts';
import { jsonBody, type Body, type Text } from './body.ts';
import { carryOut, type World } from './operations.ts';
import type { Turn } from './rate-limit.ts';
import type { SeenRequest } from './request-log.ts';
import { findRoute, type Route } from './route.ts';
import type { Scripts } from './scripted.ts';

/** A request, read to its end. */
export interface Received {
  readonly seen: SeenRequest;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
  readonly text: Text;
}

export interface Stages {
  /** Undefined where nothing limits the rate. */
  readonly takeTurn: (() => Turn) | undefined;
  readonly scripts: Scripts;
  readonly world: World;
  /** Resolves once what is in the store is on disk. */
  readonly save: () => Promise<void>;
}

/**
 * The way of every request, each step of it free to end it with an answer:
 *
 *   route → authenticate → rate limit → scripted answer → validate → store → answer
 *
 * A change is on disk before it is answered, where there is a disk, so that killing the emulator loses nothing that
 * a client knows of.
 */
export async function answerTo(request: Received, stages: Stages): Promise<Answer> {
  const { seen, headers } = request;
  const route = findRoute(seen.method, seen.path);
  if ('refused' in route) return route.refused;
  const denied = authenticate(route, headers);
  if (denied !== undefined) return denied;

  const turn = isLimited(route) ? stages.takeTurn?.() : undefined;
  if (turn?.granted === false) return tooMany(turn);
  const answer = stages.scripts.next(seen) ?? (await done(route, request, stages));
  return turn === undefined ? answer : { ...answer, headers: { ...turn.headers, ...answer.headers } };
}

async function done(route: Route, { headers, body, text }: Received, { world, save }: Stages): Promise<Answer> {
  const answer = carryOut(route, () => jsonBody(body, text, headers['content-type']), world);
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

/** The one answer that Datadog describes with plain strings. */
function tooMany({ headers }: Turn): Answer {
  const seconds = headers['X-RateLimit-Reset'];
  const body = JSON.stringify({ errors: [`Too many requests: the rate limit resets in ${seconds} s.`] });
  return { status: 429, headers: { 'content-type': 'application/json', ...headers }, body };
}
