import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export const KEYS = { 'dd-api-key': 'k'.repeat(32), 'dd-application-key': 'a'.repeat(40) };

export const BASE = '/api/v2/product-analytics';
export const CONNECTION = `${BASE}/users/mapping/connection`;
export const CONNECTIONS = `${BASE}/users/mapping/connections`;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Undefined if the body is not JSON. */
  readonly json: unknown;
}

export interface CallOptions {
  /** Sent as JSON; a string or bytes are sent unchanged. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request without normalising its path, with both keys unless other headers are given. */
export async function call(url: string, method: string, path: string, options: CallOptions = {}): Promise<Reply> {
  const { body, headers: given = KEYS } = options;
  const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const all = {
      ...(sent === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
      ...given,
    };
    const out = request({ hostname, port, method, path, headers: all }, (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response)
        .then((received) => resolve({ status, headers, text: received, json: parsed(received) }))
        .catch(reject);
    });
    out.on('error', reject);
    out.end(sent);
  });
}

/** Returns a create body: the smallest valid one, or one with more attributes. */
export function createBody(id: string, attributes: Readonly<Record<string, unknown>> = {}): unknown {
  const given = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email', ...attributes };
  return { data: { type: 'connection_id', id, attributes: given } };
}

export function updateBody(id: string, attributes: Readonly<Record<string, unknown>>): unknown {
  return { data: { type: 'connection_id', id, attributes } };
}

/** Returns the details of an error response. */
export function details(reply: Reply): readonly string[] {
  const { errors } = reply.json as { errors: { detail: string }[] };
  return errors.map(({ detail }) => detail);
}

function parsed(received: string): unknown {
  try {
    return JSON.parse(received);
  } catch {
    return undefined;
  }
}
