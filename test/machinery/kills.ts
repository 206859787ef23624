import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseLockfile } from '../../src/core/lockfile.ts';
import type { Records } from '../../src/core/ports.ts';
import { randomFrom, type Random } from '../../src/emulator/faults/random.ts';
import type { Faults, StoredConnection } from '../../src/emulator/server.ts';
import { CLI, manifest, Rig } from '../rig/rig.ts';

export type Style = NonNullable<Faults['duplicates']>;
export const STYLES: readonly Style[] = ['conflict', 'bad-request', 'accept', 'overwrite'];

export interface KillOptions {
  readonly seed: number;
  readonly kills: number;
  readonly style: Style;
  /** Fraction of all requests, from 0 to 1. */
  readonly faultRate: number;
  /** Every kill deletes the journal too, as when a CI runner disappears. */
  readonly loseJournal?: boolean;
}

/** The result of a kill loop. All members except the first three must be 0. */
export interface KillFigures {
  kills: number;
  runs: number;
  creates: number;
  /** Desired connections that are not live as desired, or not recorded, at the end. */
  lost: number;
  /** Creates of an id that existed at that moment. */
  duplicates: number;
  /** Deletes of connections that were never ours. */
  strangers: number;
  /** Sets that did not end with exit 0 after the faults were over. */
  unsettled: number;
  /** Writes that an apply sent when nothing was left to do. */
  needless: number;
  /** A description of what was lost. */
  readonly mistakes: string[];
}

/** The request timeout in milliseconds. The server never answers later than that, including its lists. */
const SETTLE_MS = 900;
const LATEST_MS = 450;
const LIST_LAG_MS = 150;
const CONNECTIONS = 10;
const FLAGS = [
  '--yes',
  '--prune',
  '--max-deletes',
  '100%',
  '--allow-replace',
  '--timeout',
  '400ms',
  '--concurrency',
  '4',
];

/**
 * Applies sets of manifests against a failing Datadog and kills the process at random moments. Then lets it finish,
 * and compares the live and recorded state with the desired one, using the emulator's own log.
 */
export async function killLoop(options: KillOptions): Promise<KillFigures> {
  const figures: KillFigures = {
    kills: 0,
    runs: 0,
    creates: 0,
    lost: 0,
    duplicates: 0,
    strangers: 0,
    unsettled: 0,
    needless: 0,
    mistakes: [],
  };
  const random = randomFrom(options.seed);
  for (let set = 0; figures.kills < options.kills; set += 1) await oneSet(set, random, options, figures);
  return figures;
}

async function oneSet(set: number, random: Random, options: KillOptions, figures: KillFigures): Promise<void> {
  await using rig = await Rig.start({ faults: faultsOf(options, set) });
  rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
  for (const phase of [0, 1, 2]) {
    rig.datadog.setFaults(faultsOf(options, set * 3 + phase));
    writeManifests(rig, phase);
    const kills = 1 + Math.floor(random.fraction() * 3);
    for (let kill = 0; kill < kills; kill += 1) {
      figures.runs += 1;
      const killed = await applyAndKill(rig, 90 + Math.floor(random.fraction() * 900));
      figures.kills += killed ? 1 : 0;
      if (options.loseJournal === true && killed) await loseJournal(rig);
    }
    await finish(rig, options, figures);
  }
  const { oracle } = rig.datadog;
  figures.creates += [...oracle.creates.values()].reduce((sum, count) => sum + count, 0);
  figures.duplicates += oracle.duplicates;
  figures.strangers += oracle.unmanagedDeletes(oracle.creates.keys()).length;
}

/** Repeats until a run succeeds, three times with faults and two times without, and counts violations. */
async function finish(rig: Rig, { style }: KillOptions, figures: KillFigures): Promise<void> {
  let exitCode: number | null = null;
  for (let run = 0; run < 5 && exitCode !== 0; run += 1) {
    if (run === 3) rig.datadog.setFaults({ duplicates: style });
    exitCode = await apply(rig);
    figures.runs += 1;
  }
  rig.datadog.setFaults({ duplicates: style });
  await new Promise((resolve) => setTimeout(resolve, LATEST_MS + LIST_LAG_MS));
  if (exitCode !== 0) figures.unsettled += 1;
  const mistakes = mistakesIn(rig);
  figures.lost += mistakes.length;
  figures.mistakes.push(...mistakes);
  const before = writesOf(rig);
  if ((await apply(rig)) !== 0) figures.unsettled += 1;
  figures.needless += writesOf(rig) - before;
}

/** Phase 0 creates; 1 updates, moves and replaces; 2 removes some and adds others. */
function writeManifests(rig: Rig, phase: number): void {
  if (existsSync(join(rig.folder, 'connections'))) rig.remove('connections');
  for (let index = phase === 2 ? 3 : 0; index < CONNECTIONS + phase; index += 1) {
    const text = manifest(`${index % 3 === 0 ? 'accounts' : 'users'}/c${index}`, [`f${index}`]);
    rig.write(`connections/c${index}.yaml`, phase === 0 ? text : changed(text, index));
  }
}

function changed(text: string, index: number): string {
  if (index % 4 === 0) return text.replace('type: string', 'type: number');
  if (index % 4 === 1) return text.replace('join_type: email', 'join_type: user_id');
  if (index % 4 === 2) return text.replace('type: string', 'type: string\n    display_name: Changed');
  return text;
}

/** Returns the connections that are not live and recorded as desired. */
function mistakesIn(rig: Rig): readonly string[] {
  const lockfile = existsSync(join(rig.folder, 'connections.lock')) ? rig.read('connections.lock') : undefined;
  const recorded: Records = lockfile === undefined ? new Map() : parseLockfile(lockfile, 'connections.lock').records;
  const live = new Map<string, StoredConnection>(
    ['users', 'accounts'].flatMap((entity) =>
      rig.datadog.connections(entity).map((connection) => [`${entity}/${connection.id}`, connection] as const),
    ),
  );
  const mistakes = live.delete('users/stranger') ? [] : ['the stranger is gone'];
  for (const key of recorded.keys()) if (!live.has(key)) mistakes.push(`${key} is recorded, and not live`);
  for (const [key, { join: joined, fields }] of live) {
    const spec = recorded.get(key)?.spec;
    if (spec === undefined) mistakes.push(`${key} is live, and not recorded`);
    else if (spec.join_type !== joined.type || spec.fields?.length !== fields.length)
      mistakes.push(`${key} is ${JSON.stringify({ joined, fields })}, and recorded as ${JSON.stringify(spec)}`);
  }
  return mistakes;
}

function writesOf(rig: Rig): number {
  return rig.datadog.requests.filter(({ method }) => method !== 'GET').length;
}

async function loseJournal(rig: Rig): Promise<void> {
  rmSync(join(rig.folder, 'connections.lock.journal'), { force: true });
  // Starting a fresh machine takes longer than a request can be in flight.
  await new Promise((resolve) => setTimeout(resolve, LATEST_MS + LIST_LAG_MS));
}

async function apply(rig: Rig): Promise<number | null> {
  const ended = await start(rig).ended;
  return ended;
}

/** True if it was still running. */
async function applyAndKill(rig: Rig, afterMs: number): Promise<boolean> {
  const { child, ended } = start(rig);
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  await ended;
  clearTimeout(timer);
  return child.signalCode === 'SIGKILL';
}

function start(rig: Rig): { readonly child: ReturnType<typeof spawn>; readonly ended: Promise<number | null> } {
  const child = spawn(process.execPath, [CLI, 'apply', ...FLAGS], {
    cwd: rig.folder,
    env: { ...rig.keys, CONNSYNC_SETTLE_MS: String(SETTLE_MS) },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return { child, ended: new Promise((resolve) => child.on('close', resolve)) };
}

/** Every fault that a network and a server can cause, with the frequencies of a bad day. */
export function faultsOf({ faultRate, style }: Pick<KillOptions, 'faultRate' | 'style'>, seed: number): Faults {
  const share = (of: number): number => faultRate * of;
  const late = [0, LATEST_MS] as const;
  return {
    seed,
    duplicates: style,
    listLagMs: LIST_LAG_MS,
    rules: [
      { kind: 'drop-before', rate: share(0.15) },
      { kind: 'drop-after', rate: share(0.15) },
      { kind: 'error-before', rate: share(0.15) },
      { kind: 'error-after', rate: share(0.15) },
      { kind: 'late', rate: share(0.1), ms: late, methods: ['POST', 'PUT', 'DELETE'] },
      { kind: 'late-error', rate: share(0.15), ms: late, methods: ['POST', 'PUT', 'DELETE'] },
      { kind: 'cut', rate: share(0.1) },
      { kind: 'hang', rate: share(0.03) },
      { kind: 'limited', rate: share(0.02), ms: 1_000 },
    ],
  };
}
