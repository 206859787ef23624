import process from 'node:process';
import * as fc from 'fast-check';
import { getProxyForUrl } from 'proxy-from-env';
import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../src/datadog/proxy.ts';

const HTTPS = new URL('https://api.datadoghq.eu');
const LOOPBACK = new URL('http://127.0.0.1:8126');

describe('the proxy', () => {
  test.each([
    [HTTPS, { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128', 'HTTPS_PROXY'],
    [HTTPS, { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' }, 'http://lower:1', 'https_proxy'],
    [HTTPS, { https_proxy: '', HTTPS_PROXY: 'http://upper:1' }, 'http://upper:1', 'HTTPS_PROXY'],
    [HTTPS, { HTTPS_PROXY: 'p:3128' }, 'https://p:3128', 'HTTPS_PROXY'],
    [HTTPS, { ALL_PROXY: 'http://all:1' }, 'http://all:1', 'ALL_PROXY'],
    [LOOPBACK, { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, 'http://p:1', 'HTTP_PROXY'],
    [LOOPBACK, { http_proxy: 'p:1' }, 'http://p:1', 'http_proxy'],
    [LOOPBACK, { HTTP_PROXY: 'http://p:1', NO_PROXY: '127.0.0.1:9,other' }, 'http://p:1', 'HTTP_PROXY'],
  ])('for %s is the one in %j', (address, environment, proxy, variable) => {
    expect(proxyFor(address, environment)).toEqual({ address: proxy, variable });
  });

  test.each([
    [HTTPS, {}],
    [HTTPS, { HTTP_PROXY: 'http://p:1' }],
    [HTTPS, { HTTPS_PROXY: '' }],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'other, .datadoghq.eu' }],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', no_proxy: 'API.datadoghq.EU:443' }],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*.eu' }],
    [LOOPBACK, { HTTP_PROXY: 'http://p:1', NO_PROXY: 'localhost 127.0.0.1' }],
    [new URL('http://[::1]:80'), { HTTP_PROXY: 'http://p:1', NO_PROXY: '[::1]' }],
  ])('for %s is none with %j', (address, environment) => {
    expect(proxyFor(address, environment)).toBeUndefined();
  });

  // proxy-from-env reads the environment of this process, which is a copy in a test's thread.
  test('is always the one that proxy-from-env chooses', () => {
    const host = fc.constantFrom('api.datadoghq.eu', 'datadoghq.eu', '127.0.0.1', 'localhost', '[::1]');
    const address = fc
      .tuple(fc.constantFrom('http', 'https'), host, fc.constantFrom('', ':80', ':443', ':8126'))
      .map(([a, b, c]) => `${a}://${b}${c}`);
    const entry = fc.oneof(
      host,
      fc
        .tuple(fc.constantFrom('', '.', '*', '*.'), host, fc.constantFrom('', ':443', ':8126', ':0'))
        .map((parts) => parts.join('')),
      fc.constantFrom('*', '', '.', '.eu', 'EU', '*eu'),
    );
    const list = fc
      .array(entry, { maxLength: 3 })
      .chain((entries) => fc.constantFrom(',', ' ', ', ').map((between) => entries.join(between)));
    const value = fc.constantFrom('', 'http://p:3128', 'p:3128', 'https://user:pw@p');
    const environment = fc.record({
      HTTP_PROXY: value, http_proxy: value, HTTPS_PROXY: value, https_proxy: value, ALL_PROXY: value, all_proxy: value, NO_PROXY: list, no_proxy: list,
    }, { requiredKeys: [] }); // prettier-ignore
    const names = [
      'HTTP_PROXY',
      'http_proxy',
      'HTTPS_PROXY',
      'https_proxy',
      'ALL_PROXY',
      'all_proxy',
      'NO_PROXY',
      'no_proxy',
    ];
    const before = names.map((name) => [name, process.env[name]] as const);
    try {
      fc.assert(
        fc.property(address, environment, (url, env) => {
          for (const name of names) delete process.env[name];
          Object.assign(process.env, env);
          expect(proxyFor(new URL(url), env)?.address ?? '').toBe(getProxyForUrl(url));
        }),
        { numRuns: 500 },
      );
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});
