import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Served {
  /** The folder that contains the repositories. */
  readonly root: string;
  /** Repository and service, such as `/acme/data.git/info/refs`. */
  readonly path: string;
  readonly query: string;
  readonly login: string;
  /** The request is carried out, and the connection then closes without an answer. */
  readonly losing: boolean;
}

/** Answers a request with `git http-backend` over CGI. */
export async function serveGit(
  { root, path, query, login, losing }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? '',
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
      REMOTE_USER: login,
      REMOTE_ADDR: '127.0.0.1',
      // A long push arrives in chunks without a length, so the backend reads until the end.
      ...(request.headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: header('content-length') }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => {
    child.on('close', resolve);
  });
  if (losing) response.destroy();
  else answer(Buffer.concat(chunks), response);
}

/** A CGI program prints its status and headers as in a mail, then an empty line and the body. */
function answer(printed: Buffer, response: ServerResponse): void {
  const end = printed.indexOf('\r\n\r\n');
  if (end === -1) {
    response.writeHead(500).end('git http-backend told nothing');
    return;
  }
  const headers = new Map<string, string>();
  for (const line of printed.subarray(0, end).toString().split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    headers.set(name.toLowerCase(), value);
  }
  const status = Number.parseInt(headers.get('status') ?? '200', 10);
  headers.delete('status');
  response.writeHead(status, Object.fromEntries(headers)).end(printed.subarray(end + 4));
}
