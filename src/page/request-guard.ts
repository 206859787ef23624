import type { IncomingMessage } from 'node:http';

export interface Rejection {
  readonly status: 403 | 405 | 421;
  readonly why: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Browsers leave it out of what they send as the Host. */
const HTTP_PORT = 80;

/**
 * Whom the page answers: only a browser on this machine that was sent here by name.
 *
 * | what                                  | answer | against                                                       |
 * | ------------------------------------- | ------ | ------------------------------------------------------------- |
 * | a Host that is no name of this server | 421    | DNS rebinding: a name of somebody else's that leads here      |
 * | anything but GET and HEAD             | 405    | the page shows, and does nothing                              |
 * | data asked for by another site's page | 403    | what tells of a connection by its size or the time it takes   |
 */
export function refusalOf({ method, headers, url = '/' }: IncomingMessage, port: number): Rejection | undefined {
  const named = ['127.0.0.1', 'localhost', '[::1]'];
  const names = [...named.map((name) => `${name}:${port}`), ...(port === HTTP_PORT ? named : [])];
  if (!names.includes(headers.host?.toLowerCase() ?? ''))
    return { status: 421, why: `This is the status page of connsync: open http://127.0.0.1:${port}/.` };
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, why: 'The page can only be read.', headers: { allow: 'GET, HEAD' } };
  const from = headers['sec-fetch-site'];
  if (url !== '/' && from !== undefined && from !== 'same-origin' && from !== 'none')
    return { status: 403, why: 'Only the page itself may ask for this.' };
  return undefined;
}
