import { AbortError, FetchError } from 'node-fetch';
import { describe, expect, test } from 'vitest';
import { isBeforeConnection, isUntrusted, reasonOf } from '../../src/datadog/network.ts';

const URL_TEXT = 'https://api.datadoghq.eu/api/v2/product-analytics/users/mapping/connections';

function system(code: string, message: string, syscall?: string): FetchError {
  const cause = { message, code, errno: 1, syscall: syscall ?? '' };
  return new FetchError(`request to ${URL_TEXT} failed, reason: ${message}`, 'system', cause);
}

describe('an error', () => {
  test.each<[string, unknown, boolean]>([
    ['ECONNREFUSED', system('ECONNREFUSED', 'connect ECONNREFUSED', 'connect'), true],
    ['ECONNREFUSED of every address', system('ECONNREFUSED', ''), true],
    ['ENOTFOUND', system('ENOTFOUND', 'getaddrinfo ENOTFOUND x', 'getaddrinfo'), true],
    ['EAI_AGAIN', system('EAI_AGAIN', 'getaddrinfo EAI_AGAIN x', 'getaddrinfo'), true],
    ['ENETUNREACH', system('ENETUNREACH', 'connect ENETUNREACH', 'connect'), true],
    ['EHOSTUNREACH', system('EHOSTUNREACH', 'connect EHOSTUNREACH', 'connect'), true],
    ['ETIMEDOUT in connect', system('ETIMEDOUT', 'connect ETIMEDOUT', 'connect'), true],
    ['a self-signed certificate', system('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), true],
    ['an expired certificate', system('CERT_HAS_EXPIRED', 'certificate has expired'), true],
    ['another name', system('ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname/IP does not match'), true],
    ['no TLS at all', system('ERR_SSL_WRONG_VERSION_NUMBER', 'write EPROTO wrong version number', 'write'), true],
    [
      'a handshake cut short',
      system('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'),
      true,
    ],
    ['a reset', system('ECONNRESET', 'read ECONNRESET', 'read'), false],
    ['a hang-up', system('ECONNRESET', 'socket hang up'), false],
    ['ETIMEDOUT in read', system('ETIMEDOUT', 'read ETIMEDOUT', 'read'), false],
    ['EPIPE', system('EPIPE', 'write EPIPE', 'write'), false],
    ['a TLS alert on a live connection', system('ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', 'bad record mac'), false],
    ['garbage', system('HPE_INVALID_CONSTANT', 'Parse Error'), false],
    ['an abort', new AbortError('The operation was aborted.'), false],
    ['an error of another kind', new TypeError('x'), false],
    ['no error', 'x', false],
  ])('such as %s is classified as early or late', (_, error, early) => {
    expect(isBeforeConnection(error)).toBe(early);
  });

  test.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['CERT_HAS_EXPIRED', true],
    ['ECONNREFUSED', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', false],
  ])('%s is classified as a trust error or not', (code, untrusted) => {
    expect(isUntrusted(system(code, 'x'))).toBe(untrusted);
  });

  test.each<[unknown, string]>([
    [system('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), 'connect ECONNREFUSED 127.0.0.1:1'],
    [system('ECONNREFUSED', ''), 'ECONNREFUSED'],
    [system('ECONNRESET', 'socket hang up'), 'socket hang up (ECONNRESET)'],
    [
      new FetchError(
        `Invalid response body while trying to fetch ${URL_TEXT}: aborted`,
        'system',
        system('ECONNRESET', 'aborted') as never,
      ),
      'aborted (ECONNRESET)',
    ],
    [new Error('plain'), 'plain'],
    ['nothing', 'the connection failed'],
  ])('gives its reason without the address', (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
