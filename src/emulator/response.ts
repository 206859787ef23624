import { STATUS_CODES } from 'node:http';

/** An HTTP answer, before it is sent. */
export interface EmulatorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How badly it is sent; whole where this is left out. */
  readonly sending?: Sending;
}

/**
 * | how      | what the client gets                                                                 |
 * | -------- | ------------------------------------------------------------------------------------ |
 * | dropped  | the end of its connection                                                            |
 * | withheld | nothing, for as long as it waits                                                     |
 * | cut      | the head and half of the body that it promises, then the end of its connection       |
 * | bomb     | in place of the body, little that unpacks to a lot                                   |
 * | dripping | the head or the body byte by byte                                                    |
 */
export type Sending =
  | { readonly how: 'dropped' }
  | { readonly how: 'withheld' }
  | { readonly how: 'cut' }
  | { readonly how: 'bomb' }
  | { readonly how: 'dripping'; readonly part: 'head' | 'body'; readonly byteMs: number };

/** What is wrong, in a sentence; `pointer` is a JSON pointer into the request's body. */
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

/** The same for a body that is JSON text already. */
export function jsonText(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): EmulatorResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** Datadog's usual error body: `{"errors":[{status, title, detail, source?}]}`. */
export function refusal(
  status: number,
  complaints: readonly Complaint[],
  headers: Readonly<Record<string, string>> = {},
): EmulatorResponse {
  const title = STATUS_CODES[status] ?? 'Error';
  const errors = complaints.slice(0, MOST_ERRORS).map(({ detail, pointer }) => ({
    status: String(status),
    title,
    detail,
    ...(pointer === undefined ? {} : { source: { pointer } }),
  }));
  return json(status, { errors }, headers);
}

/** The status that can carry a body: HTTP lets none follow a 204. */
export function withBody(status: number): number {
  return status === 204 ? 200 : status;
}

/** The one answer that Datadog describes with plain strings. */
export function tooMany(headers: Readonly<Record<string, string>>): EmulatorResponse {
  const seconds = headers['X-RateLimit-Reset'] ?? '?';
  return json(429, { errors: [`Too many requests: the rate limit resets in ${seconds} s.`] }, headers);
}

// A body of 1 MiB can hold a hundred thousand mistakes; nobody reads that many.
const MOST_ERRORS = 50;
