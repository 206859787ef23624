/** An answer of the API: a status, a body that becomes JSON unless it is bytes, and headers. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, body, headers };
}

export function created(body: unknown): Answer {
  return { status: 201, body };
}

/** These are GitHub's own words. */
export function failed(status: number, message: string, more: Readonly<Record<string, unknown>> = {}): Answer {
  const body = { message, ...more, documentation_url: 'https://docs.github.com/rest', status: String(status) };
  return { status, body };
}

export const NOT_FOUND = failed(404, 'Not Found');
export const BAD_CREDENTIALS = failed(401, 'Bad credentials');
export const FORBIDDEN = failed(403, 'Resource not accessible by integration');
export const FORBIDDEN_TO_USER = failed(403, 'Resource not accessible by personal access token');

export interface ValidationError {
  readonly resource: string;
  readonly code: 'missing_field' | 'unprocessable' | 'custom' | 'already_exists' | 'invalid';
  readonly field: string;
  readonly message?: string;
}

export function invalid(...errors: readonly ValidationError[]): Answer {
  return failed(422, 'Validation Failed', { errors });
}
