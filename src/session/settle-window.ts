import { Failure } from '../core/diagnostic.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** A request that is on its way for longer is taken for lost, in milliseconds. */
const SETTLE_MS = 30_000;

/**
 * How long an unclear create is looked for, in milliseconds: half a minute, and never under the timeout of a request.
 * CONNSYNC_SETTLE_MS stands over both. Throws a Failure `usage` where it is no whole number.
 */
export function settleWindow(env: Runtime['env'], timeoutMs: number): number {
  const given = env['CONNSYNC_SETTLE_MS'];
  if (given === undefined || given === '') return Math.max(SETTLE_MS, timeoutMs);
  if (!/^\d{1,9}$/.test(given))
    throw new Failure('usage', `CONNSYNC_SETTLE_MS is ${JSON.stringify(given)}`, {
      hint: 'give it whole milliseconds, such as 30000',
    });
  return Number(given);
}
