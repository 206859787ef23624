import { compact } from '../../core/compact.ts';
import { jsonText, type EmulatorResponse } from '../response.ts';
import type { Random } from './random.ts';

/** Returns the headers of a used-up rate limit that resets in this many seconds. */
export function goodLimit(seconds: number): Readonly<Record<string, string>> {
  return limitHeaders('20', '1', '0', String(seconds));
}

/** Returns rate-limit headers without a usable reset, or none at all. */
export function malformedRateLimit(random: Random): Readonly<Record<string, string>> {
  const value = random.oneOf(NO_SECONDS);
  if (value === undefined) return {};
  return random.oneOf([
    limitHeaders('20', '1', '0', value),
    limitHeaders(value, value, value, value),
    { 'Retry-After': value },
  ]);
}

/** Values that servers really send instead of a number of seconds. */
const NO_SECONDS: readonly [string | undefined, ...(string | undefined)[]] = [
  undefined,
  '',
  'NaN',
  'Infinity',
  '-Infinity',
  'null',
  'undefined',
  'soon',
  '-1',
  '-0',
  '+5',
  '0x10',
  '1e9',
  '1758000000',
  '1758000000000',
  '99999999999999999999999',
  '1,000',
  '3 4',
  '7s',
  '½',
  '{}',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'Fri, 31 Dec 9999 23:59:59 GMT',
];

function limitHeaders(
  limit: string,
  period: string,
  remaining: string,
  reset: string,
): Readonly<Record<string, string>> {
  return {
    'X-RateLimit-Limit': limit,
    'X-RateLimit-Period': period,
    'X-RateLimit-Remaining': remaining,
    'X-RateLimit-Reset': reset,
    'X-RateLimit-Name': 'product_analytics_mapping_connections',
  };
}

/** Returns the error page of a proxy. */
export function htmlPage(status: number): EmulatorResponse {
  const body = `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\n`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/**
 * Returns the body of a list response that is not a valid list. It is never an empty list, because an empty list is
 * valid and would mean that all connections were deleted.
 */
export function junkList(random: Random): Partial<EmulatorResponse> {
  const attributes = random.oneOf([
    '{}',
    'null',
    '[]',
    '{"connections":null}',
    '{"connections":{}}',
    '{"connections":"none"}',
    '{"connections":[null]}',
    '{"connections":[[]]}',
    '{"connections":[{"id":7}]}',
    '{"connections":[{"type":"ref_table","fields":[]}]}',
    '{"Connections":[]}',
  ]);
  const text = random.oneOf([`{"data":{"attributes":${attributes}}}`, `{"data":${attributes}}`, attributes, undefined]);
  return text === undefined ? junkText(random) : asJson(text);
}

/** Returns a body that is not JSON, or JSON of the wrong shape. */
export function junkText(random: Random): Partial<EmulatorResponse> {
  return asJson(
    random.oneOf([
      '',
      ' ',
      '{"data":',
      '{"data":{"id":"a","id',
      'OK',
      'null',
      '7',
      '"',
      '[]',
      '\u0000',
      '{}{}',
      '\uFEFF{',
      '<ok/>',
    ]),
  );
}

function asJson(text: string): Partial<EmulatorResponse> {
  const { headers, body } = jsonText(200, text);
  return { ...compact({ headers, body }) };
}
