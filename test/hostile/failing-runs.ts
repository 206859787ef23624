import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { BILLING, json, listen, listOf, type Handle, type Seen } from '../datadog/loopback.ts';
import { CLI, manifest, Rig } from '../rig/rig.ts';
import { runAsProcess, type Ran } from './process.ts';
import { seeded, type Random } from './random.ts';

/** The executed steps, for debugging a finding. */
export interface FailingRun {
  readonly seed: number;
  readonly args: readonly string[];
  readonly fault: string;
  readonly exitCode: number | null;
  /** Each part of a key that was found, with its stream or file. */
  readonly leaks: readonly string[];
}

const HEX = '0123456789abcdef';
const VISIBLE = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('');

/**
 * Runs a random command with random flags against a server that knows the keys and echoes them wherever it can, then
 * searches everything printed or written for them. The same seed repeats the same run.
 */
export async function failingRun(seed: number): Promise<FailingRun> {
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), 'connsync-canary-'));
  const secrets = secretsOf(random);
  try {
    await prepare(folder, random);
    const toWrites = random.chance(0.4);
    const fault = random.pick(toWrites ? answers() : faults());
    const handle = toWrites ? onWrites(fault.handle) : fault.handle;
    const echo = echoOf(Object.values(secrets), random);
    await using server = await listen((seen, response, request) => handle(seen, response, request, echo));
    const env = { ...secrets, DD_API_URL: server.address, CONNSYNC_SETTLE_MS: '0', ...proxyOf(random, server.port) };
    const args = argumentsOf(random, secrets, toWrites ? WRITES : COMMANDS);
    const ran = random.chance(0.06)
      ? await spawned(args, { cwd: folder, env }, random.chance(0.5) ? random.below(300) : undefined)
      : await runAsProcess(args, { cwd: folder, env });
    const proxyPassword = Object.values(env).flatMap((value) => /:\/\/user:(.*)@/.exec(value)?.[1] ?? []);
    const leaks = leaksIn([...Object.values(secrets), ...proxyPassword], ran, folder);
    return { seed, args, fault: `${fault.name}${toWrites ? ' to writes' : ''}`, exitCode: ran.exitCode, leaks };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Keys in Datadog's format, keys with arbitrary characters, or a token, and sometimes malformed ones. */
function secretsOf(random: Random): Readonly<Record<string, string>> {
  const prefix = random.pick(['DD', 'DATADOG']);
  if (random.chance(0.2)) return { [`${prefix}_BEARER_TOKEN`]: random.text(VISIBLE, 30 + random.below(300)) };
  const odd = random.chance(0.3);
  const inside = random.chance(0.1) ? random.pick([' ', '\n', '\t', 'é']) : '';
  const key = (length: number): string =>
    random.text(odd ? VISIBLE : HEX, length / 2) + inside + random.text(odd ? VISIBLE : HEX, length / 2);
  const around = random.chance(0.3) ? '\n' : '';
  return { [`${prefix}_API_KEY`]: around + key(32) + around, [`${prefix}_APP_KEY`]: key(40) };
}

function proxyOf(random: Random, port: number): Readonly<Record<string, string>> {
  if (!random.chance(0.15)) return {};
  return { HTTP_PROXY: `http://user:${random.text(HEX, 20)}@127.0.0.1:${port}` };
}

async function prepare(folder: string, random: Random): Promise<void> {
  mkdirSync(join(folder, 'connections'));
  for (let index = random.below(4); index >= 0; index -= 1)
    writeFileSync(join(folder, `connections/c${index}.yaml`), manifest(`users/c${index}`, [`f${index}`]));
  if (random.chance(0.15)) writeFileSync(join(folder, 'connections/broken.yaml'), 'entity: [\n');
  if (!random.chance(0.5)) return;
  await using rig = await Rig.start();
  await runAsProcess(['apply'], { cwd: folder, env: rig.keys });
  if (random.chance(0.5)) rmSync(join(folder, 'connections/c0.yaml'));
  writeFileSync(join(folder, 'connections/new.yaml'), manifest('users/new', ['g']));
}

function argumentsOf(
  random: Random,
  secrets: Readonly<Record<string, string>>,
  commands: typeof COMMANDS,
): readonly string[] {
  const command = random.pick(commands);
  const formats = [
    'human',
    'json',
    'ndjson',
    ...(command[0] === 'plan' ? ['markdown', 'github', 'curl'] : []),
    ...(command[0] === 'apply' || command[0] === 'drift' ? ['markdown', 'github'] : []),
  ];
  const common = ['--format', random.pick(formats), '--verbose', ...(random.chance(0.3) ? ['--color', 'always'] : [])];
  const network =
    command[0] === 'validate'
      ? []
      : [
          '--timeout',
          '250ms',
          '--max-retries',
          random.pick(['0', '1']),
          ...(random.chance(0.7) ? ['--trace', 'trace.jsonl'] : []),
        ];
  // If a user passes a key as a flag, the error must say that no such flag exists, and must not repeat the key.
  const [key = ''] = Object.values(secrets);
  const wrong = random.chance(0.05) ? [random.pick(['--api-key', '--dd-api-key', '--token']), key] : [];
  return [...command, ...common, ...network, ...wrong];
}

const WRITES: readonly (readonly string[])[] = [
  ['apply', '--yes'],
  ['apply', '--yes', '--prune', '--max-deletes', '100%', '--adopt', '--allow-replace', '--allow-empty'],
];

const COMMANDS: readonly (readonly string[])[] = [
  ...WRITES,
  ['validate'],
  ['plan'],
  ['plan', '--out', 'plan.json'],
  ['plan', '--prune', '--live'],
  ['apply', '--dry-run', '--prune'],
  ['drift'],
  ['import', '--all'],
  ['accept', '--all'],
  ['state', 'rebuild'],
  ['doctor'],
];

/** Echoes everything the server received, in every form, at varying positions of a text. */
function echoOf(secrets: readonly string[], random: Random): (length?: number) => string {
  const forms = secrets.map((secret) => secret.trim()).flatMap(formsOf);
  return (length = 1 + random.below(6)) =>
    Array.from({ length }, () => random.pick(forms)).join(random.pick([' ', ', ', '"', '\\n', '/', '']));
}

/** An answer; `echo` returns some of the keys in some form. */
type Fault = (seen: Seen, response: Parameters<Handle>[1], request: Parameters<Handle>[2], echo: () => string) => void;

const isList = ({ method, path }: Seen): boolean => method === 'GET' && path.endsWith('/connections');
/** Lists are valid, so that the run gets as far as its writes. */
const onWrites =
  (fault: Fault): Fault =>
  (seen, response, request, echo) => {
    if (isList(seen)) json(response, 200, listOf(BILLING));
    else if (seen.method === 'GET') json(response, 200, {});
    else fault(seen, response, request, echo);
  };

/** An endless rate limit would only make the run wait. */
function once(first: number, then: number): Fault {
  let status = first;
  return (_, response, __, echo) => {
    json(response, status, { errors: [echo()] }, { 'x-ratelimit-name': header(echo()), 'x-ratelimit-reset': '1' });
    status = then;
  };
}

interface NamedFault {
  readonly name: string;
  readonly handle: Fault;
}

/** Created for each run, because one of the behaviours keeps state. */
const answers = (): readonly NamedFault[] => [
  ...[400, 401, 403, 404, 407, 409, 422, 500, 503].map((status) => ({
    name: `${status} in JSON`,
    handle: ((_, response, __, echo) => json(response, status, { errors: [{ title: echo(), detail: echo(), id: echo() }] }, { 'x-request-id': header(echo()), 'x-ratelimit-remaining': '0', 'x-ratelimit-name': header(echo()), 'retry-after': '0' })) as Fault,
  })),
  { name: '429, then 400', handle: once(429, 400) },
  { name: '200 in HTML', handle: (_, response, __, echo) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<b>${echo()}</b><script>${echo()}</script>`) },
  { name: '500 in text, very long', handle: (_, response, __, echo) => response.writeHead(500).end(`${'x'.repeat(65_400)}${echo()}${echo()}${echo()}`) },
  { name: 'echoed headers', handle: ({ headers }, response) => json(response, 400, { errors: [JSON.stringify(headers)] }) },
  { name: 'escaped JSON', handle: (_, response, __, echo) => json(response, 422, JSON.stringify({ message: echo() }).replace(/[a-z0-9](?=[^"]*"\}$)/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`)) },
  { name: 'a redirect', handle: (_, response, __, echo) => response.writeHead(302, { location: `http://127.0.0.1:1/${encodeURIComponent(echo())}` }).end() },
  { name: 'a status line', handle: (_, __, request, echo) => request.socket.end(`HTTP/1.1 400 ${header(echo())}\r\ncontent-length: 0\r\n\r\n`) },
  { name: 'garbage', handle: (_, __, request, echo) => request.socket.end(`${echo()}\r\n\r\n`) },
  { name: 'a truncated body', handle: (_, response, __, echo) => {
    response.writeHead(400, { 'content-type': 'application/json', 'content-length': '99999' });
    response.write(`{"errors":["${echo()}`);
    setTimeout(() => response.destroy(), 5);
  } },
  { name: 'a reset', handle: (_, __, request) => request.socket.destroy() },
  { name: 'no answer', handle: () => {} },
]; // prettier-ignore

const faults = (): readonly NamedFault[] => [
  ...answers(),
  { name: 'a list that contains the keys', handle: (seen, response, _, echo) => {
    const text = (): string => echo();
    const live = { ...BILLING, fields: [{ id: text(), source_name: text(), type: 'string', display_name: text() }], metadata: { [text()]: text() }, updated_by: text() };
    json(response, 200, seen.path.endsWith('/validate') ? { data: { id: text() } } : listOf(live));
  } },
  { name: 'an organisation id that is a key', handle: (seen, response, _, echo) => json(response, 200, seen.path.endsWith('/validate') ? { data: { id: echo() } } : listOf()) },
  { name: 'a malformed list', handle: (_, response, __, echo) => json(response, 200, listOf({ id: 7, [echo()]: echo() })) },
]; // prettier-ignore

/** A header must not contain a line break or characters outside Latin 1. */
function header(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '');
}

async function spawned(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  killAfter: number | undefined,
): Promise<Omit<Ran, 'exitCode'> & { readonly exitCode: number | null }> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => void (stdout += text));
  child.stderr.on('data', (text) => void (stderr += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return { exitCode, stdout, stderr };
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

/** Every form, including the remains of a truncated key. */
function leaksIn(
  secrets: readonly string[],
  { stdout, stderr }: Pick<Ran, 'stdout' | 'stderr'>,
  folder: string,
): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const sinks = new Map([
    ['stdout', stdout],
    ['stderr', stderr],
    ...files.map((file) => [file.slice(folder.length + 1), readFileSync(file, 'latin1')] as const),
  ]);
  const forms = new Set(
    secrets
      .map((secret) => secret.trim())
      .flatMap(formsOf)
      .flatMap((form) => [form, form.slice(0, 12), form.slice(-12)]),
  );
  return [...sinks].flatMap(([sink, text]) =>
    [...forms].filter((form) => text.toLowerCase().includes(form.toLowerCase())).map((form) => `${form} in ${sink}`),
  );
}
