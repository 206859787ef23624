import { compact } from '../core/compact.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { refusal } from './response.ts';
import { readBody, textOf, type Body } from './body.ts';
import { containsOwnKey } from './key-sighting.ts';
import type { OracleBook } from './oracle.ts';
import { answerTo, type Received, type Stages } from './pipeline.ts';
import type { OpenRequest, RequestLog } from './request-log.ts';
import { send } from './send.ts';

/** The dependencies of the request handler. */
interface Serving {
  /** The id given to this request. */
  readonly id: string;
  readonly log: RequestLog;
  readonly oracle: OracleBook;
  readonly stages: Stages;
  readonly latencyMs: () => number;
}

/** Reads a request, runs it through the pipeline, and sends the response. */
export async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { log } = serving;
  const seen = begin(request, serving);
  response.once('close', () => log.end(seen, 0)); // no effect if the request was already answered
  try {
    const received = await receive(request, seen, serving);
    const answer = await answerTo(received, serving.stages);
    if (serving.latencyMs() > 0) await pause(serving.latencyMs());
    send(answer, response, (status) => log.end(seen, status));
  } catch (error) {
    if (response.destroyed || response.headersSent) return; // the client has disconnected
    const why = error instanceof Error ? error.message : String(error);
    send(refusal(500, [{ detail: `The emulator failed: ${why}` }]), response, (status) => log.end(seen, status));
  }
}

/** Responds to invalid HTTP with an error, then closes the socket. */
export function rejectInvalidHttp(error: NodeJS.ErrnoException, socket: Duplex, requestId: string): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const { body = '' } = refusal(status, [{ detail: "The emulator can't parse this HTTP request." }]);
  const head = [
    `HTTP/1.1 ${status} Refused`,
    `x-request-id: ${requestId}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function begin(request: IncomingMessage, { id, log }: Serving): OpenRequest {
  const { method = '', url = '', headers } = request;
  const userAgent = headers['user-agent'];
  return log.begin({
    id,
    method,
    path: url,
    headers: Object.keys(headers),
    ...compact({ userAgent }),
  });
}

async function receive(request: IncomingMessage, seen: OpenRequest, { log, oracle }: Serving): Promise<Received> {
  const look = (body: Body): void => {
    if (seen.showedKey === true || !containsOwnKey(seen.path, request.headers, body)) return;
    seen.showedKey = true;
    oracle.keySightings += 1;
  };
  look('none'); // checks the path now, because the body may never arrive
  const body = await readBody(request);
  look(body);
  const text = textOf(body);
  if (text !== undefined && typeof body === 'object') {
    log.tookBody(seen, 'json' in text ? text.json : text.text, body.bytes.length);
  }
  return { seen, headers: request.headers, body, text };
}

/** Waits with a timer that doesn't keep the process alive after the server is closed. */
async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
