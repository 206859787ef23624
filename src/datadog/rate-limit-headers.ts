import { saneSeconds } from './backoff.ts';

/** What one answer says about the rate limit. A member that is missing or nonsense is left out. */
export interface RateLimitReading {
  /** Of the bucket, such as `product_analytics_mapping_connections`. */
  readonly name?: string;
  /** Requests in each period. */
  readonly limit?: number;
  readonly periodMs?: number;
  /** Requests that are left of this period. */
  readonly remaining?: number;
  /** Until the next period begins; rounded up to whole seconds by the server, never an epoch. */
  readonly resetMs?: number;
}

/** Reads the `X-RateLimit-…` headers of an answer, whatever stands in them. */
export function readRateLimitHeaders(header: (name: string) => string | undefined): RateLimitReading {
  const name = header('x-ratelimit-name');
  const limit = count(header('x-ratelimit-limit'));
  const remaining = count(header('x-ratelimit-remaining'));
  const periodMs = milliseconds(header('x-ratelimit-period'));
  const resetMs = milliseconds(header('x-ratelimit-reset'));
  const isLimit = limit !== undefined && limit > 0;
  const isPeriod = periodMs !== undefined && periodMs > 0;
  const isRemaining = remaining !== undefined && (limit === undefined || remaining <= limit);
  return {
    ...(name === undefined || !/^[\w.:/-]{1,200}$/.test(name) ? {} : { name }),
    ...(isLimit ? { limit } : {}),
    ...(isPeriod ? { periodMs } : {}),
    ...(isRemaining ? { remaining } : {}),
    // A period that ends after more than a period is nonsense, except by the rounding.
    ...(resetMs === undefined || (isPeriod && resetMs > periodMs + 1000) ? {} : { resetMs }),
  };
}

function count(text: string | undefined): number | undefined {
  return text === undefined || !/^\d{1,9}$/.test(text.trim()) ? undefined : Number(text);
}

function milliseconds(text: string | undefined): number | undefined {
  const seconds = saneSeconds(text);
  return seconds === undefined ? undefined : seconds * 1000;
}
