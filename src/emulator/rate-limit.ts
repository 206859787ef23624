/** Number of requests allowed per period. */
export interface RateLimit {
  readonly limit: number;
  readonly periodMs: number;
}

/** Parses `20/1s` (requests, then whole seconds). Returns undefined for anything else. */
export function parseRateLimit(text: string): RateLimit | undefined {
  const [, limit, seconds] = /^([1-9]\d{0,8})\/([1-9]\d{0,5})s$/.exec(text) ?? [];
  if (limit === undefined || seconds === undefined) return undefined;
  return { limit: Number(limit), periodMs: Number(seconds) * 1000 };
}

/** The rate limiter's decision about a request, and the headers for the response. */
export interface Turn {
  readonly granted: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Counts requests in periods that are aligned to the clock, as Datadog's are, so that all waiting clients wake at the
 * same time. The clock is in milliseconds since the epoch.
 */
export function rateLimiter({ limit, periodMs }: RateLimit, clock: () => number): () => Turn {
  let period = Number.NaN;
  let usedRequests = 0;
  return () => {
    const now = clock();
    const current = Math.floor(now / periodMs);
    if (current !== period) usedRequests = 0;
    period = current;
    const granted = usedRequests < limit;
    if (granted) usedRequests += 1;
    return {
      granted,
      headers: {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Period': String(Math.ceil(periodMs / 1000)),
        'X-RateLimit-Remaining': String(limit - usedRequests),
        'X-RateLimit-Reset': String(Math.ceil(((current + 1) * periodMs - now) / 1000)),
        'X-RateLimit-Name': 'product_analytics_mapping_connections',
      },
    };
  };
}
