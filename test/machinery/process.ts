import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLockfile } from '../../src/core/lockfile.ts';
import { reaped } from '../rig/children.ts';
import { CLI, manifest, type Rig } from '../rig/rig.ts';

export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Duration in milliseconds. */
  readonly ms: number;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A program with arguments that runs the command, such as strace. */
  readonly under?: readonly string[];
  readonly cwd?: string;
}

/** Runs the built command in its own process, with the emulator's keys and a short settle window. */
export function start(rig: Rig, args: readonly string[], { env = {}, under = [], cwd }: StartOptions = {}): Run {
  const started = performance.now();
  const [program, ...before] = [...under, process.execPath, CLI];
  const child = reaped(
    spawn(program, [...before, ...args], {
      cwd: cwd ?? rig.folder,
      env: { PATH: process.env['PATH'] ?? '', CONNSYNC_SETTLE_MS: '600', ...rig.keys, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => void (stdout += text));
  child.stderr.on('data', (text) => void (stderr += text));
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (exitCode, signal) =>
      resolve({ exitCode, signal, stdout, stderr, ms: performance.now() - started }),
    ),
  );
  return { child, ended };
}

export function writeConnections(rig: Rig, count: number, from = 0): void {
  for (let index = from; index < from + count; index += 1)
    rig.write(`connections/c${index}.yaml`, manifest(`users/c${index}`, [`f${index}`]));
}

/** Returns the sorted keys of the lockfile, or none if it does not exist. */
export function recordedKeys(folder: string): readonly string[] {
  const path = join(folder, 'connections.lock');
  return existsSync(path) ? [...parseLockfile(readFileSync(path, 'utf8'), path).records.keys()].toSorted() : [];
}

/** Returns the sorted keys of the live connections. */
export function liveKeys({ datadog }: Rig): readonly string[] {
  return datadog
    .connections('users')
    .map(({ id }) => `users/${id}`)
    .toSorted();
}

/** The reason why a program is unavailable here, or undefined if it is available. */
export function missing(program: string, ...args: readonly string[]): string | undefined {
  const { error, status } = spawnSync(program, args, { stdio: 'ignore' });
  if (error === undefined && status === 0) return undefined;
  return `${program} can not be had here: ${error?.message ?? `it ended with ${status}`}`;
}
