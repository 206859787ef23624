import { refusal, tooMany, type EmulatorResponse } from '../response.ts';
import type { Kind, Rule } from './faults.ts';
import { goodLimit, htmlPage, junkList, junkText, malformedRateLimit } from './malformed-responses.ts';
import type { Random } from './random.ts';

/** The fault of one request: whether and when the operation runs, and what the client receives. */
export interface Fault {
  readonly kind: Kind;
  readonly done: 'never' | 'now' | { readonly afterMs: number };
  /** Replaces the response, whether or not the operation produced one. */
  readonly shows: Partial<EmulatorResponse>;
}

/**
 * Returns the fault that a rule describes.
 *
 * | kind         | operation runs    | the client receives                                                   | `ms`            |
 * | ------------ | ----------------- | --------------------------------------------------------------------- | --------------- |
 * | drop-before  | never             | a closed socket                                                       |                 |
 * | drop-after   | now               | a closed socket                                                       |                 |
 * | error-before | never             | 500, 502, 503 or 504                                                  |                 |
 * | error-after  | now               | 500, 502, 503 or 504                                                  |                 |
 * | late         | `ms` later        | nothing, until it gives up                                            | 500             |
 * | late-error   | `ms` later        | 500, 502, 503 or 504 immediately                                      | 500             |
 * | limited      | never             | 429 with a reset in `ms`, in whole seconds                            | 1,000           |
 * | limited-bad  | never             | 429 with malformed headers                                            |                 |
 * | hang         | never             | nothing, until it gives up                                            |                 |
 * | drip         | now               | the body byte by byte, one each `ms`                                  | 20              |
 * | slow-headers | now               | the head byte by byte, one each `ms`                                  | 20              |
 * | cut          | now               | half of the body that Content-Length announces, then a closed socket  |                 |
 * | bomb         | now               | 256 KiB that decompress to 256 MiB                                    |                 |
 * | redirect     | never             | 307 to another origin                                                 |                 |
 * | html         | never             | 502 or 403 with an HTML page                                          |                 |
 * | junk         | now               | the right status, and a body that is not JSON or has the wrong shape  |                 |
 * | dead         | never             | a closed socket, also for every later request                         | forever         |
 */
export function faultOf(rule: Rule, { method, path }: { method: string; path: string }, random: Random): Fault {
  const { kind } = rule;
  const ms = (usual: number): number => lengthOf(rule.ms ?? usual, random);
  switch (kind) {
    case 'drop-before':
    case 'dead':
      return { kind, done: 'never', shows: { sending: { how: 'dropped' } } };
    case 'drop-after':
      return { kind, done: 'now', shows: { sending: { how: 'dropped' } } };
    case 'error-before':
      return { kind, done: 'never', shows: serverError(rule, random) };
    case 'error-after':
      return { kind, done: 'now', shows: serverError(rule, random) };
    case 'late':
      return { kind, done: { afterMs: ms(500) }, shows: { sending: { how: 'withheld' } } };
    case 'late-error':
      return { kind, done: { afterMs: ms(500) }, shows: serverError(rule, random) };
    case 'limited':
      return { kind, done: 'never', shows: tooMany(goodLimit(Math.ceil(ms(1_000) / 1_000))) };
    case 'limited-bad':
      return { kind, done: 'never', shows: tooMany(malformedRateLimit(random)) };
    case 'hang':
      return { kind, done: 'never', shows: { sending: { how: 'withheld' } } };
    case 'drip':
      return { kind, done: 'now', shows: { sending: { how: 'dripping', part: 'body', byteMs: ms(20) } } };
    case 'slow-headers':
      return { kind, done: 'now', shows: { sending: { how: 'dripping', part: 'head', byteMs: ms(20) } } };
    case 'cut':
      return { kind, done: 'now', shows: { sending: { how: 'cut' } } };
    case 'bomb':
      return { kind, done: 'now', shows: { sending: { how: 'bomb' } } };
    case 'redirect':
      return { kind, done: 'never', shows: { status: 307, headers: { location: `${rule.to ?? NOWHERE}${path}` } } };
    case 'html':
      return { kind, done: 'never', shows: htmlPage(rule.status ?? random.oneOf([502, 403])) };
    case 'junk':
      return { kind, done: 'now', shows: method === 'GET' ? junkList(random) : junkText(random) };
    default:
      return kind satisfies never;
  }
}

/** Returns a duration: the given one, or a random one in the given range. */
export function lengthOf(ms: number | readonly [number, number], random: Random): number {
  return typeof ms === 'number' ? ms : random.between(ms[0], ms[1]);
}

function serverError({ status }: Rule, random: Random): EmulatorResponse {
  return refusal(status ?? random.oneOf([500, 502, 503, 504]), [{ detail: 'This error is an injected fault.' }]);
}

/** Port 9, the discard service, where nothing listens today. */
const NOWHERE = 'http://127.0.0.1:9';
