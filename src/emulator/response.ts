import { STATUS_CODES } from 'node:http';

/** An HTTP response before it is sent. */
export interface EmulatorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How the response is damaged on its way to the client. Undefined if it is sent intact. */
  readonly sending?: Sending;
}

/**
 * How a response is damaged.
 *
 * | how      | the client receives                                                          |
 * | -------- | ---------------------------------------------------------------------------- |
 * | dropped  | a closed connection                                                          |
 * | withheld | nothing, for as long as it waits                                             |
 * | cut      | the head and half of the announced body, then a closed connection            |
 * | bomb     | a small body that decompresses to a huge one                                 |
 * | dripping | the head or the body byte by byte                                            |
 */
export type Sending =
  | { readonly how: 'dropped' }
  | { readonly how: 'withheld' }
  | { readonly how: 'cut' }
  | { readonly how: 'bomb' }
  | { readonly how: 'dripping'; readonly part: 'head' | 'body'; readonly byteMs: number };

/** An error message as one sentence; `pointer` is a JSON pointer into the request's body. */
export interface Complaint {
  readonly detail: string;
  readonly pointer?: string;
}

export function empty(status: number): EmulatorResponse {
  return { status };
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): EmulatorResponse {
  return jsonText(status, JSON.stringify(value), headers);
}

/** Returns a JSON response from a body that is already serialised. */
export function jsonText(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): EmulatorResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** Returns Datadog's usual error body: `{"errors":[{status, title, detail, source?}]}`. */
export function refusal(
  status: number,
  complaints: readonly Complaint[],
  headers: Readonly<Record<string, string>> = {},
): EmulatorResponse {
  const title = STATUS_CODES[status] ?? 'Error';
  const errors = complaints.slice(0, MAX_ERRORS).map(({ detail, pointer }) => ({
    status: String(status),
    title,
    detail,
    ...(pointer === undefined ? {} : { source: { pointer } }),
  }));
  return json(status, { errors }, headers);
}

/** Returns the status, or 200 instead of 204, because HTTP allows no body for a 204. */
export function withBody(status: number): number {
  return status === 204 ? 200 : status;
}

/** Returns the 429 response, the only one whose errors Datadog documents as plain strings. */
export function tooMany(headers: Readonly<Record<string, string>>): EmulatorResponse {
  const seconds = headers['X-RateLimit-Reset'] ?? '?';
  return json(429, { errors: [`Too many requests: the rate limit resets in ${seconds} s.`] }, headers);
}

// A body of 1 MiB can contain a hundred thousand mistakes, so only the first ones are listed.
const MAX_ERRORS = 50;
