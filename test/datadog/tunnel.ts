import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Creates a self-signed certificate for localhost, and a folder for it. */
export interface Certificate extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  readonly cert: string;
  readonly key: string;
}

export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-tls-'));
  const [file, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', keyFile, '-out', file],
    { stdio: 'ignore' },
  ); // prettier-ignore
  return {
    folder,
    file,
    cert: readFileSync(file, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** An https server that answers every GET with an empty list and any other request with 201, and counts them. */
export async function listenSecurely({
  cert,
  key,
}: Certificate): Promise<AsyncDisposable & { address: string; port: number; seen: string[] }> {
  const seen: string[] = [];
  const server = createHttpsServer({ cert, key }, (request, response) => {
    seen.push(`${request.method} ${String(request.headers['dd-api-key'])}`);
    response.writeHead(request.method === 'GET' ? 200 : 201, { 'content-type': 'application/json' });
    response.end('{"data":{"attributes":{"connections":[]}}}');
  });
  const port = await open(server);
  return { address: `https://localhost:${port}`, port, seen, [Symbol.asyncDispose]: () => shut(server) };
}

/** A proxy that records its requests, and tunnels them or refuses them with `refusal`. Plain requests get a 502. */
export async function listenAsProxy(
  refusal?: number,
): Promise<AsyncDisposable & { port: number; asked: { target: string; headers: IncomingHttpHeaders }[] }> {
  const asked: { target: string; headers: IncomingHttpHeaders }[] = [];
  const server = createHttpServer((request, response) => {
    asked.push({ target: `${request.method} ${request.url}`, headers: request.headers });
    request.resume();
    response.writeHead(refusal ?? 201, { 'content-type': 'application/json' }).end('{}');
  });
  server.on('connect', (request, socket, head) => {
    asked.push({ target: `CONNECT ${request.url}`, headers: request.headers });
    socket.on('error', () => {});
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 7\r\n\r\nrefused`);
      return;
    }
    const target = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  const port = await open(server);
  return { port, asked, [Symbol.asyncDispose]: () => shut(server) };
}

/**
 * Bundles a program that lists, then creates a given number of times, and prints the results as JSON. It is a
 * separate process, because Node reads NODE_EXTRA_CA_CERTS only at its start.
 */
export async function bundleProgram(
  folder: string,
): Promise<(env: Record<string, string>, address: string, creates?: number) => Promise<ProgramResult>> {
  const outfile = join(folder, 'program.mjs');
  const source = `
    import { clientFor } from '${join(import.meta.dirname, '../../src/datadog/client.ts')}';
    import { readCredentials } from '${join(import.meta.dirname, '../../src/datadog/credentials.ts')}';
    const [address, creates] = process.argv.slice(2);
    const { credentials } = readCredentials({ DD_API_KEY: 'canary-api-key', DD_APP_KEY: 'canary-app-key' });
    const signal = new AbortController().signal;
    const client = await clientFor({ address, site: 'datadoghq.com', credentials, timeoutMs: 5000, maxRetries: 0, concurrency: 2, version: '0', environment: process.env });
    const list = await client.list('users', signal).then((list) => ({ list }), ({ code, message, hint }) => ({ failure: { code, message, hint } }));
    const spec = { type: 'a', join_attribute: 'b', join_type: 'c' };
    const ids = Array.from({ length: Number(creates) }, (_, index) => 'c' + index);
    const answers = await Promise.all(ids.map((id) => client.create({ entity: 'users', id, spec }, signal)));
    client.close();
    console.log(JSON.stringify({ ...list, answers }));
  `;
  writeFileSync(join(folder, 'program.ts'), source);
  await build({
    entryPoints: [join(folder, 'program.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    logLevel: 'error',
    banner: { js: 'import { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);' },
    nodePaths: [join(import.meta.dirname, '../../node_modules')],
  });
  return async (env, address, creates = 1) => {
    const { stdout, stderr } = await promisify(execFile)('node', [outfile, address, String(creates)], {
      env: { PATH: process.env['PATH'], ...env },
    });
    return { ...(JSON.parse(stdout) as ProgramResult), printed: stdout + stderr };
  };
}

export interface ProgramResult {
  readonly list?: unknown;
  readonly failure?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly answers: readonly {
    readonly kind: string;
    readonly attempts: number;
    readonly error?: { readonly message: string };
  }[];
  /** Everything it wrote to both streams. */
  readonly printed: string;
}

async function open(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function shut(server: Server & { closeAllConnections(): void }): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
}
