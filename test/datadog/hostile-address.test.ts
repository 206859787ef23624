import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import { clientFor, readerFor } from '../../src/datadog/client.ts';
import { checkAddress } from '../../src/datadog/site.ts';
import { listen, optionsFor, rejection } from './loopback.ts';

// `PORT` is the port of a server that must receive nothing.
const HOSTILE = [
  '', ' ', 'datadoghq.com', 'api.datadoghq.com', '//api.datadoghq.com', 'ftp://127.0.0.1:PORT', 'file:///etc/passwd',
  'data:text/html,x', 'javascript:alert(1)', 'ws://127.0.0.1:PORT', 'http:127.0.0.1:PORT', 'https:evil.com',
  'https:///evil.com', 'https:\\\\evil.com', 'https://', 'http://', 'http://10.0.0.1', 'http://192.168.0.1:PORT',
  'http://169.254.169.254', 'http://0.0.0.0:PORT', 'http://0:PORT', 'http://example.com', 'http://api.datadoghq.com',
  'http://127.0.0.1.evil.com', 'http://localhost.evil.com', 'http://localhost.:PORT', 'http://evil.com:80/127.0.0.1',
  'http://127.0.0.1:PORT@evil.com', 'http://evil.com@127.0.0.1:PORT', 'http://@127.0.0.1:PORT', 'https://user:pw@x',
  'https://datadoghq.com@evil.com', 'https://evil.com/#', 'https://evil.com?', 'http://127.0.0.1:PORT/?', 'http://127.0.0.1:PORT/#',
  'http://127.0.0.1:PORT/api', 'http://127.0.0.1:PORT//', 'http://127.0.0.1:PORT/.', 'http://127.0.0.1:PORT/..', 'http://127.0.0.1:PORT/%2e',
  'http://127.0.0.1:PORT\\evil', 'http://127.0.0.1:PORT\n', ' http://127.0.0.1:PORT', 'http://127.0.0.1\t:PORT', 'http://127.0.0.1:PORT\u0000',
  'http://[::ffff:10.0.0.1]', 'http://[::ffff:127.0.0.1]:PORT', 'http://[::]:PORT', 'http://[fe80::1]', 'http://[::1%25lo]:PORT',
  'http://①②⑦.0.0.1:PORT', 'http://127.0.0.1:99999', 'http://127.0.0.256', 'http://128.0.0.1', 'https://x y', 'https://exa%6dple.com',
]; // prettier-ignore

describe('sends no request to', () => {
  test.each(HOSTILE)('%j', async (template) => {
    await using server = await listen((_, response) => response.end());
    const address = template.replace('PORT', String(server.port));

    expect(checkAddress(address)).toHaveProperty('hint');
    for (const open of [readerFor, clientFor]) {
      const error = await rejection(open(optionsFor(address)));
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ code: 'bad-address', exitCode: 3 });
    }
    expect(server.seen).toEqual([]);
  });
});
