import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PageDocument } from '../../src/page/document.ts';
import { openHtml } from '../../src/page/html.ts';
import { servePage } from '../../src/page/server.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { WatchProcess } from '../watch/watch-process.ts';
import { addressOf, PATIENCE_MS } from './browser.ts';

const BUILT = readFileSync(join(import.meta.dirname, '../../dist/page.html'), 'utf8');

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
  }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (part) => void (body += part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function until(what: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!what()) {
    if (performance.now() > deadline) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('watch --ui', () => {
  test('prints its URL once, on stderr, and listens only on loopback', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using watching = new WatchProcess(rig, '--ui', {});
    const url = await addressOf(watching);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await ask(url)).status).toBe(200);
    await watching.waitFor('planned');
    const { exitCode, stderr } = await watching.stop();
    expect(exitCode).toBe(130);
    expect(stderr.split('\n').filter((line) => line.includes(url))).toEqual([`status page  ${url}`]);
    await expect(ask(url)).rejects.toThrow('ECONNREFUSED');
  });

  test('rejects a port that is taken, and a port without --ui, with 3', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const { port } = new URL(rig.datadog.url);
    const taken = await rig.run(`watch --ui --port ${port}`);
    expect(taken.exitCode).toBe(3);
    expect(taken.stdout).toMatch(
      new RegExp(`the status page can't listen on port ${port}: EADDRINUSE[^]*→ use another port`),
    );
    const alone = await rig.run('watch --port 8080');
    expect(alone.exitCode).toBe(3);
    expect(alone.stdout).toMatch(/--port is the port of the status page[^]*→ add --ui/);
    expect((await rig.run('watch --ui --port 70000')).exitCode).toBe(3);
  });

  test('allows its page to run only what was built into it', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using watching = new WatchProcess(rig, '--ui', {});
    const { headers, body } = await ask(await addressOf(watching));
    const hashes = [...body.matchAll(/<(?:script|style)>([^]*?)<\/(?:script|style)>/g)].map(
      ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
    );
    expect(hashes).toHaveLength(2);
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src ${hashes[1]}; style-src ${hashes[0]}; img-src data:; base-uri 'none'; form-action 'none'; connect-src 'self'; frame-ancestors 'none'`,
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    await watching.stop();
  });

  test('answers only its own name, reads, and its own page', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using watching = new WatchProcess(rig, '--ui', {});
    const url = await addressOf(watching);
    const { port } = new URL(url);
    const cases: readonly (readonly [string, Parameters<typeof ask>[1], number])[] = [
      ['', { headers: { host: `127.0.0.1:${port}` } }, 200],
      ['', { headers: { host: `LOCALHOST:${port}` } }, 200],
      ['', { headers: { host: `[::1]:${port}` } }, 200],
      ['', { headers: { host: '127.0.0.1' } }, 421],
      ['', { headers: { host: '127.0.0.1:1' } }, 421],
      ['', { headers: { host: `evil.example:${port}` } }, 421],
      ['', { headers: { host: `127.0.0.1.evil.example:${port}` } }, 421],
      ['events', { headers: { host: `evil.example:${port}` } }, 421],
      ['', { method: 'HEAD' }, 200],
      ['events', { method: 'HEAD' }, 200],
      ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method) => ['', { method }, 405] as const),
      ['events', { method: 'POST' }, 405],
      ['events', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
      ['events', { headers: { 'sec-fetch-site': 'same-site' } }, 403],
      ['', { headers: { 'sec-fetch-site': 'cross-site' } }, 200],
      ['favicon.ico', {}, 404],
      ['../../etc/passwd', {}, 404],
      ['/', {}, 404],
      ['?a=b', {}, 200],
    ];
    for (const [path, how, status] of cases) {
      const answered = await ask(`${url}${path}`, how);
      expect([path, how, answered.status]).toEqual([path, how, status]);
      if (status !== 200) expect(answered.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
      if (how?.method === 'HEAD') expect(answered.body).toBe('');
    }
    await watching.stop();
  });
});

describe('the page of a watch that applies', () => {
  test('says why a save was not applied, next to the current plan', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using watching = new WatchProcess(rig, '--ui --apply --yes');
    const url = await addressOf(watching);
    let seen = '';
    const asked = request(`${url}events`, { agent: false }, (response) => {
      response.on('data', (part) => void (seen += part));
      response.on('error', () => undefined);
    }).end();
    const shown = (): PageDocument | undefined => {
      const [, text] = [...seen.matchAll(/^event: document\ndata: (.*)\n\n/gm)].at(-1) ?? [];
      return text === undefined ? undefined : (JSON.parse(text) as PageDocument);
    };
    await watching.waitFor('planned');

    const other = { pid: 4121, host: 'ci-7', user: 'ana', command: 'apply', since: Date.now(), nonce: 'n' };
    rig.write('connections.lock.lock', JSON.stringify(other));
    const { mark } = watching;
    rig.write('connections/b.yaml', manifest('users/b', ['b']));
    await watching.until((events) => {
      const failed = events.findIndex(({ code }) => code === 'lock-held');
      return failed >= 0 && events.slice(failed).some(({ type }) => type === 'planned');
    }, mark);
    await until(() => shown()?.problems.some(({ code }) => code === 'lock-held') === true);
    expect(shown()?.summary).toMatchObject({ add: 2 });

    rig.remove('connections.lock.lock');
    rig.write('connections/b.yaml', manifest('users/b', ['c']));
    await until(() => shown()?.summary?.add === 0 && shown()?.problems.length === 0);
    await watching.stop();
    asked.destroy();
  });
});

const ONE: PageDocument = {
  kind: 'watch',
  version: '1.2.3',
  target: { environment: 'default', site: 'datadoghq.eu' },
  live: false,
  refusals: [],
  problems: [],
  moreProblems: 0,
  connections: [],
};

describe('slow pages', () => {
  /** A document of about a megabyte that contains its number. */
  const document = (number: number): PageDocument => ({
    kind: 'watch',
    version: `${number}`,
    target: { environment: 'default', site: 'x'.repeat(1_000_000) },
    live: true,
    refusals: [],
    problems: [],
    moreProblems: 0,
    connections: [],
  });

  test('skip outdated states, so that nothing is buffered, and get the latest one', async () => {
    let number = 0;
    const server = await servePage({
      html: openHtml(BUILT),
      port: 0,
      sources: { document: () => document(number), status: () => ({ runs: [], limits: [], running: [] }) },
    });
    const { host, port } = new URL(server.url);
    const open = (): ReturnType<typeof connect> => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      return socket;
    };
    const slow = Array.from({ length: 8 }, () => open().pause());
    let seen = '';
    const fast = open();
    fast.setEncoding('latin1');
    fast.on('data', (text) => void (seen = (seen + String(text)).slice(-2_100_000)));
    await until(() => seen.includes('"version":"0"'));
    for (number = 1; number <= 30; number += 1) {
      server.changed('document');
      await until(() => seen.includes(`"version":"${number}"`));
    }

    number = 31;
    server.changed('document');
    await until(() => seen.includes('"version":"31"'));
    const texts = slow.map((socket) => {
      const read = { versions: [] as string[], last: '' };
      socket.setEncoding('latin1');
      socket.on('data', (text) => {
        const all = read.last + String(text);
        read.versions.push(...[...all.matchAll(/"version":"(\d+)"/g)].map(([, version = '']) => version));
        read.last = all.slice(-12).replaceAll('"version"', '');
      });
      socket.resume();
      return read;
    });
    await until(() => texts.every(({ versions }) => versions.includes('31')));
    // Buffered data would arrive now: thirty-one megabytes per page.
    for (const { versions } of texts) expect(new Set(versions).size).toBeLessThan(12);
    await server.close();
    for (const socket of [...slow, fast]) socket.destroy();
  }, 60_000);

  test('beyond thirty-two get a request to retry', async () => {
    const server = await servePage({
      html: openHtml(BUILT),
      port: 0,
      sources: { document: () => document(0), status: () => ({ runs: [], limits: [], running: [] }) },
    });
    const { host, port } = new URL(server.url);
    const sockets = Array.from({ length: 32 }, () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      return socket;
    });
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve))));
    expect((await ask(`${server.url}events`)).status).toBe(503);
    sockets[0]?.destroy();
    while ((await ask(`${server.url}events`, { method: 'HEAD' })).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 10));
    await server.close();
    for (const socket of sockets) socket.destroy();
  });
});

describe('a program that requests the events many times on one socket', () => {
  const asked = (host: string, times: number): string => `GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(times);

  test('counts as one page, and frees its place when it closes', async () => {
    const server = await servePage({
      html: openHtml(BUILT),
      port: 0,
      sources: { document: () => ONE, status: () => ({ runs: [], limits: [], running: [] }) },
    });
    const { host, port } = new URL(server.url);
    const events = async (): Promise<number | undefined> =>
      (await ask(`${server.url}events`, { method: 'HEAD' })).status;
    const sockets = await Promise.all(
      Array.from({ length: 31 }, async () => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.write(asked(host, 40));
        await new Promise((resolve) => socket.once('data', resolve));
        return socket;
      }),
    );
    expect(await events()).toBe(200);
    for (const socket of sockets) socket.destroy();
    await server.close();
  });

  // When a socket closes, only the current response gets the event, not those queued behind it.
  test.each(['open', 'closed'])('does not keep the watch from exiting, its socket %s', async (left) => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await using watching = new WatchProcess(rig, '--ui', {});
    const { host, port } = new URL(await addressOf(watching));
    await watching.waitFor('planned');
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(asked(host, 2));
    await new Promise((resolve) => socket.once('data', resolve));
    if (left === 'closed') {
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect((await watching.stop()).exitCode).toBe(130);
    socket.destroy();
  });
});
