import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import { transport, type Method } from '../../src/datadog/transport.ts';
import { json, listen, never, rejection } from './loopback.ts';

const PATH = '/api/v2/product-analytics/users/mapping/connection';

test.each(['POST', 'PUT', 'DELETE'] as const)(
  'a read-only transport throws on %s before it sends anything',
  async (method) => {
    await using server = await listen((_, response) => json(response, 200, {}));
    const agent = new Agent();
    const read = transport({ address: server.address, agent, headers: {}, timeoutMs: 60_000, methods: ['GET'] });

    const error = await rejection(read({ method, path: PATH, limit: 10 }, never(), 1));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(Failure);
    expect(await read({ method: 'GET', path: PATH, limit: 10 }, never(), 1)).toMatchObject({
      kind: 'answered',
      status: 200,
    });
    expect(server.seen.map(({ method: sent }) => sent)).toEqual(['GET']);
    agent.destroy();
  },
);

test.each(['/api/v2/product-analytics/users/mapping/connection/..', '/a/%2e%2e/b', '//127.0.0.1:1/x', '/a?x'])(
  'a path such as %s is a bug, and is not sent',
  async (path) => {
    await using server = await listen((_, response) => json(response, 200, {}));
    const methods: Method[] = ['GET', 'DELETE'];
    const send = transport({ address: server.address, agent: new Agent(), headers: {}, timeoutMs: 60_000, methods });
    expect(await rejection(send({ method: 'DELETE', path, limit: 10 }, never(), 1))).not.toBeInstanceOf(Failure);
    expect(server.seen).toEqual([]);
  },
);

test('the largest possible timeout means no timeout', async () => {
  await using server = await listen((_, response) => void setTimeout(() => json(response, 200, {}), 30));
  const agent = new Agent();
  const send = transport({ address: server.address, agent, headers: {}, timeoutMs: 2 ** 40, methods: ['GET'] });
  expect(await send({ method: 'GET', path: PATH, limit: 10 }, never(), 1)).toMatchObject({ status: 200 });
  agent.destroy();
});
