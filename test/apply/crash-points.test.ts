import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/core/canonical.ts';
import { splitKey, type Key, type Spec } from '../../src/core/connection.ts';
import type { ConnectionsApi } from '../../src/core/ports.ts';
import { parseLockfile } from '../../src/core/lockfile.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import { parseList } from '../../src/datadog/wire.ts';
import { writeAtomically } from '../../src/files/atomic-write.ts';
import { applyPass } from '../../src/reconcile/apply-pass.ts';
import type { PassResult } from '../../src/reconcile/make-plan.ts';
import { fileStore } from '../../src/state/file-store.ts';
import { field, spec } from '../core/samples.ts';
import { Datadog } from '../model/datadog.ts';
import { Crash } from './crash.ts';

const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const never = new AbortController().signal;

/** Every operation in one plan: two creates, an update in one PUT and one in two, a replace, a delete and an adopt. */
const BEFORE: Readonly<Record<Key, Spec>> = {
  'users/update': spec({ fields: [field('a')] }),
  'users/move': spec({ fields: [field('b')] }),
  'users/replace': spec({ fields: [field('c')] }),
  'accounts/delete': spec({ fields: [field('d')] }),
};
const AFTER: Readonly<Record<Key, Spec>> = {
  'users/create': spec({ fields: [field('e')] }),
  'accounts/create': spec({ fields: [field('f')] }),
  'users/update': spec({ fields: [field('a', { display_name: 'A' }), field('a2')] }),
  'users/move': spec({ fields: [field('b', { type: 'number' })] }),
  'users/replace': spec({ fields: [field('c')], join_type: 'user_id' }),
  'users/adopt': spec({ fields: [field('g')] }),
};

class CrashRig implements Disposable {
  readonly folder = mkdtempSync(join(SCRATCH, 'connsync-crash-'));
  readonly datadog = new Datadog();
  readonly events: SyncEvent[] = [];
  manifests = BEFORE;
  time = 0;
  /** The number of lists and writes so far. */
  calls = 0;

  get lockfile(): string {
    return join(this.folder, 'connections.lock');
  }

  get journal(): string {
    return `${this.lockfile}.journal`;
  }

  /**
   * Runs one apply, which never ends if it crashes. Its lock belongs to a dead process, as the next run would find
   * out by itself.
   */
  async apply(crash?: Crash): Promise<PassResult | 'dead'> {
    const store = fileStore({
      path: this.lockfile,
      shown: 'connections.lock',
      write: writeAtomically,
      now: () => this.time,
    });
    const api = this.#bounded(this.datadog.api);
    const run = applyPass({
      target: { environment: 'default', site: 'datadoghq.com' },
      manifests: this.#files(),
      folders: { shown: ['connections'], recorded: ['connections'] },
      state: crash?.wrap(store, 'state', ['load', 'intend', 'settle', 'commit']) ?? store,
      lockfile: 'connections.lock',
      connect: async () => crash?.wrap(api, 'api', ['list', 'create', 'update', 'remove']) ?? api,
      concurrency: 3,
      holder: { command: 'apply', since: 0 },
      lockWaitMs: 0,
      confirm: async () => undefined,
      settleMs: 1_000,
      settings: {
        prune: true,
        adopt: false,
        allowReplace: true,
        allowEmpty: false,
        onDrift: 'refuse',
        maxDeletes: { percent: 60 },
      },
      clock: {
        now: () => this.time,
        monotonic: () => this.time,
        sleep: async (ms) => void (this.time += ms),
        random: () => 0.5,
      },
      report: (event) => void this.events.push(event),
      abort: { stop: never, cut: never },
    });
    const ended = await (crash === undefined ? run : Promise.race([run, crash.died]));
    if (ended === 'dead') rmSync(`${this.lockfile}.lock`, { force: true });
    return ended;
  }

  async begin(): Promise<this> {
    await this.apply();
    this.datadog.clicks.seed('users', { id: 'adopt', ...AFTER['users/adopt'], fields: [field('g')] } as never);
    this.manifests = AFTER;
    this.datadog.writes.length = 0;
    this.events.length = 0;
    return this;
  }

  live(): Readonly<Record<Key, Spec>> {
    const all = ['users', 'accounts'].flatMap((entity) =>
      parseList(entity, { data: { attributes: { connections: this.datadog.store.list(entity) } } }),
    );
    return Object.fromEntries(all.map(({ key, spec: live }) => [key, live]));
  }

  recorded(): Readonly<Record<Key, Spec>> {
    const { records } = parseLockfile(readFileSync(this.lockfile, 'utf8'), 'connections.lock');
    return Object.fromEntries([...records].map(([key, record]) => [key, record.spec]));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A run that keeps sending requests is a failure. No time passes in this test that could end it. */
  #bounded(api: ConnectionsApi): ConnectionsApi {
    const count = (): void => {
      this.calls += 1;
      if (this.calls > 1_000) throw new Error('it asks Datadog for ever');
    };
    return {
      ...api,
      list: async (...args) => (count(), api.list(...args)),
      create: async (...args) => (count(), api.create(...args)),
      update: async (...args) => (count(), api.update(...args)),
      remove: async (...args) => (count(), api.remove(...args)),
    };
  }

  #files(): Parameters<typeof applyPass>[0]['manifests'] {
    const texts = new Map(
      Object.entries(this.manifests).map(([key, of]) => [
        `connections/${key}.json`,
        JSON.stringify({ ...splitKey(key), ...of }),
      ]),
    );
    return {
      list: () => ({ files: [...texts.keys()].sort(), problems: [], missing: [] }),
      read: (file) => ({ bytes: Buffer.from(texts.get(file) ?? '') }),
    };
  }
}

const sorted = (specs: Readonly<Record<Key, Spec>>): string => canonicalJson(specs);

/** Returns every crash point that an uninterrupted run passes. */
async function pointsOf(): Promise<readonly string[]> {
  using rig = await new CrashRig().begin();
  const crash = new Crash(-1);
  await rig.apply(crash);
  return crash.passed;
}

/** Checks what must be true after the run that follows a crash, wherever the crash happened. */
async function expectWhole(rig: CrashRig, when: string): Promise<void> {
  const ended = await rig.apply();
  expect(ended, when).toMatchObject({ exitCode: 0 });
  expect(sorted(rig.live()), when).toBe(sorted(AFTER));
  expect(sorted(rig.recorded())).toBe(sorted(AFTER));
  expect(existsSync(rig.journal), 'the journal is gone').toBe(false);
  expect(existsSync(`${rig.lockfile}.lock`), 'the run lock is gone').toBe(false);
  rig.datadog.writes.length = 0;
  const lockfile = readFileSync(rig.lockfile, 'utf8');
  expect(await rig.apply()).toMatchObject({ exitCode: 0 });
  expect(rig.datadog.writes, 'the next apply sends nothing').toEqual([]);
  expect(readFileSync(rig.lockfile, 'utf8')).toBe(lockfile);
}

describe('a run that is killed', () => {
  test('passes every named crash point', async () => {
    const points = await pointsOf();
    const names = new Set(points);
    for (const name of [
      'state.intend',
      'state.settle',
      'state.commit',
      'api.list',
      'api.create',
      'api.update',
      'api.remove',
    ])
      for (const side of ['before', 'after']) expect(names).toContain(`${name}:${side}`);
    expect(points.length).toBeGreaterThan(45);
  });

  test('at any point is repaired by the next run', async () => {
    const points = await pointsOf();
    for (const at of points.keys()) {
      using rig = await new CrashRig().begin();
      expect(await rig.apply(new Crash(at))).toBe('dead');
      await expectWhole(rig, `after ${points[at]}`);
    }
  });

  test('twice, at any two points, is repaired by the third run', async () => {
    const points = await pointsOf();
    for (let first = 0; first < points.length; first += 5)
      for (let second = 0; second < 40; second += 7) {
        using rig = await new CrashRig().begin();
        await rig.apply(new Crash(first));
        await rig.apply(new Crash(second));
        await expectWhole(rig, `after ${points[first]} and then point ${second}`);
      }
  });

  test('before it recorded anything still owns what it created, even if the manifests changed since', async () => {
    const points = await pointsOf();
    const commit = points.indexOf('state.commit:before');
    using rig = await new CrashRig().begin();
    await rig.apply(new Crash(commit));
    const { 'users/create': _, 'accounts/create': __, ...rest } = AFTER;
    rig.manifests = rest;
    expect(await rig.apply()).toMatchObject({ exitCode: 0 });
    expect(sorted(rig.live()), 'what was created is ours to prune').toBe(sorted(rest));
    expect(sorted(rig.recorded())).toBe(sorted(rest));
  });
});
