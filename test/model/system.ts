import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { splitKey, type Key, type Spec } from '../../src/core/connection.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import { differences, pathOf } from '../../src/core/difference.ts';
import type { Action, Plan } from '../../src/core/plan.ts';
import type { ManifestFiles, Records, Snapshot, StateStore } from '../../src/core/ports.ts';
import { parseList } from '../../src/datadog/wire.ts';
import { writeAtomically } from '../../src/files/atomic-write.ts';
import { readManifests } from '../../src/manifest/read-all.ts';
import { applyPass } from '../../src/reconcile/apply-pass.ts';
import type { PassResult } from '../../src/reconcile/make-plan.ts';
import { planPass } from '../../src/reconcile/plan-pass.ts';
import { fileStore } from '../../src/state/file-store.ts';
import { Crash } from '../apply/crash.ts';
import { Datadog } from './datadog.ts';

/** The content that a person writes, before it becomes a file. */
export interface Written {
  readonly spec: Spec;
  readonly protect: boolean;
  readonly renamed?: Readonly<Record<string, string>>;
}

export interface Flags {
  readonly prune: boolean;
  readonly adopt: boolean;
  readonly allowReplace: boolean;
  readonly onDrift: 'revert' | 'keep' | 'refuse';
  readonly concurrency: number;
}

/** Uses a disk in memory if available, so that fsync is called but costs nothing. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const never = new AbortController().signal;

/** A team's repository, its lockfile and its Datadog, with the properties that must hold for any actions on them. */
export class System implements Disposable {
  readonly folder = mkdtempSync(join(SCRATCH, 'connsync-model-'));
  readonly datadog = new Datadog();
  readonly manifests = new Map<Key, Written>();
  branch: { readonly lockfile: string | undefined; readonly manifests: ReadonlyMap<Key, Written> } | undefined;

  get #path(): string {
    return join(this.folder, 'connections.lock');
  }

  get lockfile(): string | undefined {
    return existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : undefined;
  }

  set lockfile(text: string | undefined) {
    if (text === undefined) rmSync(this.#path, { force: true });
    else writeFileSync(this.#path, text);
  }

  /** Returns the content of the lockfile and the journal, or nothing if they are unreadable. */
  async state(): Promise<Pick<Snapshot, 'records' | 'open'>> {
    return this.#store()
      .load()
      .catch(() => ({ records: new Map(), open: [] }));
  }

  /** Runs an apply that is killed at some point, and whose lock the next run recognises as that of a dead process. */
  async die(flags: Flags, at: number): Promise<void> {
    const crash = new Crash(at);
    await Promise.race([this.#run(flags, true, crash), crash.died]);
    rmSync(`${this.#path}.lock`, { force: true });
    this.datadog.writes.length = 0;
  }

  loseJournal(): void {
    rmSync(`${this.#path}.journal`, { force: true });
  }

  /** Runs one apply and checks every property before, during and after it. */
  async apply(flags: Flags): Promise<void> {
    const { records, open } = await this.state();
    const ours = new Set([...records.keys(), ...open.map(({ key }) => key)]);
    const before = this.lockfile;
    const strangers = this.strangers(ours);
    const dry = await this.#run(flags, false);
    expect(this.datadog.writes, 'a dry run writes nothing').toEqual([]);
    expect(this.lockfile, 'a dry run records nothing').toBe(before);

    const done = await this.#run(flags, true);
    const sent = this.datadog.writes.splice(0);
    for (const { method, key } of sent) {
      if (method !== 'DELETE') continue;
      expect(
        ours.has(key) || (flags.adopt && this.manifests.has(key)),
        `DELETE of ${key}, which connsync does not own`,
      ).toBe(true);
      const replaced = flags.allowReplace && this.manifests.has(key);
      expect(replaced || (flags.prune && !this.manifests.has(key)), `DELETE of ${key} without consent`).toBe(true);
    }
    // The open work of a killed apply is finished first, whatever is refused afterwards.
    const isClean = open.length === 0;
    if (done.exitCode === 7 && isClean) expect(sent, 'a refused apply sends nothing').toEqual([]);
    for (const [key, was] of strangers)
      if (!this.manifests.has(key)) expect(this.liveSpec(key), `${key} is unmanaged`).toEqual(was);
    if (done.exitCode !== 0) return;

    if (isClean) {
      expect(sortedRequests(sent), 'the requests match the plan').toEqual(sortedRequests(requestsOf(dry.plan)));
      if (flags.onDrift === 'revert') this.#expectLiveEqualsDesired(records);
    }
    expect(existsSync(`${this.#path}.journal`), 'no journal is left').toBe(false);
    const after = this.lockfile;
    await this.#run(flags, true);
    expect(this.datadog.writes.splice(0), 'a second apply sends nothing').toEqual([]);
    expect(this.lockfile, 'a second apply changes no byte').toBe(after);
  }

  liveSpec(key: Key): Spec | undefined {
    return this.#live().get(key);
  }

  strangers(ours: ReadonlySet<Key>): ReadonlyMap<Key, Spec> {
    return new Map([...this.#live()].filter(([key]) => !ours.has(key)));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #live(): ReadonlyMap<Key, Spec> {
    const all = ['users', 'accounts'].flatMap((entity) =>
      parseList(entity, { data: { attributes: { connections: this.datadog.store.list(entity) } } }),
    );
    return new Map(all.map(({ key, spec }) => [key, spec]));
  }

  /** Every desired connection exists, and every recorded connection that is no longer desired is gone. */
  #expectLiveEqualsDesired(before: Records): void {
    const live = this.#live();
    for (const { key, spec } of readManifests(this.#files()).desired.values()) {
      const found = live.get(key);
      expect(found, `${key} is live`).toBeDefined();
      const record = before.get(key);
      const last = record?.conflicting === undefined ? record?.spec : undefined;
      if (found !== undefined) expect(differences(spec, last, found).map(pathOf), `${key} is as desired`).toEqual([]);
    }
  }

  #store(): StateStore {
    return fileStore({ path: this.#path, shown: 'connections.lock', write: writeAtomically, now: () => 0 });
  }

  async #run(flags: Flags, writes: boolean, crash = new Crash(-1)): Promise<PassResult> {
    const api = crash.wrap(this.datadog.api, 'api', ['list', 'create', 'update', 'remove']);
    let time = 0;
    const pass = {
      target: { environment: 'default', site: 'datadoghq.com' },
      manifests: this.#files(),
      folders: { shown: ['connections'], recorded: ['connections'] },
      state: crash.wrap(this.#store(), 'state', ['load', 'intend', 'settle', 'commit']),
      lockfile: 'connections.lock',
      connect: async () => api,
      settings: { ...flags, maxDeletes: { percent: 60 }, allowEmpty: false },
      clock: {
        now: () => 0,
        monotonic: () => time,
        sleep: async (ms: number) => void (time += ms),
        random: () => 0.5,
      },
      report: () => undefined,
      abort: { stop: never, cut: never },
    };
    try {
      if (!writes) return await planPass(pass);
      return await applyPass({
        ...pass,
        concurrency: flags.concurrency,
        holder: { command: 'apply', since: 0 },
        lockWaitMs: 0,
        confirm: async () => undefined,
        settleMs: 1_000,
      });
    } catch (cause) {
      if (cause instanceof Failure) return { exitCode: cause.exitCode, refusals: [] };
      throw cause;
    }
  }

  /** Writes each manifest as a JSON file, which is YAML too. */
  #files(): ManifestFiles {
    const texts = new Map(
      [...this.manifests].map(([key, written]) => [`connections/${key}.json`, textOf(key, written)]),
    );
    return {
      list: () => ({ files: [...texts.keys()].sort(), problems: [], missing: [] }),
      read: (file) => ({ bytes: Buffer.from(texts.get(file) ?? '') }),
    };
  }
}

function textOf(key: Key, { spec, protect, renamed }: Written): string {
  return JSON.stringify({
    ...splitKey(key),
    ...spec,
    connsync: { protect, ...(renamed === undefined ? {} : { renamed_fields: renamed }) },
  });
}

function requestsOf(plan: Plan | undefined): readonly { readonly method: string; readonly key: Key }[] {
  return (plan?.actions ?? []).flatMap((action) => methodsOf(action).map((method) => ({ method, key: action.key })));
}

function methodsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case 'create':
      return ['POST'];
    case 'update':
      return action.steps.map(() => 'PUT');
    case 'replace':
      return ['DELETE', 'POST'];
    case 'delete':
      return ['DELETE'];
    case 'adopt':
    case 'forget':
      return [];
    default:
      return action satisfies never;
  }
}

function sortedRequests(requests: readonly { readonly method: string; readonly key: Key }[]): readonly string[] {
  return requests.map(({ method, key }) => `${key} ${method}`).sort();
}
