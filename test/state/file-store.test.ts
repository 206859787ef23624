import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import type { LockfileHeader, Intent, StateStore } from '../../src/core/ports.ts';
import { writeAtomically } from '../../src/files/atomic-write.ts';
import { fileStore } from '../../src/state/file-store.ts';
import { byKey, recorded, spec } from '../core/samples.ts';

const HEADER: LockfileHeader = { site: 'datadoghq.com', manifests: ['connections'] };
const never = new AbortController().signal;

function temporary(): Disposable & { readonly folder: string; readonly path: string; store(): StateStore } {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-state-'));
  const path = join(folder, 'connections.lock');
  return {
    folder,
    path,
    store: () => fileStore({ path, shown: 'connections.lock', write: writeAtomically, now: () => 1_000 }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const intent = (key: string): Intent => ({
  op: 'create',
  key,
  digest: `digest of ${key}`,
  after: spec(),
  target: { site: 'datadoghq.com' },
});

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const cause: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (cause instanceof Failure) return cause;
  throw new Error(`no Failure: ${String(cause)}`);
}

describe('load and commit', () => {
  test('loads what was committed', async () => {
    using at = temporary();
    const empty = await at.store().load();
    expect(empty).toMatchObject({ header: undefined, open: [] });
    const records = byKey(recorded('users/a'));
    const version = await at.store().commit({ header: HEADER, records }, empty.version);
    expect(await at.store().load()).toEqual({
      header: HEADER,
      records,
      committed: records,
      open: [],
      uncommitted: [],
      version,
    });
  });

  test('does not touch the file if a commit changes no byte', async () => {
    using at = temporary();
    const store = at.store();
    const first = await store.commit(
      { header: HEADER, records: byKey(recorded('users/a')) },
      (await store.load()).version,
    );
    const before = statSync(at.path);
    expect(
      await store.commit(
        { header: HEADER, records: byKey(recorded('users/a')) },
        typeof first === 'string' ? first : '',
      ),
    ).toBe(first);
    expect(statSync(at.path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  test('returns a conflict and writes nothing if another process has committed', async () => {
    using at = temporary();
    const { version } = await at.store().load();
    await at.store().commit({ header: HEADER, records: byKey(recorded('users/b')) }, version);
    const before = readFileSync(at.path, 'utf8');
    expect(await at.store().commit({ header: HEADER, records: byKey(recorded('users/a')) }, version)).toMatchObject({
      conflict: true,
    });
    expect(readFileSync(at.path, 'utf8')).toBe(before);
  });

  test('treats an empty lockfile as damaged, never as missing', async () => {
    using at = temporary();
    writeFileSync(at.path, '');
    expect(await failureOf(at.store().load())).toMatchObject({ code: 'lockfile-damaged' });
  });

  test('treats bytes that are not UTF-8 as damage', async () => {
    using at = temporary();
    writeFileSync(at.path, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(await failureOf(at.store().load())).toMatchObject({ code: 'lockfile-damaged' });
  });

  test('follows no link, neither to read nor to write', async () => {
    using at = temporary();
    const target = join(at.folder, 'target');
    writeFileSync(target, 'precious');
    symlinkSync(target, at.path);
    expect(await failureOf(at.store().load())).toMatchObject({ code: 'disk-failure' });
    expect(() => writeAtomically(at.path, 'x')).toThrow(Failure);
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  test('keeps the mode of the lockfile, and leaves no temporary file', async () => {
    using at = temporary();
    writeFileSync(at.path, 'old', { mode: 0o640 });
    writeAtomically(at.path, 'new');
    expect(statSync(at.path).mode & 0o777).toBe(0o640);
    expect(readFileSync(at.path, 'utf8')).toBe('new');
    mkdirSync(join(at.folder, 'taken.lock'));
    expect(() => writeAtomically(join(at.folder, 'taken.lock'), 'x')).toThrow(Failure);
    expect(existsSync(join(at.folder, 'taken.lock.tmp'))).toBe(false);
    expect(statSync(join(at.folder, 'taken.lock')).isDirectory()).toBe(true);
  });
});

describe('the journal', () => {
  test('keeps an intent without an outcome open for the next run, whatever else ended', async () => {
    using at = temporary();
    const store = at.store();
    await store.intend([intent('users/a'), intent('users/b'), intent('users/c')]);
    await store.settle({ key: 'users/a', digest: '', state: 'done' });
    await store.settle({ key: 'users/b', digest: '', state: 'unclear' });
    expect((await at.store().load()).open).toEqual([
      { ...intent('users/b'), at: 1_000 },
      { ...intent('users/c'), at: 1_000 },
    ]);
  });

  test('is private, and removed after a commit', async () => {
    using at = temporary();
    const store = at.store();
    const { version } = await store.load();
    await store.intend([intent('users/a')]);
    expect(statSync(`${at.path}.journal`).mode & 0o777).toBe(0o600);
    await store.commit({ header: HEADER, records: new Map() }, version);
    expect(existsSync(`${at.path}.journal`), 'an intent is still open').toBe(true);
    await store.settle({ key: 'users/a', digest: '', state: 'done' });
    await store.commit({ header: HEADER, records: new Map() }, version);
    expect(existsSync(`${at.path}.journal`)).toBe(false);
  });

  test('drops a torn tail', async () => {
    using at = temporary();
    await at.store().intend([intent('users/a')]);
    const text = readFileSync(`${at.path}.journal`, 'utf8');
    for (let length = 0; length < text.length - 1; length += 7) {
      writeFileSync(`${at.path}.journal`, text.slice(0, length));
      expect((await at.store().load()).open).toEqual([]);
    }
  });

  test('reports damage in the middle', async () => {
    using at = temporary();
    await at.store().intend([intent('users/a'), intent('users/b')]);
    const text = readFileSync(`${at.path}.journal`, 'utf8');
    writeFileSync(`${at.path}.journal`, text.replace('users/a', 'users/z'));
    expect(await failureOf(at.store().load())).toMatchObject({ code: 'journal-damaged', exitCode: 5 });
  });

  test('is never written through a link', async () => {
    using at = temporary();
    writeFileSync(join(at.folder, 'target'), 'precious');
    symlinkSync(join(at.folder, 'target'), `${at.path}.journal`);
    expect(await failureOf(at.store().intend([intent('users/a')]))).toMatchObject({ code: 'disk-failure' });
    expect(readFileSync(join(at.folder, 'target'), 'utf8')).toBe('precious');
  });
});

describe('the run lock', () => {
  const holder = { command: 'apply', since: 0 };

  test('keeps a second run out and names the first', async () => {
    using at = temporary();
    const release = await at.store().hold(holder, 0, never);
    const failure = await failureOf(at.store().hold(holder, 0, never));
    expect(failure).toMatchObject({ code: 'lock-held', exitCode: 5, hint: 'add --lock-timeout 2m to wait for it' });
    expect(failure.message).toMatch(new RegExp(`^connections.lock is held by pid ${process.pid} \\(apply, `));
    await release();
    expect(existsSync(`${at.path}.lock`)).toBe(false);
    await (
      await at.store().hold(holder, 0, never)
    )();
  });

  test('is given to a waiting run when it is free', async () => {
    using at = temporary();
    const release = await at.store().hold(holder, 0, never);
    const second = at.store().hold(holder, 5_000, never);
    setTimeout(() => void release(), 50);
    const letGo = await second;
    expect(existsSync(`${at.path}.lock`)).toBe(true);
    await letGo();
  });

  test.skipIf(process.platform !== 'linux')(
    'is taken from a process that was killed and that no parent has reaped',
    async () => {
      using at = temporary();
      const release = await at.store().hold(holder, 0, never);
      const mine = JSON.parse(readFileSync(`${at.path}.lock`, 'utf8')) as Record<string, unknown>;
      await release();
      // The shell starts a child, then becomes a program that does not wait for it.
      const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
        const started = startOf(pid);
        // A shell would wait for its child; the program that replaces it does not.
        while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'sleep\n') await sleep(5);
        process.kill(pid, 'SIGKILL');
        while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await sleep(5);
        writeFileSync(`${at.path}.lock`, JSON.stringify({ ...mine, nonce: 'other', pid, started }));
        const letGo = await at.store().hold(holder, 0, never);
        expect(readFileSync(`${at.path}.lock`, 'utf8')).toContain(`"pid":${process.pid},`);
        await letGo();
      } finally {
        parent.kill();
      }
    },
  );

  test('is taken only from a process that is provably dead', async () => {
    using at = temporary();
    const release = await at.store().hold(holder, 0, never);
    const mine = JSON.parse(readFileSync(`${at.path}.lock`, 'utf8')) as Record<string, unknown>;
    await release();
    const leave = (change: object): void =>
      writeFileSync(`${at.path}.lock`, JSON.stringify({ ...mine, nonce: 'other', ...change }));
    leave({ host: 'elsewhere', pid: 2 ** 22 + 1 });
    expect(await failureOf(at.store().hold(holder, 0, never))).toMatchObject({ code: 'lock-held' });
    leave({ pid: 2 ** 22 + 1 });
    await (
      await at.store().hold(holder, 0, never)
    )();
    leave({ started: '1' });
    await (
      await at.store().hold(holder, 0, never)
    )();
    leave({ boot: 'another' });
    await (
      await at.store().hold(holder, 0, never)
    )();
  });

  test("counts as held if its file can't be read", async () => {
    using at = temporary();
    writeFileSync(`${at.path}.lock`, '{');
    expect(await failureOf(at.store().hold(holder, 0, never))).toMatchObject({ code: 'lock-held' });
  });
});

/** Returns the start time of a process, as in a lock. */
function startOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
