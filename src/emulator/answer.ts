import { STATUS_CODES } from 'node:http';

/** An HTTP answer, before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What is wrong, in a sentence; `pointer` is a JSON pointer into the request's body. */
export interface Complaint {
  readonly detail: string;
  readonly pointer?: string;
}

export function empty(status: number): Answer {
  return { status };
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return jsonText(status, JSON.stringify(value), headers);
}

/** The same for a body that is JSON text already. */
export function jsonText(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** Datadog's usual error body: `{"errors":[{status, title, detail, source?}]}`. */
export function refusal(
  status: number,
  complaints: readonly Complaint[],
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const title = STATUS_CODES[status] ?? 'Error';
  const errors = complaints.slice(0, MOST_ERRORS).map(({ detail, pointer }) => ({
    status: String(status),
    title,
    detail,
    ...(pointer === undefined ? {} : { source: { pointer } }),
  }));
  return json(status, { errors }, headers);
}

// A body of 1 MiB can hold a hundred thousand mistakes; nobody reads that many.
const MOST_ERRORS = 50;
