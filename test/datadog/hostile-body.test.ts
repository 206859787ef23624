import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import { readerFor } from '../../src/datadog/client.ts';
import { ERROR_LIMIT, LIST_LIMIT } from '../../src/datadog/transport.ts';
import { BILLING, json, listen, listOf, never, optionsFor, rejection, type Handle } from './loopback.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

// 200 MB in 200 kB.
const BOMB = gzipSync(Buffer.alloc(200_000_000, ' '), { level: 9 });

function drip(text: string): Handle {
  return (_, response) => {
    const timer = setInterval(() => response.write(text), 10);
    response.on('close', () => clearInterval(timer));
  };
}

const HOSTILE: [string, Handle, Failure['code']][] = [
  ['HTML', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome</body></html>'), 'invalid-response'],
  ['HTML that claims to be JSON', (_, response) => response.writeHead(200, JSON_TYPE).end('<html></html>'), 'invalid-response'],
  ['a list that claims to be text', (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(listOf())), 'invalid-response'],
  ['text', (_, response) => response.writeHead(200, JSON_TYPE).end('OK'), 'invalid-response'],
  ['nothing', (_, response) => response.writeHead(200, JSON_TYPE).end(), 'invalid-response'],
  ['JSON that ends too soon', (_, response) => json(response, 200, JSON.stringify(listOf(BILLING)).slice(0, -3)), 'invalid-response'],
  ['two documents', (_, response) => json(response, 200, '{"data":{"attributes":{"connections":[]}}}{}'), 'invalid-response'],
  ['bytes that are no UTF-8', (_, response) => response.writeHead(200, JSON_TYPE).end(Buffer.concat([Buffer.from('{"data":{"attributes":{"connections":[],"x":"'), Buffer.from([0xff]), Buffer.from('"}}}')])), 'invalid-response'],
  ['another shape', (_, response) => json(response, 200, { connections: [BILLING] }), 'invalid-response'],
  ['no connections', (_, response) => json(response, 200, { data: { type: 'list_connections_response', attributes: {} } }), 'invalid-response'],
  ['null data', (_, response) => json(response, 200, { data: null }), 'invalid-response'],
  ['an error with status 200', (_, response) => json(response, 200, { errors: ['Forbidden'] }), 'invalid-response'],
  ['a gzip bomb', (_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(BOMB), 'invalid-response'],
  ['gzip that is none', (_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end('{"data":'), 'unreachable'],
  ['a body that is cut', (_, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
    response.write('{"data":{"attributes":{"connections":[');
    setTimeout(() => response.destroy(), 5);
  }, 'unreachable'],
  ['a chunked body that is cut where it could end', (_, response) => {
    response.writeHead(200, JSON_TYPE);
    response.write(JSON.stringify(listOf()));
    setTimeout(() => response.destroy(), 5);
  }, 'unreachable'],
  ['an endless drip', (seen, response, request) => {
    response.writeHead(200, JSON_TYPE);
    drip(' ')(seen, response, request);
  }, 'unreachable'],
  ['no answer at all', () => {}, 'unreachable'],
  ['an endless error', (seen, response, request) => {
    response.writeHead(500, JSON_TYPE);
    drip('x'.repeat(10_000))(seen, response, request);
  }, 'unreachable'],
  ['an error that is a gzip bomb', (_, response) => response.writeHead(400, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(BOMB), 'invalid-response'],
  ['headers that drip', (_, response, request) => {
    request.socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => request.socket.write('x-more: y\r\n'), 10);
    response.on('close', () => clearInterval(timer));
  }, 'unreachable'],
  ['headers without an end', (_, __, request) => request.socket.write(`HTTP/1.1 200 OK\r\n${'x-more: y\r\n'.repeat(10_000)}`), 'unreachable'],
  ['an interim answer for ever', (_, response) => {
    const timer = setInterval(() => response.writeProcessing(), 10);
    response.on('close', () => clearInterval(timer));
  }, 'unreachable'],
]; // prettier-ignore

describe('a list answered with', () => {
  test.each(HOSTILE)('%s ends in time, as a failure and never as an empty list', async (_, handle, code) => {
    const closed: Promise<void>[] = [];
    await using server = await listen((seen, response, request) => {
      closed.push(new Promise((resolve) => void response.once('close', resolve)));
      handle(seen, response, request);
    });
    // A body that is rejected for its contents is read first, which may take time on a busy machine.
    const timeoutMs = code === 'invalid-response' ? 120_000 : 700;
    const reader = await readerFor(optionsFor(server.address, { timeoutMs }));
    const failure = await rejection(reader.list('users', never()));

    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code, exitCode: 4 });
    expect((failure as Failure).message.length).toBeLessThan(1000);
    // The server sees the connection end, so it does not keep sending.
    await Promise.all(closed);
    reader.close();
  });

  test('stops reading a body at the limit', async () => {
    let written = 0;
    await using server = await listen((_, response) => {
      response.writeHead(200, JSON_TYPE);
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const more = (): void => {
        while (!response.destroyed && written < 4 * LIST_LIMIT) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    });
    const reader = await readerFor(optionsFor(server.address, { timeoutMs: 150_000 }));
    const failure = await rejection(reader.list('users', never()));
    expect(failure).toMatchObject({ code: 'invalid-response' });
    expect((failure as Failure).message).toContain(`longer than ${LIST_LIMIT} bytes`);
    expect(written).toBeLessThan(LIST_LIMIT * 1.5);
    reader.close();
  });

  test('reports the beginning of an error of any length', async () => {
    await using server = await listen((_, response) =>
      response.writeHead(400).end(`it begins ${'x'.repeat(3 * ERROR_LIMIT)}`),
    );
    const reader = await readerFor(optionsFor(server.address));
    const failure = await rejection(reader.list('users', never()));
    expect((failure as Failure).message).toContain('400 Bad Request');
    expect((failure as Failure).message).toContain('it begins xxx');
    reader.close();
  });
});
