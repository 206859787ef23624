import { describe, expect, test } from 'vitest';
import { readRateLimitHeaders } from '../../src/datadog/rate-limit-headers.ts';

function read(headers: Readonly<Record<string, string>>): ReturnType<typeof readRateLimitHeaders> {
  return readRateLimitHeaders((name) => headers[name]);
}

test('parses the rate-limit headers as counts and durations in seconds', () => {
  const headers = {
    'x-ratelimit-limit': '50',
    'x-ratelimit-period': '10',
    'x-ratelimit-remaining': '49',
    'x-ratelimit-reset': '7',
    'x-ratelimit-name': 'product_analytics_mapping_connections',
  };
  expect(read(headers)).toEqual({
    name: 'product_analytics_mapping_connections',
    limit: 50,
    periodMs: 10_000,
    remaining: 49,
    resetMs: 7000,
  });
  expect(read({})).toEqual({});
});

const NONSENSE = [
  '', ' ', 'NaN', '-1', '-0', '1e9', 'Infinity', '0x10', '1767225600', '99999999999', '7s', '1,5', 'soon', '+5', '٣', 'null',
    'true', '[]', '5 5', '.5', '1.', '86401', '1_000', '9'.repeat(400),
]; // prettier-ignore

describe.each(NONSENSE)('%j', (text) => {
  test.each(['limit', 'period', 'remaining', 'reset'])('ignores %s', (member) => {
    const reading = read({ [`x-ratelimit-${member}`]: text });
    // A count may be larger than any duration.
    const isCount = (member === 'limit' || member === 'remaining') && text === '86401';
    expect(reading).toEqual(isCount ? { [member]: 86_401 } : {});
  });
});

test.each([
  ['a limit of nothing', { 'x-ratelimit-limit': '0' }],
  ['a period of no time', { 'x-ratelimit-period': '0' }],
  ['a name with a line in it', { 'x-ratelimit-name': 'a\nb' }],
  ['a name without end', { 'x-ratelimit-name': 'a'.repeat(5000) }],
])('ignores %s', (_, headers) => {
  expect(read(headers)).toEqual({});
});

test('ignores a Remaining above the limit, and a reset after the period', () => {
  expect(read({ 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '6' })).toEqual({ limit: 5 });
  expect(read({ 'x-ratelimit-period': '10', 'x-ratelimit-reset': '12' })).toEqual({ periodMs: 10_000 });
  expect(read({ 'x-ratelimit-period': '10', 'x-ratelimit-reset': '11' })).toEqual({
    periodMs: 10_000,
    resetMs: 11_000,
  });
});
