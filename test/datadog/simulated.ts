import { retrying, type RetryOptions, type Sender, type Sent } from '../../src/datadog/retry.ts';
import type { Exchange, HttpRequest, Method, Reply } from '../../src/datadog/transport.ts';
import { never } from './loopback.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A simulated Datadog: scripted replies without sockets, and a clock that jumps. */
export function answer(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { kind: 'answered', status, header: (name) => headers[name.toLowerCase()], body: Buffer.alloc(0) };
}

export const REFUSED: Reply = { kind: 'failed', sent: false, reason: 'connect ECONNREFUSED', untrusted: false };
export const RESET: Reply = { kind: 'failed', sent: true, reason: 'read ECONNRESET', untrusted: false };

export const LIST: HttpRequest = {
  method: 'GET',
  path: '/api/v2/product-analytics/users/mapping/connections',
  limit: 1,
};

export function write(method: Exclude<Method, 'GET'>, id = 'x'): HttpRequest {
  const path = '/api/v2/product-analytics/users/mapping/connection';
  return { method, path: method === 'DELETE' ? `${path}/${id}` : path, body: id, limit: 1 };
}

export interface Wait {
  readonly reason: string;
  readonly ms: number;
  /** When it was reported. */
  readonly at: number;
}

/** Returns the policy over a simulated exchange. Every reported wait is added to `waits`. */
export function simulated(
  time: VirtualTime,
  exchange: Exchange,
  more: Partial<RetryOptions> = {},
): { readonly send: Sender; readonly waits: readonly Wait[] } {
  const waits: Wait[] = [];
  const send = retrying(exchange, {
    maxRetries: 5,
    random: () => 0.5,
    clock: time.clock,
    sleep: time.sleep,
    waiting: (wait) => waits.push({ ...wait, at: time.now }),
    ...more,
  });
  return { send, waits };
}

/** Runs a number of workers, each of which sends its next request when the previous one is done. */
export async function work(
  send: Sender,
  requests: readonly HttpRequest[],
  { workers = 16, signal = never() }: { readonly workers?: number; readonly signal?: AbortSignal } = {},
): Promise<readonly Sent[]> {
  const results: Sent[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let mine = next++; mine < requests.length; mine = next++) {
      const request = requests[mine];
      if (request !== undefined) results[mine] = await send(request, signal);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return results;
}

export function creates(count: number): readonly HttpRequest[] {
  return Array.from({ length: count }, (_, index) => write('POST', `c${index}`));
}
