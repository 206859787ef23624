import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  credentialHeaders,
  describeCredentials,
  readCredentials,
  secretValues,
} from '../../src/datadog/credentials.ts';
import { API_KEY, APP_KEY, keys } from './loopback.ts';

describe('the environment', () => {
  test.each([
    [{ DD_API_KEY: API_KEY, DD_APP_KEY: APP_KEY }],
    [{ DATADOG_API_KEY: API_KEY, DATADOG_APP_KEY: APP_KEY }],
    [{ DD_API_KEY: API_KEY, DATADOG_API_KEY: API_KEY, DATADOG_APP_KEY: APP_KEY, DD_APP_KEY: '' }],
    [{ DD_API_KEY: `  ${API_KEY}\n`, DD_APP_KEY: `${APP_KEY}\r\n`, DD_BEARER_TOKEN: '   ' }],
  ])('%j gives the pair of keys', (env) => {
    const { credentials, problem, only } = readCredentials(env);
    expect({ problem, only }).toEqual({});
    expect(credentials && credentialHeaders(credentials)).toEqual({
      'DD-API-KEY': API_KEY,
      'DD-APPLICATION-KEY': APP_KEY,
    });
    expect(credentials && secretValues(credentials)).toEqual([API_KEY, APP_KEY]);
  });

  test.each(['DD_BEARER_TOKEN', 'DATADOG_BEARER_TOKEN'])('%s gives a token', (name) => {
    const { credentials } = readCredentials({ [name]: ' ddpat_abc ' });
    expect(credentials && credentialHeaders(credentials)).toEqual({ Authorization: 'Bearer ddpat_abc' });
    expect(credentials && secretValues(credentials)).toEqual(['ddpat_abc']);
  });

  test.each([{}, { DD_API_KEY: '' }, { DD_API_KEY: ' ', DATADOG_APP_KEY: '\n' }, { DD_API_KEY: undefined }])(
    '%j gives no credentials',
    (env) => {
      expect(readCredentials(env)).toEqual({});
    },
  );

  test.each([
    [{ DD_API_KEY: API_KEY }, 'api-key'],
    [{ DATADOG_APP_KEY: APP_KEY, DD_API_KEY: '' }, 'app-key'],
  ] as const)('%j has only one key', (env, only) => {
    expect(readCredentials(env)).toEqual({ only });
  });

  test.each([
    [{ DD_API_KEY: API_KEY, DATADOG_API_KEY: 'canary-other' }, ['DD_API_KEY', 'DATADOG_API_KEY']],
    [{ DD_APP_KEY: APP_KEY, DATADOG_APP_KEY: 'canary-other' }, ['DD_APP_KEY', 'DATADOG_APP_KEY']],
    [{ DD_BEARER_TOKEN: 'canary-1', DATADOG_BEARER_TOKEN: 'canary-2' }, ['DD_BEARER_TOKEN', 'DATADOG_BEARER_TOKEN']],
    [{ DD_BEARER_TOKEN: 'canary-1', DD_API_KEY: API_KEY, DD_APP_KEY: APP_KEY }, ['DD_BEARER_TOKEN', 'DD_API_KEY']],
    [{ DATADOG_BEARER_TOKEN: 'canary-1', DATADOG_APP_KEY: APP_KEY }, ['DATADOG_BEARER_TOKEN', 'DATADOG_APP_KEY']],
  ])('%j is contradictory', (env, names) => {
    const { problem, ...rest } = readCredentials(env);
    expect(rest).toEqual({});
    expect(problem).toMatchObject({ code: 'conflicting-settings', severity: 'error' });
    for (const name of names) expect(problem?.message).toContain(name);
    expect(JSON.stringify(problem)).not.toMatch(/canary|0123456/);
  });

  test.each([
    'canary two',
    'canary\ttwo',
    'canary\ntwo',
    'canary\u0000',
    'canary\u001b[2J',
    'canary\u007f',
    'canary\u00a0two',
    'canaryé',
    'canary\u200b',
    'canary🔑',
    'Bearer canary',
  ])('rejects a value such as %j without printing it', (value) => {
    for (const name of ['DD_API_KEY', 'DATADOG_APP_KEY', 'DD_BEARER_TOKEN']) {
      const { problem, ...rest } = readCredentials({ [name]: value });
      expect(rest).toEqual({});
      expect(problem).toMatchObject({ code: 'bad-credentials', severity: 'error' });
      expect(problem?.message).toContain(name);
      expect(JSON.stringify(problem)).not.toContain('canary');
    }
  });
});

describe('printed credentials', () => {
  const credentials = keys();
  const token = keys({ DATADOG_BEARER_TOKEN: 'short' });

  test('show only the last four characters and the variable', () => {
    expect(describeCredentials(credentials)).toBe(
      'API key ending a91f (DD_API_KEY), application key ending 07bc (DD_APP_KEY)',
    );
    expect(JSON.stringify(credentials)).toBe(
      '{"kind":"keys","apiKey":"…a91f (DD_API_KEY)","appKey":"…07bc (DD_APP_KEY)"}',
    );
    for (const text of [
      inspect(credentials, { showHidden: true, depth: 9 }),
      Object.values(credentials).join(),
      JSON.stringify(credentials),
    ]) {
      expect(text).toContain('a91f');
      expect(text).not.toContain('ba91f');
      expect(text).not.toContain('c07bc');
    }
  });

  test('show no characters of a short value', () => {
    expect(describeCredentials(token)).toBe('bearer token (DATADOG_BEARER_TOKEN)');
    expect(`${inspect(token)}${JSON.stringify(token)}`).not.toContain('hort');
  });
});
