import { expect, test } from 'vitest';
import { RequestLog } from '../../src/emulator/request-log.ts';

const REQUEST = { id: 'r', method: 'GET', headers: [] };

test('keeps the last hundred thousand requests, and at most a thousand more', () => {
  const log = new RequestLog(() => 0);
  for (let count = 0; count < 102_500; count += 1) log.end(log.begin({ ...REQUEST, path: String(count) }), 200);
  expect(log.entries.length).toBeGreaterThanOrEqual(100_000);
  expect(log.entries.length).toBeLessThanOrEqual(101_000);
  expect(log.entries.at(-1)?.path).toBe('102499');
  expect(log.peak).toBe(1);
});

test('drops old bodies before they fill the memory', () => {
  const log = new RequestLog(() => 0);
  const entries = [1, 2, 3].map(() => log.begin({ ...REQUEST, path: '/' }));
  for (const entry of entries) log.tookBody(entry, 'body', 100 * 1024 * 1024);
  expect(entries.map(({ body }) => body)).toEqual([undefined, undefined, 'body']);
});

test('a reset still counts requests in flight', () => {
  const log = new RequestLog(() => 0);
  const waiting = log.begin({ ...REQUEST, path: '/' });
  log.reset();
  expect([log.entries.length, log.peak]).toEqual([0, 1]);
  log.end(waiting, 200);
  log.end(waiting, 500);
  log.reset();
  expect([log.peak, waiting.status]).toEqual([0, 200]);
});
