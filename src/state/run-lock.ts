import { compact } from '../core/compact.ts';
import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../core/diagnostic.ts';
import type { Holder, Release } from '../core/ports.ts';

interface LockText {
  readonly nonce: string;
  readonly pid: number;
  /**
   * Start time of the process in clock ticks since boot, if the system reports it: a pid alone may have been reused.
   */
  readonly started?: string;
  readonly host: string;
  readonly boot?: string;
  readonly user: string;
  readonly command: string;
  readonly since: number;
}

export interface HoldOptions {
  /** The path of the lockfile that messages show. */
  readonly shown: string;
  /** How long to wait for the other process to release the lock, in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Called once before waiting, with the longest possible wait in milliseconds. */
  readonly waiting?: ((ms: number) => void) | undefined;
}

/** The interval between the attempts of a waiting run to take the lock, in milliseconds. */
const POLL_MS = 100;

/**
 * Takes the lock that allows one apply at a time per lockfile. The lock is a file that is linked into place with its
 * contents, so only one process can create it. A lock is stale only if its process is provably dead: same host and
 * boot, and no process with that pid and start time. A lock never becomes stale by age alone. Throws
 * `Failure('lock-held')` after `waitMs`, or the signal's reason.
 */
export async function holdRunLock(
  path: string,
  holder: Holder,
  { shown, waitMs, signal, waiting }: HoldOptions,
): Promise<Release> {
  const own: LockText = {
    nonce: randomBytes(8).toString('hex'),
    ...thisProcess(),
    command: holder.command,
    since: holder.since,
  };
  const deadline = performance.now() + waitMs;
  let notified = false;
  for (;;) {
    signal.throwIfAborted();
    if (tryTake(path, own)) return async () => release(path, own);
    const other = read(path);
    if (other !== undefined && isDead(other)) dropStale(path, other);
    else if (performance.now() >= deadline) throw lockHeld(shown, other);
    else {
      if (!notified) waiting?.(waitMs);
      notified = true;
      await pause(Math.min(POLL_MS, waitMs), signal);
    }
  }
}

/** Sleeps. Rejects with the signal's own reason instead of Node's AbortError. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function tryTake(path: string, own: LockText): boolean {
  const temporary = `${path}.${own.nonce}`;
  try {
    writeFileSync(temporary, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
    linkSync(temporary, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw new Failure(
      'disk-failure',
      `could not create ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, hint: 'fix the permissions of the folder, or choose another path with --lockfile' },
    );
  } finally {
    rmSync(temporary, { force: true });
  }
}

function release(path: string, own: LockText): void {
  if (read(path)?.nonce === own.nonce) rmSync(path, { force: true });
}

/**
 * Removes a stale lock. Renames it first and restores it if it turns out to be another lock, because another run may
 * have replaced the stale one meanwhile.
 */
function dropStale(path: string, stale: LockText): void {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return;
    throw cause;
  }
  const moved = read(aside);
  try {
    if (moved !== undefined && moved.nonce !== stale.nonce) linkSync(aside, path);
  } catch (cause) {
    // A third run took the lock in between and holds it now.
    if (codeOf(cause) !== 'EEXIST') throw cause;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): LockText | undefined {
  try {
    const lock: unknown = lstatSync(path).isFile() ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    if (isLock(lock)) return lock;
  } catch {
    // The file was removed meanwhile or is unreadable. The holder is unknown, so the lock counts as held.
  }
  return undefined;
}

/**
 * Returns whether a value is the content of a lock file. With any other content, the lock counts as held by an unknown
 * process.
 */
function isLock(value: unknown): value is LockText {
  if (typeof value !== 'object' || value === null) return false;
  const { nonce, pid, host, user, command, since } = value as Partial<Record<keyof LockText, unknown>>;
  const areTexts = [nonce, host, user, command].every((text) => typeof text === 'string');
  return (
    areTexts && Number.isInteger(pid) && Number.isFinite(since) && !Number.isNaN(new Date(Number(since)).getTime())
  );
}

function isDead(lock: LockText): boolean {
  const current = thisProcess();
  if (lock.host !== current.host) return false;
  // A different boot id means that the machine has been rebooted since, so the process is gone.
  if (lock.boot !== current.boot) return lock.boot !== undefined && current.boot !== undefined;
  if (!isRunning(lock.pid)) return true;
  const { state, started } = processStatus(lock.pid);
  // A zombie process counts as dead, because in a container without an init process it never goes away.
  if (state === 'Z') return true;
  return lock.started !== undefined && started !== undefined && started !== lock.started;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) !== 'ESRCH';
  }
}

function thisProcess(): Omit<LockText, 'nonce' | 'command' | 'since'> {
  const { started } = processStatus(process.pid);
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim();
  return {
    pid: process.pid,
    host: hostname(),
    user: userName(),
    ...compact({ started, boot }),
  };
}

/**
 * Reads the state and the start time (fields 3 and 22) from /proc/PID/stat. Field 2, the name, may contain spaces and
 * brackets, so counting starts after field 2.
 */
function processStatus(pid: number): { readonly state?: string | undefined; readonly started?: string | undefined } {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return { state: fields[0], started: fields[19] };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function lockHeld(file: string, other: LockText | undefined): Failure {
  const who =
    other === undefined
      ? 'another process'
      : `pid ${other.pid} (${other.command}, ${other.user}@${other.host}, since ${new Date(other.since).toISOString()})`;
  const hint =
    other === undefined ? `remove ${file}.lock if no apply is running` : 'add --lock-timeout 2m to wait for it';
  return new Failure('lock-held', `${file} is held by ${who}`, { hint });
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
