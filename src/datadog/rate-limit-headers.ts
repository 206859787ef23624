import { saneSeconds } from './backoff.ts';

/** The rate limit as reported by one response. Missing and invalid values are left out. */
export interface RateLimitReading {
  /** Name of the bucket, such as `product_analytics_mapping_connections`. */
  readonly name?: string;
  /** Maximum number of requests in each period. */
  readonly limit?: number;
  readonly periodMs?: number;
  /** Requests remaining in this period. */
  readonly remaining?: number;
  /**
   * Milliseconds until the next period begins. The server rounds this duration up to whole seconds. A header that has
   * a timestamp instead is ignored.
   */
  readonly resetMs?: number;
}

/** Parses the `X-RateLimit-…` headers of a response, and ignores invalid ones. */
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
    // A reset that is later than one whole period is invalid, except for rounding.
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
