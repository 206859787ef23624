import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseLockfile, printLockfile } from '../../src/core/lockfile.ts';
import { writeAtomically } from '../../src/files/atomic-write.ts';
import { fileStore } from '../../src/state/file-store.ts';
import type { StateStore } from '../../src/core/ports.ts';
import { recorded } from '../core/samples.ts';
import { manifest, Rig } from '../rig/rig.ts';

const LOCKFILE = 'connections.lock';
const JOURNAL = 'connections.lock.journal';
const QUICK = { CONNSYNC_SETTLE_MS: '300' };

const storeOf = (rig: Rig): StateStore =>
  fileStore({ path: join(rig.folder, LOCKFILE), shown: LOCKFILE, write: writeAtomically, now: () => Date.now() });

/** Leaves the journal of a run that was killed after creating a connection, before it wrote the lockfile. */
async function killedAfterCreate(rig: Rig): Promise<void> {
  const record = JSON.parse(JSON.stringify(recorded('users/b'))) as ReturnType<typeof recorded>;
  const store = storeOf(rig);
  await store.load();
  const intent = {
    op: 'create' as const,
    key: 'users/b',
    digest: 'd',
    after: record.spec,
    record,
    target: { site: 'datadoghq.com' },
    sending: 'create' as const,
  };
  await store.intend([intent]);
  await store.settle({ key: 'users/b', digest: 'd', state: 'done' });
}

describe('work that a killed run completed', () => {
  test('is recorded even if the lockfile changed in between for another reason, such as a git pull', async () => {
    await using rig = await Rig.applied({ 'connections/a.yaml': manifest('users/a') });
    await killedAfterCreate(rig);
    const { header, records } = parseLockfile(rig.read(LOCKFILE), LOCKFILE);
    const pulled = recorded('users/pulled');
    rig.write(LOCKFILE, printLockfile({ header, records: new Map([...records, [pulled.key, pulled]]) }));
    const { records: loaded, uncommitted } = await storeOf(rig).load();
    expect([...loaded.keys()]).toContain('users/b');
    expect(uncommitted.map(({ key }) => key)).toEqual(['users/b']);
  });

  test('is dropped for newer information about its key', async () => {
    await using rig = await Rig.applied({ 'connections/a.yaml': manifest('users/a') });
    await killedAfterCreate(rig);
    const { header, records } = parseLockfile(rig.read(LOCKFILE), LOCKFILE);
    const newer = recorded('users/b', undefined, { owner: 'someone-else' });
    rig.write(LOCKFILE, printLockfile({ header, records: new Map([...records, [newer.key, newer]]) }));
    const { records: loaded, uncommitted } = await storeOf(rig).load();
    expect(loaded.get('users/b')?.owner).toBe('someone-else');
    expect(uncommitted).toEqual([]);
  });
});

test('a journal without its final newline loses no intent when a run appends to it', async () => {
  await using rig = await Rig.applied({ 'connections/a.yaml': manifest('users/a') });
  await killedAfterCreate(rig);
  rig.write(JOURNAL, rig.read(JOURNAL).trimEnd());
  const store = storeOf(rig);
  await store.load();
  await store.intend([{ op: 'delete', key: 'users/a', digest: 'e', target: { site: 'datadoghq.com' } }]);
  expect(rig.read(JOURNAL)).not.toContain('\0');
  const { open, uncommitted } = await storeOf(rig).load();
  expect(open.map(({ key }) => key)).toEqual(['users/a']);
  expect(uncommitted.map(({ key }) => key)).toEqual(['users/b']);
});

describe('a journal line with a valid checksum and the wrong shape', () => {
  test.each([
    '{"seq":1,"t":1,"state":"intent","intent":{}}',
    '{"seq":1,"t":1,"state":"intent","intent":{"op":"rename","key":"users/a","digest":"d","target":{"site":"x"}}}',
    '{"seq":1,"t":1,"state":"done","key":"users","digest":"d"}',
    '{"seq":1,"t":1,"state":"shipped","key":"users/a","digest":"d"}',
  ])('ends an apply with 5 and a way out: %s', async (json) => {
    await using rig = await Rig.applied({ 'connections/a.yaml': manifest('users/a') });
    const crc = crc32(json).toString(16).padStart(8, '0');
    rig.write(JOURNAL, `${json.slice(0, -1)},"crc":"${crc}"}\n`);
    const ended = await rig.live('apply --yes', { env: QUICK });
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain('journal-damaged');
    expect(ended.stderr).toContain('line 1 is not a journal line');
    expect(rig.sent()).toEqual([]);
  });
});

describe('a lock file with other contents', () => {
  test.each(['{}', 'null', '[]', '7', '"lock"', '{"nonce":"n","pid":1,"host":"h","user":"u","command":"c"}', ''])(
    'counts as held, and the message says how to remove it: %s',
    async (text) => {
      await using rig = await Rig.applied({ 'connections/a.yaml': manifest('users/a') });
      rig.write('connections/b.yaml', manifest('users/b'));
      writeFileSync(join(rig.folder, 'connections.lock.lock'), text);
      const ended = await rig.live('apply --yes');
      expect(ended.exitCode).toBe(5);
      expect(ended.stderr).toContain('connections.lock.lock');
      expect(rig.writes()).toEqual([]);
    },
  );
});

test('a lockfile that is deleted during an apply keeps every record that the run loaded', async () => {
  await using rig = await Rig.applied({ 'connections/a.yaml': manifest('users/a') });
  rig.write('connections/b.yaml', manifest('users/b'));
  let deleted = false;
  rig.datadog.answerNext({
    method: 'POST',
    status: 500,
    where: () => {
      rig.remove(LOCKFILE);
      deleted = true;
      return false;
    },
  });
  const ended = await rig.live('apply --yes', { env: QUICK });
  expect(deleted).toBe(true);
  expect(ended.stderr).toContain('lockfile-deleted');
  expect(existsSync(join(rig.folder, LOCKFILE))).toBe(true);
  expect([...parseLockfile(rig.read(LOCKFILE), LOCKFILE).records.keys()]).toEqual(['users/a', 'users/b']);
});
