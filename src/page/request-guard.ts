import type { IncomingMessage } from 'node:http';

export interface Rejection {
  readonly status: 403 | 405 | 421;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Browsers omit the default port from the Host header. */
const HTTP_PORT = 80;

/**
 * Returns the reason to reject a request, or undefined to allow it. Allows only requests from a browser on this machine
 * that uses one of this server's own addresses.
 *
 * | request                                | status | protects against                                              |
 * | -------------------------------------- | ------ | ------------------------------------------------------------- |
 * | a Host other than this server's        | 421    | DNS rebinding: another site's name that resolves to this host |
 * | a method other than GET and HEAD       | 405    | the page is read-only                                         |
 * | data requested by another site's page  | 403    | inferring connections from size or timing                     |
 */
export function refusalOf({ method, headers, url = '/' }: IncomingMessage, port: number): Rejection | undefined {
  const named = ['127.0.0.1', 'localhost', '[::1]'];
  const names = [...named.map((name) => `${name}:${port}`), ...(port === HTTP_PORT ? named : [])];
  if (!names.includes(headers.host?.toLowerCase() ?? ''))
    return { status: 421, reason: `This is the status page of connsync: open http://127.0.0.1:${port}/.` };
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, reason: 'This page is read-only.', headers: { allow: 'GET, HEAD' } };
  const from = headers['sec-fetch-site'];
  if (url !== '/' && from !== undefined && from !== 'same-origin' && from !== 'none')
    return { status: 403, reason: 'Only the status page itself may request this.' };
  return undefined;
}
