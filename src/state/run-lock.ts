import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../core/diagnostic.ts';
import type { Holder, Release } from '../core/ports.ts';

interface LockText {
  readonly nonce: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot, where the system tells: a pid alone may have been given out again. */
  readonly started?: string;
  readonly host: string;
  readonly boot?: string;
  readonly user: string;
  readonly command: string;
  readonly since: number;
}

export interface HoldOptions {
  /** The lockfile as messages show it. */
  readonly shown: string;
  /** How long to wait for the holder to end, in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Told once where it has to wait, with how long at most. */
  readonly waiting?: ((ms: number) => void) | undefined;
}

/** How often a waiting run looks again, in milliseconds. */
const POLL_MS = 100;

/**
 * One apply at a time for each lockfile: a file that only one process can make, whole with its contents, by linking it into
 * place. It is stale only where its process is provably dead: same host, same boot, and that pid with that start is gone.
 * Never taken over by age. Throws a Failure `lock-held` after `waitMs`, or the signal's reason.
 */
export async function holdRunLock(
  path: string,
  holder: Holder,
  { shown, waitMs, signal, waiting }: HoldOptions,
): Promise<Release> {
  const mine: LockText = {
    nonce: randomBytes(8).toString('hex'),
    ...thisProcess(),
    command: holder.command,
    since: holder.since,
  };
  const deadline = performance.now() + waitMs;
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    if (take(path, mine)) return async () => release(path, mine);
    const other = read(path);
    if (other !== undefined && isDead(other)) dropStale(path, other);
    else if (performance.now() >= deadline) throw held(shown, other);
    else {
      if (!told) waiting?.(waitMs);
      told = true;
      await pause(Math.min(POLL_MS, waitMs), signal);
    }
  }
}

/** Waits, or throws the signal's own reason, as whoever asked for the lock expects. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function take(path: string, mine: LockText): boolean {
  const temporary = `${path}.${mine.nonce}`;
  try {
    writeFileSync(temporary, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
    linkSync(temporary, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw new Failure(
      'disk-failure',
      `could not make ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, hint: 'mend the rights of the folder, or name another with --lockfile' },
    );
  } finally {
    rmSync(temporary, { force: true });
  }
}

function release(path: string, mine: LockText): void {
  if (read(path)?.nonce === mine.nonce) rmSync(path, { force: true });
}

/** Moves the stale file aside and looks again at what was moved: another run may have replaced it in between. */
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
    // A third run took the place in between: it holds the lock now.
    if (codeOf(cause) !== 'EEXIST') throw cause;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): LockText | undefined {
  try {
    if (lstatSync(path).isFile()) return JSON.parse(readFileSync(path, 'utf8')) as LockText;
  } catch {
    // Gone in the meantime, or not ours: then nothing is known of its holder, and it counts as held.
  }
  return undefined;
}

function isDead(lock: LockText): boolean {
  const here = thisProcess();
  if (lock.host !== here.host) return false;
  // Another boot of the same machine: no process of then is left.
  if (lock.boot !== here.boot) return lock.boot !== undefined && here.boot !== undefined;
  if (!isRunning(lock.pid)) return true;
  const { state, started } = aboutProcess(lock.pid);
  // Killed, and nobody has waited for it: in a container without an init it stays so for ever.
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
  const { started } = aboutProcess(process.pid);
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim();
  return {
    pid: process.pid,
    host: hostname(),
    user: userName(),
    ...(started === undefined ? {} : { started }),
    ...(boot === undefined ? {} : { boot }),
  };
}

/** Fields 3 and 22 of /proc/PID/stat; the name in field 2 may hold spaces and brackets, so counting starts behind its end. */
function aboutProcess(pid: number): { readonly state?: string | undefined; readonly started?: string | undefined } {
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

function held(file: string, other: LockText | undefined): Failure {
  const who =
    other === undefined
      ? 'somebody'
      : `pid ${other.pid} (${other.command}, ${other.user}@${other.host}, since ${new Date(other.since).toISOString()})`;
  const hint = other === undefined ? `remove ${file}.lock if no apply runs` : 'wait with --lock-timeout 2m';
  return new Failure('lock-held', `${file} is held by ${who}`, { hint });
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
