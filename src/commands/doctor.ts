import { compact } from '../core/compact.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, hasErrors, type ExitCode } from '../core/diagnostic.ts';
import { escapeControlJson, escapeControl, escapeControlText } from '../core/escape-control.ts';
import { describeCredentials } from '../datadog/credentials.ts';
import { readManifests, type Manifests } from '../manifest/read-all.ts';
import { entitiesInUse, identify, requireSite } from '../reconcile/gather.ts';
import { plural, styleFor } from '../reporters/human/style.ts';
import { wrapText } from '../reporters/human/wrap.ts';
import type { Target } from '../core/event.ts';
import type { ConnectionsReader, Snapshot } from '../core/ports.ts';
import type { ObservedRequest } from '../session/datadog-clients.ts';
import { LOCAL_SITE, requireCheckedTls, type Destination } from '../session/destination.ts';
import type { CommonFlags, DatadogFlags } from '../session/flags.ts';
import { openWorkspace, type Workspace } from '../session/workspace.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';

interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly message: string;
  readonly hint?: string;
  /** The exit code of `doctor` if this check failed. */
  readonly exit?: ExitCode;
}

/** Milliseconds that this clock may differ from the server's before doctor warns. */
const CLOCK_SKEW_MS = 60_000;
const EMPTY: Snapshot = { header: undefined, records: new Map(), open: [], uncommitted: [], version: '' };

/** Checks everything that a run depends on, and prints each result with the next step. */
export async function doctor(flags: CommonFlags & DatadogFlags, runtime: Runtime): Promise<ExitCode> {
  const checks: Check[] = [nodeVersion(), ...proxyChecks(runtime)];
  const workspace = openWorkspace(flags, runtime);
  checks.push(settingsCheck(workspace, runtime));
  const manifests = readManifests(workspace.manifests);
  checks.push(manifestsCheck(manifests, workspace));
  const destination = attempt('site', workspace.destination);
  if ('check' in destination) checks.push(destination.check);
  else checks.push(...(await targetChecks(destination.value, workspace, runtime, manifests)));
  print(checks, flags, runtime);
  // If several checks failed, uses the exit code of the error that a plan would report first.
  const exits = new Set(checks.flatMap(({ exit }) => exit ?? []));
  return ([3, 5, 6, 4, 1] as const).find((code) => exits.has(code)) ?? 0;
}

async function targetChecks(
  destination: Destination,
  workspace: Workspace,
  runtime: Runtime,
  manifests: Manifests,
): Promise<readonly Check[]> {
  const { lockfile } = workspace;
  const loaded = await attemptAsync('lockfile', async () => (await workspace.openStore()).load());
  const snapshot = 'check' in loaded ? EMPTY : loaded.value;
  const checks = [
    'check' in loaded ? loaded.check : lockfileCheck(snapshot, lockfile.displayPath),
    siteCheck(destination, snapshot, lockfile.displayPath),
    credentialsCheck(destination),
  ];
  if (checks.at(-1)?.state === 'failure') return checks;
  const tls = attempt('certificates', () => requireCheckedTls(destination, runtime.env));
  if ('check' in tls) return [...checks, tls.check];

  const requests: ObservedRequest[] = [];
  const clients = workspace.openClients({
    command: 'doctor',
    report: () => undefined,
    observe: (request) => requests.push(request),
  });
  try {
    const api = await clients.reader();
    const target = { target: destination.target, lockfile: lockfile.displayPath };
    checks.push(
      ...(await organisationChecks(() => identify(target, snapshot, api, runtime.interrupts.stop))),
      ...(await listChecks(entitiesInUse(manifests, snapshot), api, runtime)),
    );
  } catch (cause) {
    checks.push(failed('connection', cause));
  } finally {
    await clients.close();
  }
  return [...checks, clockCheck(requests, runtime), rateLimitCheck(requests)];
}

function siteCheck({ target, address }: Destination, snapshot: Snapshot, lockfile: string): Check {
  const site = attempt('site', () => requireSite({ target, lockfile }, snapshot));
  if ('check' in site) return site.check;
  return { name: 'site', state: 'ok', message: `${target.site}, ${address ?? 'the embedded emulator'}` };
}

function credentialsCheck({ target, credentials: found }: Destination): Check {
  const name = 'credentials';
  if (found.credentials !== undefined) return { name, state: 'ok', message: describeCredentials(found.credentials) };
  if (target.site === LOCAL_SITE) return { name, state: 'ok', message: 'not needed' };
  const only = found.only === 'api-key' ? 'API key' : 'application key';
  return {
    name,
    state: 'failure',
    message: found.only === undefined ? 'no credentials are set' : `only the ${only} is set`,
    hint: 'set DD_API_KEY and DD_APP_KEY, or DD_BEARER_TOKEN',
    exit: 6,
  };
}

async function organisationChecks(identified: () => Promise<Target>): Promise<readonly Check[]> {
  const name = 'organisation';
  const target = await attemptAsync(name, identified);
  if ('check' in target) return [target.check];
  const { org } = target.value;
  if (org !== undefined) return [{ name, state: 'ok', message: org }];
  const hint = 'the lockfile is bound to the site only';
  return [{ name, state: 'warning', message: 'Datadog does not reveal the organisation', hint }];
}

async function listChecks(
  entities: readonly string[],
  api: ConnectionsReader,
  { interrupts }: Runtime,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const entity of entities.length === 0 ? ['accounts', 'users'] : entities) {
    const name = `read ${entity}`;
    const list = await attemptAsync(name, () => api.list(entity, interrupts.stop));
    checks.push('check' in list ? list.check : { name, state: 'ok', message: `${list.value.length} live` });
  }
  return checks;
}

function nodeVersion(): Check {
  return { name: 'node', state: 'ok', message: process.version };
}

function proxyChecks({ env }: Runtime): readonly Check[] {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].filter(
    (name) => (env[name] ?? '') !== '',
  );
  const except = env['NO_PROXY'] ?? env['no_proxy'] ?? '';
  const message = names.length === 0 ? 'none' : `${names.join(', ')}${except === '' ? '' : `, not for ${except}`}`;
  return [{ name: 'proxy', state: 'ok', message }];
}

function settingsCheck({ problems }: Workspace, { cwd }: Runtime): Check {
  const [first] = problems;
  if (first === undefined)
    return {
      name: 'settings',
      state: 'ok',
      message: existsSync(join(cwd, 'connsync.yaml')) ? 'connsync.yaml' : 'no connsync.yaml, using defaults',
    };
  const exit = hasErrors(problems) ? { exit: 3 as const } : {};
  return {
    name: 'settings',
    state: hasErrors(problems) ? 'failure' : 'warning',
    message: `${first.file ?? ''}:${first.line ?? 1} ${first.message}`,
    ...compact({ hint: first.hint }),
    ...exit,
  };
}

function manifestsCheck({ problems, missing, manifests, connections }: Manifests, { folders }: Workspace): Check {
  const name = 'manifests';
  if (missing.length > 0)
    return {
      name,
      state: 'failure',
      message: `${missing.map((folder) => `${folder}/`).join(', ')} does not exist`,
      hint: 'create it, run connsync init, or choose another folder with --dir',
      exit: 3,
    };
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    return {
      name,
      state: 'failure',
      message: `${plural(errors, 'error')} in ${plural(manifests, 'manifest')}`,
      hint: 'run connsync validate for details',
      exit: 3,
    };
  return {
    name,
    state: 'ok',
    message: [
      `${manifests} in ${folders.shown.map((folder) => `${folder}/`).join(', ')}`,
      plural(connections, 'connection'),
      ...(problems.length > 0 ? [plural(problems.length, 'warning')] : []),
    ].join(', '),
  };
}

function lockfileCheck({ header, records, open }: Snapshot, path: string): Check {
  if (open.length > 0)
    return {
      name: 'lockfile',
      state: 'warning',
      message: `${path}: an apply was interrupted, with ${open.length} unfinished actions`,
      hint: 'run connsync apply; it first checks which of them Datadog received',
    };
  return {
    name: 'lockfile',
    state: 'ok',
    message: header === undefined ? `${path} does not exist yet` : `${path}, ${records.size} recorded`,
  };
}

function clockCheck(requests: readonly ObservedRequest[], { clock }: Runtime): Check {
  const date = requests.findLast((request) => request.date !== undefined)?.date;
  const skew = date === undefined ? Number.NaN : clock.now() - Date.parse(date);
  if (Number.isNaN(skew))
    return { name: 'clock', state: 'warning', message: "no response contained the server's time" };
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= CLOCK_SKEW_MS) return { name: 'clock', state: 'ok', message: `${seconds} s off the server's` };
  return {
    name: 'clock',
    state: 'warning',
    message: `${seconds} s off the server's`,
    hint: "set this machine's clock",
  };
}

function rateLimitCheck(requests: readonly ObservedRequest[]): Check {
  const limit = requests.findLast((request) => request.rateLimit !== undefined)?.rateLimit;
  return { name: 'rate limit', state: 'ok', message: limit ?? 'no response had rate-limit headers' };
}

function attempt<T>(name: string, work: () => T): { readonly value: T } | { readonly check: Check } {
  try {
    return { value: work() };
  } catch (cause) {
    return { check: failed(name, cause) };
  }
}

async function attemptAsync<T>(
  name: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly check: Check }> {
  try {
    return { value: await work() };
  } catch (cause) {
    return { check: failed(name, cause) };
  }
}

function failed(name: string, cause: unknown): Check {
  if (!(cause instanceof Failure)) throw cause;
  return {
    name,
    state: 'failure',
    message: cause.message,
    exit: cause.exitCode,
    ...compact({ hint: cause.hint }),
  };
}

/** The indent of messages, to the right of the names. */
const INDENT = ' '.repeat(17);

function print(checks: readonly Check[], flags: CommonFlags, runtime: Runtime): void {
  if (flags.format === 'json') {
    runtime.stdout.write(`${escapeControlJson({ formatVersion: '1.0', checks: checks.map(checkDocument) }, 2)}\n`);
    return;
  }
  if (flags.format === 'ndjson') {
    for (const check of checks) runtime.stdout.write(`${escapeControlJson(checkDocument(check))}\n`);
    return;
  }
  const style = styleFor('out', terminalStyle(flags, runtime));
  // Lines are wrapped only on a terminal.
  const { columns = Number.POSITIVE_INFINITY } = runtime.stdout;
  const marks = { ok: style.green(style.ok), warning: style.yellow('!'), failure: style.red(style.bad) };
  for (const { name, state, message, hint } of checks) {
    const [first = '', ...more] = escapeControlText(message).split('\n');
    const lines = [first, ...more, ...(hint === undefined ? [] : [`${style.next} ${escapeControl(hint)}`])];
    const [head = '', ...rest] = lines.map((line) => wrapText(INDENT + line, columns, INDENT));
    runtime.stdout.write(`${marks[state]} ${name.padEnd(INDENT.length - 2)}${head.slice(INDENT.length)}\n`);
    for (const line of rest) runtime.stdout.write(`${line}\n`);
  }
}

/** Returns the JSON members of a check. */
function checkDocument({ name, state, message, hint }: Check): Omit<Check, 'exit'> {
  return { name, state, message, ...compact({ hint }) };
}
