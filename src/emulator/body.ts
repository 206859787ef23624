import type { IncomingMessage } from 'node:http';
import { refusal, type EmulatorResponse } from './response.ts';

/**
 * The body of a request. A body that is too large is read to its end and discarded, so that the client receives the
 * error.
 */
export type Body = { readonly bytes: Buffer } | 'none' | 'too large';

/** Reads a whole body. Rejects if the client disconnects before the end. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (coding === undefined && (length === undefined || length === '0')) return 'none';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > MAX_BYTES) return 'too large';
  return size === 0 ? 'none' : { bytes: Buffer.concat(chunks) };
}

/** A decoded body: its value if it is JSON, else its text. Undefined if the body is missing or too large. */
export type Text = { readonly json: unknown } | { readonly text: string } | undefined;

export function textOf(body: Body): Text {
  if (body === 'none' || body === 'too large') return undefined;
  try {
    return { json: JSON.parse(UTF8.decode(body.bytes)) };
  } catch {
    return { text: body.bytes.toString('utf8') };
  }
}

/** Returns the JSON value that an operation needs, or an error response. */
export function jsonBody(
  body: Body,
  text: Text,
  contentType: string | undefined,
): { readonly value: unknown } | { readonly refused: EmulatorResponse } {
  if (body === 'too large') return { refused: refusal(413, [{ detail: 'The body is larger than 1 MiB.' }]) };
  if (text === undefined)
    return { refused: refusal(400, [{ detail: 'The request has no body; it needs one in JSON.' }]) };
  if (!/^application\/json *(;|$)/i.test(contentType ?? '')) {
    return { refused: refusal(415, [{ detail: 'The request needs Content-Type: application/json.' }]) };
  }
  if ('text' in text) return { refused: refusal(400, [{ detail: 'The body is not JSON in UTF-8.' }]) };
  return { value: text.json };
}

const MAX_BYTES = 1024 * 1024;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
