import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { json, listen, listOf } from '../datadog/loopback.ts';
import { manifest, Rig } from '../rig/rig.ts';

interface Line {
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly requestBody?: unknown;
  readonly body?: unknown;
  readonly truncated?: true;
  readonly requestId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function linesOf(rig: Rig): readonly Line[] {
  return rig
    .read('trace.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function traced(rig: Rig, command: string, env: Readonly<Record<string, string>> = {}): Promise<readonly Line[]> {
  await rig.live(`${command} --trace trace.jsonl`, { env });
  return linesOf(rig);
}

describe('--trace', () => {
  test('starts with a line about the run, then has every request and answer with their bodies', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const [head, ...lines] = await traced(rig, 'apply');
    expect(head).toMatchObject({ connsync: '0.0.0-test', command: 'apply' });
    expect(lines.map(({ method, path }) => `${method} ${path}`)).toEqual(rig.sent());
    const create = lines.find(({ method }) => method === 'POST');
    expect(create).toMatchObject({ status: 201, requestBody: { data: { id: 'a' } } });
    expect(create?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const list = lines.find(({ path }) => path?.endsWith('/connections'));
    expect(list).toMatchObject({ status: 200, body: { data: { attributes: { connections: [] } } } });
    expect(list?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(lstatSync(join(rig.folder, 'trace.jsonl')).mode & 0o777).toBe(0o600);
  });

  test('has no header with a credential, whatever a server sends back', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using server = await listen(({ headers }, response) =>
      json(response, 400, { errors: [JSON.stringify(headers)] }, { 'set-cookie': 'a=b', 'dd-api-key': 'echoed' }),
    );
    const lines = await traced(rig, 'plan', { DD_API_URL: server.address });
    const text = JSON.stringify(lines);
    for (const value of [rig.keys['DD_API_KEY'], rig.keys['DD_APP_KEY'], 'a=b', 'echoed'])
      expect(text).not.toContain(value);
    expect(text).toContain('[redacted]');
  });

  test('keeps text that is not JSON as text, and truncates an endless one with a note', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const long = `<html>${'é'.repeat(100_000)}`;
    await using server = await listen((_, response) =>
      response.writeHead(403, { 'content-type': 'text/html' }).end(long),
    );
    const [, line] = await traced(rig, 'plan', { DD_API_URL: server.address });
    expect(line?.truncated).toBe(true);
    expect(typeof line?.body === 'string' && long.startsWith(line.body)).toBe(true);
    expect(Buffer.byteLength(String(line?.body))).toBeLessThanOrEqual(64 * 1024);
    expect(Buffer.byteLength(String(line?.body))).toBeGreaterThan(60 * 1024);
  });

  test('truncates a list longer than the limit too', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using server = await listen((_, response) =>
      json(
        response,
        200,
        listOf(
          ...Array.from({ length: 900 }, (_, index) => ({
            id: `c${index}`,
            type: 'ref_table',
            join: { attribute: 'x'.repeat(60), type: 'email' },
          })),
        ),
      ),
    );
    const lines = await traced(rig, 'plan', { DD_API_URL: server.address });
    const list = lines.find(({ path }) => path?.endsWith('/connections'));
    expect(list).toMatchObject({ status: 200, truncated: true });
    expect(String(list?.body)).toContain('"c0"');
  });

  test('omits a key that truncation cuts in half', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const token = `tok${'0123456789abcdefghijklmnopqrstuvwxyz'.repeat(20)}`;
    await using server = await listen((_, response) =>
      response.writeHead(400).end(`${'x'.repeat(64 * 1024 - 500)}${token}`),
    );
    await rig.run('plan --trace trace.jsonl', { env: { DD_API_URL: server.address, DD_BEARER_TOKEN: token } });
    expect(rig.read('trace.jsonl')).not.toContain(token.slice(0, 9));
  });

  test('records how a request without an answer ended', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using server = await listen((_, __, request) => request.socket.destroy());
    const [, line] = await traced(rig, 'plan --max-retries 0', { DD_API_URL: server.address });
    expect(line).toHaveProperty('error');
    expect(line).not.toHaveProperty('status');
  });

  test('appends each run to the existing file', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await traced(rig, 'plan');
    const lines = await traced(rig, 'drift');
    expect(lines.filter((line) => 'connsync' in line)).toMatchObject([{ command: 'plan' }, { command: 'drift' }]);
  });
});
