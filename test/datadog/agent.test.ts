import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientFor } from '../../src/datadog/client.ts';
import { deadPort, json, keys, listen, listOf, never, optionsFor, rejection } from './loopback.ts';
import {
  bundleProgram,
  hasOpenssl,
  listenAsProxy,
  listenSecurely,
  makeCertificate,
  type Certificate,
} from './tunnel.ts';

const SPEC = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };
const PASSWORD = 'hunter2-canary';

describe.skipIf(!hasOpenssl)('over https', () => {
  let certificate: Certificate;
  let run: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    certificate = makeCertificate();
    run = await bundleProgram(certificate.folder);
  });
  afterAll(() => certificate[Symbol.asyncDispose]());

  test('trusts a private CA from NODE_EXTRA_CA_CERTS', async () => {
    await using server = await listenSecurely(certificate);
    const { list, answers } = await run({ NODE_EXTRA_CA_CERTS: certificate.file }, server.address);
    expect(list).toEqual([]);
    expect(answers).toEqual([{ kind: 'done', attempts: 1 }]);
    expect(server.seen).toEqual(['GET canary-api-key', 'POST canary-api-key']);
  });

  test.each([{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }])(
    'sends no key to a server with an untrusted certificate, with %j',
    async (env) => {
      await using server = await listenSecurely(certificate);
      await using proxy = await listenAsProxy();
      for (const through of [{}, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }]) {
        const { failure, answers, printed } = await run({ ...env, ...through }, server.address);
        expect(failure).toMatchObject({ code: 'unreachable' });
        expect(failure?.hint).toContain('NODE_EXTRA_CA_CERTS');
        expect(answers).toMatchObject([{ kind: 'unsent', attempts: 1 }]);
        expect(printed).not.toContain('canary');
      }
      expect(proxy.asked).toHaveLength(2);
      expect(server.seen).toEqual([]);
    },
  );

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    'sends all requests through the proxy of %s, over few tunnels, and hides the keys from it',
    async (name) => {
      await using server = await listenSecurely(certificate);
      await using proxy = await listenAsProxy();
      const env = {
        NODE_EXTRA_CA_CERTS: certificate.file,
        [name]: `http://us%40er:${PASSWORD}@127.0.0.1:${proxy.port}`,
        DEBUG: '*',
      };
      const { list, answers, printed } = await run(env, server.address, 20);

      expect(list).toEqual([]);
      expect(answers).toHaveLength(20);
      expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['done']));
      expect(server.seen).toHaveLength(21);
      expect(proxy.asked.length).toBeGreaterThan(0);
      expect(proxy.asked.length).toBeLessThanOrEqual(2);
      for (const { target, headers } of proxy.asked) {
        expect(target).toBe(`CONNECT localhost:${server.port}`);
        expect(headers['proxy-authorization']).toBe(`Basic ${Buffer.from(`us@er:${PASSWORD}`).toString('base64')}`);
        expect(JSON.stringify(headers)).not.toContain('canary-a');
      }
      expect(printed).not.toContain(PASSWORD);
      expect(printed).not.toContain('canary-api-key');
    },
  );

  test('bypasses the proxy for a host in NO_PROXY', async () => {
    await using server = await listenSecurely(certificate);
    await using proxy = await listenAsProxy();
    const env = {
      NODE_EXTRA_CA_CERTS: certificate.file,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: '.example,localhost',
    };
    expect((await run(env, server.address)).list).toEqual([]);
    expect(proxy.asked).toEqual([]);
  });
});

test.each([403, 407, 502])('does not mistake a proxy that refuses the tunnel with %i for Datadog', async (status) => {
  await using proxy = await listenAsProxy(status);
  const environment = { HTTPS_PROXY: `http://user:${PASSWORD}@127.0.0.1:${proxy.port}` };
  const client = await clientFor(optionsFor('https://localhost:1', { environment }));
  for (let round = 0; round < 3; round += 1) {
    const error = await rejection(client.list('users', never()));
    expect(error).toMatchObject({ code: 'unreachable', exitCode: 4 });
    expect(String(error)).toContain(
      `no connection through the proxy http://127.0.0.1:${proxy.port} (HTTPS_PROXY): the proxy returned ${status}`,
    );
    expect(String(error)).not.toContain(PASSWORD);
    const answer = await client.create({ entity: 'users', id: 'x', spec: SPEC }, never());
    expect(answer).toMatchObject({ kind: 'unsent', attempts: 1 });
    expect(JSON.stringify(answer)).not.toContain(PASSWORD);
  }
  client.close();
  expect(proxy.asked.map(({ target }) => target)).toEqual(Array.from({ length: 6 }, () => 'CONNECT localhost:1'));
});

test('names an unreachable proxy without its password', async () => {
  const port = await deadPort();
  for (const [name, address] of [['HTTPS_PROXY', 'https://localhost:1'], ['HTTP_PROXY', 'http://127.0.0.1:1']] as const) {
    const client = await clientFor(optionsFor(address, { environment: { [name]: `http://user:${PASSWORD}@127.0.0.1:${port}` } }));
    const error = await rejection(client.list('users', never()));
    expect(String(error)).toContain(`no connection through the proxy http://127.0.0.1:${port} (${name}): connect ECONNREFUSED`);
    expect(String(error)).not.toContain(PASSWORD);
    expect(await client.remove({ entity: 'users', id: 'x' }, never())).toMatchObject({ kind: 'unsent' });
    client.close();
  }
}); // prettier-ignore

test('http uses the proxy of HTTP_PROXY, unless NO_PROXY lists the host', async () => {
  await using server = await listen((_, response) => json(response, 200, listOf()));
  await using proxy = await listenAsProxy();
  const HTTP_PROXY = `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`;
  const through = await clientFor(optionsFor(server.address, { environment: { HTTP_PROXY } }));
  const to = { entity: 'users', id: 'a/b' };
  for (let round = 0; round < 3; round += 1) expect(await through.remove(to, never())).toMatchObject({ kind: 'done' });
  through.close();
  expect(server.seen).toEqual([]);
  expect(proxy.asked).toHaveLength(3);
  for (const { target, headers } of proxy.asked) {
    expect(target).toBe(`DELETE ${server.address}/api/v2/product-analytics/users/mapping/connection/a%2Fb`);
    expect(headers).toMatchObject({
      'proxy-authorization': `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`,
    });
  }

  const straight = await clientFor(optionsFor(server.address, { environment: { HTTP_PROXY, NO_PROXY: '127.0.0.1' } }));
  expect(await straight.list('users', never())).toEqual([]);
  straight.close();
  expect(proxy.asked).toHaveLength(3);
});

test.each([
  'socks5://127.0.0.1:1080',
  'http://',
  'http://[',
  'ftp://p',
  `http://user:${PASSWORD}@ho st`,
  `socks5://u:${PASSWORD}@h`,
])('rejects a proxy such as %s, and names its variable', async (proxy) => {
  const error = await rejection(clientFor(optionsFor('https://localhost:1', { environment: { https_proxy: proxy } })));
  expect(error).toMatchObject({ name: 'Failure', code: 'unreachable' });
  expect(String(error)).toContain('https_proxy');
  expect(String(error)).not.toContain(PASSWORD);
});

test('attributes a 407 to the proxy', async () => {
  await using proxy = await listenAsProxy(407);
  const environment = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
  const client = await clientFor(optionsFor('http://127.0.0.1:1', { environment }));
  expect(String(await rejection(client.list('users', never())))).toContain(
    'The proxy returned 407 Proxy Authentication Required',
  );
  expect(await client.create({ entity: 'users', id: 'x', spec: SPEC }, never())).toMatchObject({ kind: 'unsent' });
  client.close();
});

test('does not read the environment of the process', async () => {
  await using server = await listen((_, response) => json(response, 200, listOf()));
  await using proxy = await listenAsProxy();
  const before = process.env['HTTP_PROXY'];
  process.env['HTTP_PROXY'] = `http://127.0.0.1:${proxy.port}`;
  try {
    const client = await clientFor(optionsFor(server.address, { credentials: keys() }));
    expect(await client.list('users', never())).toEqual([]);
    client.close();
  } finally {
    if (before === undefined) delete process.env['HTTP_PROXY'];
    else process.env['HTTP_PROXY'] = before;
  }
  expect(proxy.asked).toEqual([]);
});
