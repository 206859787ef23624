import type { IncomingHttpHeaders } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Answer, ConnectionsWriter } from '../../src/core/ports.ts';
import { clientFor, type TraceLine } from '../../src/datadog/client.ts';
import { deadPort, json, keys, listen, listOf, never, optionsFor, type Handle } from './loopback.ts';

const CANARIES = [
  'canary+Key/0123456789',
  'canary.App~Key=9876543210',
  'canary-token-5555555555',
  'canary-proxy-password',
] as const;
const [API, APP, TOKEN, PASSWORD] = CANARIES;
const SPEC = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };

// Every encoding in which a server could return a key.
function formsOf(value: string): string[] {
  return [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    Buffer.from(value).toString('base64url'),
  ];
}

// Everything that a server received, in every encoding.
function echoed(headers: IncomingHttpHeaders): string {
  const given = ['dd-api-key', 'dd-application-key', 'authorization', 'proxy-authorization'].map((name) =>
    String(headers[name] ?? ''),
  );
  const values = given.map((value) => value.replace('Bearer ', '')).filter((value) => value !== '');
  const password = headers['proxy-authorization'] === undefined ? [] : [PASSWORD];
  return [...values, ...password].flatMap(formsOf).join(' | ') + JSON.stringify(headers);
}

const SERVERS: [string, Handle][] = [
  ...[400, 401, 403, 404, 409, 422, 429, 500, 503].map((status): [string, Handle] => [
    `${status} that echoes the keys`,
    ({ headers }, response) => json(response, status, { errors: [{ title: 'No', detail: echoed(headers), id: API }] }, { 'x-request-id': String(headers['dd-api-key'] ?? TOKEN) }),
  ]),
  ['a page that echoes the keys', ({ headers }, response) => response.writeHead(403, { 'content-type': 'text/html' }).end(`<h1>${echoed(headers)}</h1><b>${API.slice(0, 5)}</b>`)],
  ['a key cut at the limit', (_, response) => response.writeHead(400).end(`<p>${'<b>'.repeat(21_840)} ${API.repeat(9)}`)],
  ['a redirect to the keys', (_, response) => response.writeHead(302, { location: `http://[${API}` }).end()],
  ['a status line of keys', (_, __, request) => request.socket.end(`HTTP/1.1 400 ${API}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)],
  ['a list of keys', (_, response) => json(response, 200, listOf({ id: 7, type: API, join: APP }))],
  ['no JSON but a key', (_, response) => json(response, 200, API)],
  ['a reset', (_, __, request) => request.socket.destroy()],
  ['garbage of keys', (_, __, request) => request.socket.end(`${API} ${APP}\r\n\r\n`)],
  ['a hang', () => {}],
  ['a cut body', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' });
    response.write(API);
    setTimeout(() => response.destroy(), 5);
  }],
]; // prettier-ignore

async function provoke(address: string, environment: Record<string, string> = {}): Promise<unknown[]> {
  const outputs: unknown[] = [];
  for (const own of [{ DD_API_KEY: API, DD_APP_KEY: APP }, { DD_BEARER_TOKEN: TOKEN }]) {
    const credentials = keys(own);
    const trace: TraceLine[] = [];
    const options = optionsFor(address, {
      credentials,
      environment,
      maxRetries: 1,
      timeoutMs: 100,
      waiting: (wait) => outputs.push(wait),
      trace: (line) => trace.push(line),
    });
    // One client that sends everything, and one per write, because nothing else is sent after a 401.
    const client = await clientFor(options);
    outputs.push(client, credentials);
    outputs.push(await client.organisation(never()).catch((error: unknown) => error));
    outputs.push(await client.list('users', never()).catch((error: unknown) => error));
    outputs.push(...(await writes(client)));
    client.close();
    for (const which of [0, 1, 2]) {
      const writer = await clientFor(options);
      outputs.push(await writes(writer, which));
      writer.close();
    }
    expect(trace.length).toBeGreaterThanOrEqual(5);
    // A trace contains bodies, and a client knows only its own keys.
    expect(leaks(trace, [...Object.values(own), PASSWORD])).toEqual([]);
  }
  return outputs;
}

async function writes(client: ConnectionsWriter, which?: number): Promise<Answer[]> {
  const to = { entity: 'users', id: 'x' };
  const all = [
    () => client.create({ ...to, spec: SPEC }, never()),
    () => client.update({ ...to, delta: { remove: ['f'] } }, never()),
    () => client.remove(to, never()),
  ];
  const answers: Answer[] = [];
  for (const write of which === undefined ? all : all.slice(which, which + 1)) answers.push(await write());
  return answers;
}

/** Every part of a canary that can be found in the output, however it is printed. */
function leaks(outputs: readonly unknown[], canaries: readonly string[] = CANARIES): string[] {
  const text = outputs
    .flatMap((one) => [
      inspect(one, { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null }),
      JSON.stringify(one) ?? '',
      ...chain(one),
    ])
    .join('\n');
  return canaries
    .flatMap((canary) => [...formsOf(canary), canary.slice(0, 9), canary.slice(-9)])
    .filter((form) => text.includes(form));
}

// An error's message and stack, and those of its causes.
function chain(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error.message, error.stack ?? '', ...chain(error.cause)];
}

test('the search for leaks finds leaks', () => {
  expect(leaks([new Error('x', { cause: new Error(`a ${API} b`) })])).toContain(API);
  expect(leaks([{ deep: [[[[Buffer.from(TOKEN).toString('base64')]]]] }])).not.toEqual([]);
});

describe('no error, inspection or trace line contains a key', () => {
  test.each(SERVERS)('after %s', async (_, handle) => {
    await using server = await listen(handle);
    expect(leaks(await provoke(server.address))).toEqual([]);
  });

  test('after a refused connection', async () => {
    expect(leaks(await provoke(`http://127.0.0.1:${await deadPort()}`))).toEqual([]);
  });

  test('after a proxy that echoes its own password', async () => {
    await using proxy = await listen(({ headers }, response) => json(response, 407, { errors: [echoed(headers)] }));
    const environment = { HTTP_PROXY: `http://user:${PASSWORD}@127.0.0.1:${proxy.port}` };
    expect(leaks(await provoke('http://127.0.0.1:1', environment))).toEqual([]);
    expect(proxy.seen.length).toBeGreaterThanOrEqual(10);
  });
});
