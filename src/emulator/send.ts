import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { withBody, type EmulatorResponse } from './response.ts';
import { gzipBomb } from './gzip-bomb.ts';

/**
 * Sends a response, and damages it if `sending` is set. Calls `end` before the client can receive the response, with
 * the status that the client gets, or 0 if it gets none.
 */
export function send(answer: EmulatorResponse, response: ServerResponse, end: (status: number) => void): void {
  const { status, headers = {}, body, sending } = answer;
  const { socket } = response;
  if (response.destroyed || socket === null || sending?.how === 'withheld') return;
  if (sending?.how === 'dropped') {
    end(0);
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  end(status);
  switch (sending?.how) {
    case undefined:
      response.statusCode = status;
      response.end(body);
      return;
    case 'bomb':
      response.statusCode = withBody(status);
      response.setHeader('content-type', 'application/json');
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipBomb());
      return;
    case 'cut': {
      const { head, promised } = asBytes(status, response, body);
      socket.write(Buffer.concat([head, promised.subarray(0, promised.length / 2)]), () => socket.destroy());
      return;
    }
    case 'dripping': {
      const { head, promised } = asBytes(withBody(status), response, body);
      if (sending.part === 'body') socket.write(head);
      drip(
        socket,
        sending.part === 'body' ? promised : head,
        sending.byteMs,
        sending.part === 'body' ? NOTHING : promised,
      );
      return;
    }
    default:
      sending satisfies never;
  }
}

/** Writes `bytes` one byte at a time, then `rest` at once. Stops if the client disconnects. */
function drip(socket: Socket, bytes: Buffer, byteMs: number, rest: Buffer): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent < bytes.length) {
      socket.write(bytes.subarray(sent, (sent += 1)));
      return;
    }
    clearInterval(timer);
    socket.end(rest);
  }, byteMs);
  socket.once('close', () => clearInterval(timer));
}

/** Serialises a response by hand, because Node's own API doesn't allow sending part of one. */
function asBytes(status: number, response: ServerResponse, body = SPACES): { head: Buffer; promised: Buffer } {
  const promised = Buffer.from(body);
  const headers = { ...response.getHeaders(), 'content-length': promised.length, connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`;
  return { head: Buffer.from(head, 'latin1'), promised };
}

const NOTHING = Buffer.alloc(0);

/** The body that is announced if a response has none, so that the client has something to wait for. */
const SPACES = ' '.repeat(64);
