import { expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import { call, CONNECTION, CONNECTIONS, createBody } from './calling.ts';

test('a scripted response is used once, and the operation does not run', async () => {
  await using emulator = await startEmulator();
  emulator.answerNext({ method: 'POST', status: 503, body: { errors: ['down'] }, headers: { 'Retry-After': '2' } });
  expect((await call(emulator.url, 'GET', CONNECTIONS)).status).toBe(200);
  const refused = await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
  expect([refused.status, refused.json, refused.headers['retry-after']]).toEqual([503, { errors: ['down'] }, '2']);
  expect(refused.headers['content-type']).toBe('application/json');
  expect(emulator.connections('users')).toEqual([]);
  expect((await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') })).status).toBe(201);
});

test('scripts are used in order, each as often as it says, for matching requests', async () => {
  await using emulator = await startEmulator();
  emulator.answerNext({ status: 500, times: 2, where: ({ path }) => path === CONNECTIONS });
  emulator.answerNext({ status: 502, where: ({ body }) => JSON.stringify(body ?? '').includes('"two"') });
  emulator.answerNext({ status: 504 });
  const statuses = [
    (await call(emulator.url, 'GET', CONNECTIONS)).status,
    (await call(emulator.url, 'POST', CONNECTION, { body: createBody('two') })).status,
    (await call(emulator.url, 'GET', CONNECTIONS)).status,
    (await call(emulator.url, 'GET', CONNECTIONS)).status,
    (await call(emulator.url, 'GET', CONNECTIONS)).status,
  ];
  expect(statuses).toEqual([500, 502, 500, 504, 200]);
  expect(emulator.requests.map(({ status }) => status)).toEqual(statuses);
});

test('a string is sent unchanged, with its content type', async () => {
  await using emulator = await startEmulator();
  emulator.answerNext({ status: 403, body: '<html>no</html>' });
  emulator.answerNext({ status: 200, body: '{"data":', headers: { 'Content-Type': 'application/json' } });
  emulator.answerNext({ status: 200, body: 'plain' });
  const html = await call(emulator.url, 'GET', CONNECTIONS);
  expect([html.status, html.text, html.headers['content-type']]).toEqual([
    403,
    '<html>no</html>',
    'text/html; charset=utf-8',
  ]);
  const cut = await call(emulator.url, 'GET', CONNECTIONS);
  expect([cut.text, cut.headers['content-type']]).toEqual(['{"data":', 'application/json']);
  expect((await call(emulator.url, 'GET', CONNECTIONS)).headers['content-type']).toBe('text/plain; charset=utf-8');
});

test('a script can set the rate-limit headers and the request id', async () => {
  await using emulator = await startEmulator({ rateLimit: { limit: 9, periodMs: 1000 } });
  emulator.answerNext({ status: 429, headers: { 'X-RateLimit-Reset': 'NaN', 'X-Request-Id': 'mine' } });
  const { headers } = await call(emulator.url, 'GET', CONNECTIONS);
  expect([headers['x-ratelimit-reset'], headers['x-ratelimit-limit'], headers['x-request-id']]).toEqual([
    'NaN',
    '9',
    'mine',
  ]);
});

test('a script that throws gives a 500 with its reason, and does not affect later requests', async () => {
  await using emulator = await startEmulator();
  emulator.answerNext({ status: 200, headers: { bad: 'line\nbreak' } });
  const failed = await call(emulator.url, 'GET', CONNECTIONS);
  expect(failed.status).toBe(500);
  expect(failed.text).toContain('The emulator failed');
  expect((await call(emulator.url, 'GET', CONNECTIONS)).status).toBe(200);
});

test('requests without keys get no scripted response', async () => {
  await using emulator = await startEmulator();
  emulator.answerNext({ status: 500 });
  expect((await call(emulator.url, 'GET', CONNECTIONS, { headers: {} })).status).toBe(403);
  expect((await call(emulator.url, 'GET', CONNECTIONS)).status).toBe(500);
});
