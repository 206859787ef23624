import { describe, expect, test } from 'vitest';
import {
  apiAddress,
  checkAddress,
  isSite,
  nearestSite,
  SITES,
  unknownSite,
  type Site,
} from '../../src/datadog/site.ts';

const HOSTILE_SITES = [
  '', ' ', 'local', 'DATADOGHQ.COM', 'datadoghq.com ', 'datadoghq.com.', '.datadoghq.com', 'datadoghq.com@evil.com',
  'evil.com/#', 'evil.com?', 'evil.com/.datadoghq.com', 'evil.com\\.datadoghq.com', 'datadoghq.com:8443', 'datadoghq.com\n',
  'datadoghq.com/', 'https://datadoghq.com', 'xdatadoghq.com', 'datadoghq.co', 'us4.datadoghq.com', 'datadoghq.сom',
  '__proto__', 'constructor', 'length', '0', 'datadoghq%2ecom', 'user:pw@datadoghq.com',
]; // prettier-ignore

test('accepts the nine sites, and nothing else', () => {
  expect(SITES).toHaveLength(9);
  for (const site of SITES) expect(apiAddress(site)).toBe(`https://api.${site}`);
  for (const text of HOSTILE_SITES) {
    expect([text, isSite(text)]).toEqual([text, false]);
    expect(() => apiAddress(text as Site)).toThrow('unknown site');
  }
});

test.each([
  ['datadoghq.con', 'datadoghq.com'],
  ['datadoghq.ue', 'datadoghq.eu'],
  ['us3.datadog.com', 'us3.datadoghq.com'],
  ['US5.datadoghq.com', 'us5.datadoghq.com'],
  ['https://app.datadoghq.eu/', 'datadoghq.eu'],
  ['api.ap1.datadoghq.com', 'ap1.datadoghq.com'],
])('for %s, suggests %s', (text, site) => {
  expect(nearestSite(text)).toBe(site);
  expect(unknownSite(text).hint).toBe(`did you mean "${site}"?`);
});

test('for a text unlike any site, lists all sites and quotes the text safely', () => {
  const { message, hint } = unknownSite(`\u001b[2J${'x'.repeat(500)}`);
  expect(message).not.toContain('\u001b');
  expect(message.length).toBeLessThan(120);
  for (const site of SITES) expect(hint).toContain(site);
});

describe('an API address', () => {
  test.each([
    ['https://api.datadoghq.eu', 'https://api.datadoghq.eu'],
    ['https://proxy.internal:8443/', 'https://proxy.internal:8443'],
    ['HTTPS://API.datadoghq.eu', 'https://api.datadoghq.eu'],
    ['https://10.0.0.1', 'https://10.0.0.1'],
    ['https://[2001:db8::1]', 'https://[2001:db8::1]'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:1234/', 'http://127.0.0.1:1234'],
    ['http://127.9.8.7', 'http://127.9.8.7'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('%s becomes %s', (text, url) => {
    expect(checkAddress(text)).toEqual({ url });
  });

  test.each([
    'https://user:hunter2@x',
    'https://hunter2@x',
    'http://127.0.0.1:hunter2@evil.com',
    'https://datadoghq.com@evil.com/hunter2',
  ])('%s is rejected without printing its password', (text) => {
    const checked = checkAddress(text);
    expect(checked).toHaveProperty('message');
    expect(JSON.stringify(checked)).not.toContain('hunter2');
  });
});
