import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printLockfile } from '../../src/core/lockfile.ts';
import { byKey, recorded, spec, field } from '../core/samples.ts';
import { json, listen, listOf } from '../datadog/loopback.ts';
import { runAsProcess } from '../hostile/process.ts';
import { seeded, type Random } from '../hostile/random.ts';
import { manifest } from '../rig/rig.ts';
import { MOST_FINDINGS, type Finding, type Fuzzed, type FuzzOptions } from './fuzzer.ts';
import { mutatedBytes } from './mutate.ts';

/** The maximum duration of one run in milliseconds. */
const SLOWEST = 120_000;
const ENV = { DD_API_KEY: 'a'.repeat(32), DD_APP_KEY: 'b'.repeat(40), CONNSYNC_SETTLE_MS: '0' };
const FLAGS =
  '--prune --adopt --allow-replace --max-deletes 100% --max-retries 0 --timeout 2s --format json --trace trace.jsonl';

/**
 * Mutates Datadog's lists: members are removed, added, duplicated or given other types, and bytes are changed. A
 * response that is not a list must end an apply with all permissions with 4 and without a write. A response that
 * still is a list is believed, and then no plan may delete an unrecorded connection, create a listed one, or affect
 * an unmanaged one.
 */
export async function fuzzAnswers({ seed, inputs }: FuzzOptions): Promise<Fuzzed> {
  const random = seeded(seed);
  const findings: Finding[] = [];
  for (let index = 0; index < inputs && findings.length < MOST_FINDINGS; index += 1) {
    const body = random.chance(0.6)
      ? Buffer.from(JSON.stringify(mutated(GOOD, random)))
      : mutatedBytes(Buffer.from(JSON.stringify(GOOD)), PIECES, random);
    const what = await answerFault(body);
    if (what !== undefined) findings.push({ what, input: body.toString('base64') });
  }
  return { inputs, findings };
}

const live = (id: string, name = `f_${id}`): object => ({
  id,
  type: 'ref_table',
  join: { attribute: 'user_email', type: 'email' },
  fields: [{ id: name, source_name: `${name}_column`, type: 'string', groups: ['A'] }],
  metadata: { source: 'crm' },
  updated_by: 'ana@acme.example',
  updated_at: '2026-01-01T00:00:00Z',
});
/**
 * One connection that matches its manifest, one that drifted, one without a manifest, and one that is unmanaged.
 * `new` is to be created.
 */
const GOOD = listOf(live('same'), live('drifted', 'other'), live('gone'), live('stranger'));
const MANAGED = ['same', 'drifted', 'new'];
const RECORDED = ['same', 'drifted', 'gone'];

/** Returns the mistake of an apply with such a response, or undefined. */
export async function answerFault(body: Buffer): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-fuzz-'));
  try {
    mkdirSync(join(folder, 'connections'));
    for (const id of MANAGED)
      writeFileSync(join(folder, `connections/${id}.yaml`), manifest(`users/${id}`, [`f_${id}`]));
    writeFileSync(join(folder, 'connections.lock'), lockfile());
    await using server = await listen(({ method, path }, response) => {
      if (!path.endsWith('/connections')) json(response, method === 'GET' ? 200 : 204, {});
      else response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    const listed = idsIn(body.toString('utf8'));
    const command = listed === undefined ? `apply --yes ${FLAGS}` : `plan ${FLAGS}`;
    const started = performance.now();
    const ran = await runAsProcess(command.split(' '), { cwd: folder, env: { ...ENV, DD_API_URL: server.address } });
    const ms = performance.now() - started;
    if (ms > SLOWEST) return `it took ${Math.round(ms)} ms`;
    if (server.seen.some(({ method }) => method !== 'GET')) return 'something was written';
    for (const line of readFileSync(join(folder, 'trace.jsonl'), 'utf8').trimEnd().split('\n')) JSON.parse(line);
    if (listed === undefined) return ran.exitCode === 4 ? undefined : `what is no list ended with ${ran.exitCode}`;
    if (ran.exitCode === 4) return undefined;
    return ran.exitCode === 0 ? wrongAction(ran.stdout, listed) : `it ended with ${ran.exitCode}: ${ran.stderr}`;
  } catch (cause) {
    return `it threw ${String(cause)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function wrongAction(plan: string, listed: readonly unknown[]): string | undefined {
  const { actions } = JSON.parse(plan) as {
    readonly actions: readonly { readonly kind: string; readonly key: string }[];
  };
  for (const { kind, key } of actions) {
    const id = key.slice('users/'.length);
    if (kind === 'delete' ? !RECORDED.includes(id) : kind !== 'forget' && !MANAGED.includes(id))
      return `${kind} ${key}`;
    if (kind === 'create' && listed.includes(id)) return `create ${key}, which is listed`;
    if (['update', 'replace', 'delete'].includes(kind) && !listed.includes(id))
      return `${kind} ${key}, which is not listed`;
  }
  return undefined;
}

/** Returns the ids in a response, or undefined if it is not plainly a list. The last of duplicate JSON names counts. */
function idsIn(answer: string): readonly unknown[] | undefined {
  try {
    const { data } = JSON.parse(answer) as {
      readonly data?: { readonly attributes?: { readonly connections?: unknown } };
    };
    const connections = data?.attributes?.connections;
    return Array.isArray(connections)
      ? connections.map((item: { readonly id?: unknown } | null) => item?.id)
      : undefined;
  } catch {
    return undefined;
  }
}

function lockfile(): string {
  return printLockfile({
    header: { site: 'datadoghq.com', manifests: ['connections'] },
    records: byKey(...RECORDED.map((id) => recorded(`users/${id}`, spec({ fields: [field(`f_${id}`)] })))),
  });
}

/** Returns a copy with one random change. */
function mutated(value: unknown, random: Random): unknown {
  if (random.chance(0.2) || typeof value !== 'object' || value === null) return random.pick([...ODD, value]);
  if (Array.isArray(value)) return mutatedList(value, random);
  const entries = Object.entries(value);
  const at = random.below(entries.length + 1);
  if (random.chance(0.15)) return Object.fromEntries(entries.filter((_, index) => index !== at));
  if (random.chance(0.1))
    return Object.fromEntries([
      ...entries,
      [random.pick(['id', '__proto__', 'constructor', 'later']), random.pick(ODD)],
    ]);
  return Object.fromEntries(
    entries.map(([name, inner], index) => [name, index === at ? mutated(inner, random) : inner]),
  );
}

function mutatedList(list: readonly unknown[], random: Random): unknown {
  const at = random.below(list.length + 1);
  if (random.chance(0.15)) return list.filter((_, index) => index !== at);
  if (random.chance(0.15)) return [...list, list[at] ?? random.pick(ODD)];
  return list.map((item, index) => (index === at ? mutated(item, random) : item));
}

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  'same',
  'stranger',
  '..',
  '\u202e\0',
  'x'.repeat(10_000),
  [],
  {},
  [[]],
  { id: 'same' },
  { errors: ['no'] },
];
const PIECES = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'null',
  '\0',
  '\uFEFF',
  '"id":"stranger",',
  '"connections":[],',
  '\\',
  '\\ud800',
  '1e999',
  '<html>',
];
