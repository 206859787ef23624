import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { refusalOf } from '../../src/page/request-guard.ts';

const get = (host: string): IncomingMessage =>
  ({ method: 'GET', url: '/', headers: { host } }) as Partial<IncomingMessage> as IncomingMessage;

// A browser omits the default port of the protocol.
test.each([
  ['127.0.0.1', 80, undefined],
  ['localhost', 80, undefined],
  ['LocalHost', 80, undefined],
  ['[::1]', 80, undefined],
  ['127.0.0.1:80', 80, undefined],
  ['localhost:80', 80, undefined],
  ['evil.example', 80, 421],
  ['localhost.evil.example', 80, 421],
  ['localhost:8080', 80, 421],
  ['', 80, 421],
  ['127.0.0.1:8080', 8080, undefined],
  ['127.0.0.1', 8080, 421],
  ['localhost', 443, 421],
  ['localhost:80', 8080, 421],
])('rejects a request for %s on port %i with %s', (host, port, status) => {
  expect(refusalOf(get(host), port)?.status).toBe(status);
});
