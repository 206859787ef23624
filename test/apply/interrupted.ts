import { expect } from 'vitest';
import { recover, type Recovered } from '../../src/apply/recover.ts';
import type { Key, LiveConnection, RecordedConnection, Spec } from '../../src/core/connection.ts';
import type { Problem } from '../../src/core/diagnostic.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import type {
  Answer,
  ConnectionsApi,
  Intent,
  OpenIntent,
  Outcome,
  Snapshot,
  StateStore,
} from '../../src/core/ports.ts';
import { byKey, field, live, recorded, spec } from '../core/samples.ts';

export const K = 'users/a';
export const A = spec();
export const B = spec({ join_type: 'user_id' });
export const TWO = spec({ fields: [field('plan', { display_name: 'Plan' }), field('more')] });
export const SETTLE_MS = 8_000;

/** The state that an earlier run left, and a Datadog that shows parts of it only after some time. */
export class Runtime {
  time = 0;
  readonly live = new Map<Key, Spec>();
  /** Changes that become visible at a given time. */
  readonly later: { readonly at: number; readonly key: Key; readonly spec: Spec | undefined }[] = [];
  readonly lists: number[] = [];
  readonly creates: { readonly entity: string; readonly id: string; readonly spec: Spec }[] = [];
  readonly intents: (readonly Intent[])[] = [];
  readonly outcomes: Outcome[] = [];
  readonly problems: Problem[] = [];
  readonly answers: Answer[] = [];
  readonly stop = new AbortController();
  failsToList: Error | undefined;
  failsToIntend: Error | undefined;
  includes = (_key: Key): boolean => true;

  recover(snapshot: Partial<Snapshot>): Promise<Recovered> {
    const whole = { header: undefined, records: new Map(), open: [], uncommitted: [], version: 'v', ...snapshot };
    return recover(whole, {
      api: this.#api(),
      state: {
        intend: async (intents) => {
          if (this.failsToIntend !== undefined) throw this.failsToIntend;
          this.intents.push(intents);
        },
        settle: async (outcome) => void this.outcomes.push(outcome),
      } as StateStore,
      settleMs: SETTLE_MS,
      clock: {
        now: () => this.time,
        monotonic: () => this.time,
        sleep: async (ms) => {
          await Promise.resolve();
          this.time += ms;
        },
      },
      report: (event: SyncEvent) => void (event.type === 'problem' && this.problems.push(event.problem)),
      abort: { stop: this.stop.signal, cut: new AbortController().signal },
      includes: (key) => this.includes(key),
    });
  }

  #api(): ConnectionsApi {
    const never = (): never => {
      throw new Error('recovery sends no such request');
    };
    return {
      list: async (entity) => this.#list(entity),
      create: async (to, _, announce) => this.#create(to, announce),
      update: never,
      remove: never,
      organisation: never,
      attributes: never,
    };
  }

  async #list(entity: string): Promise<readonly LiveConnection[]> {
    this.lists.push(this.time);
    if (this.lists.length > 500) throw new Error('it lists for ever');
    if (this.failsToList !== undefined) throw this.failsToList;
    const now = new Map<Key, Spec | undefined>(this.live);
    for (const { at, key, spec: of } of this.later) if (at <= this.time) now.set(key, of);
    return [...now].flatMap(([key, of]) => (of !== undefined && key.startsWith(`${entity}/`) ? [live(key, of)] : []));
  }

  async #create(
    to: Parameters<ConnectionsApi['create']>[0],
    announce = async (): Promise<void> => undefined,
  ): Promise<Answer> {
    await announce();
    this.creates.push(to);
    if (this.creates.length > 500) throw new Error('it creates for ever');
    const answer = this.answers.shift() ?? { kind: 'done', attempts: 1 };
    if (answer.kind === 'done') this.live.set(`${to.entity}/${to.id}`, to.spec);
    return answer;
  }
}

/** An intent without an outcome, from the start of the clock. */
export function left(op: Intent['op'], rest: Partial<OpenIntent> = {}): OpenIntent {
  const after = { create: A, update: TWO, replace: B, delete: undefined }[op];
  const before = op === 'create' ? undefined : A;
  return {
    op,
    key: K,
    digest: `digest of ${op}`,
    target: { site: 'datadoghq.com' },
    at: 0,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after, record: recorded(K, after, { owner: 'team' }) }),
    ...(op === 'replace' ? { sending: 'remove' as const } : {}),
    ...rest,
  };
}

/** The answer of Datadog to the create that finishes a replace. */
export function answerOf(kind: Exclude<Answer['kind'], 'done'>): Answer {
  return { kind, attempts: 1, error: { status: 400, method: 'POST', path: '/p', message: '400 No' } };
}

export const WHAT_IS_LEFT = "run connsync plan --target 'users/*' to see what remains";
export const AGAIN = 'run connsync apply again; it checks what happened';

export interface Ending {
  readonly outcome: Omit<Outcome, 'key' | 'digest'> | undefined;
  readonly record: RecordedConnection | undefined;
  readonly words: string;
  readonly hint?: string;
}

export async function expectEnding(
  runtime: Runtime,
  intent: OpenIntent,
  before: RecordedConnection | undefined,
  ending: Ending,
): Promise<void> {
  const made = await runtime.recover({ open: [intent], records: before === undefined ? new Map() : byKey(before) });
  expect(runtime.outcomes).toStrictEqual(
    ending.outcome === undefined ? [] : [{ key: K, digest: intent.digest, ...ending.outcome }],
  );
  expect(made.records).toEqual(ending.record === undefined ? new Map() : byKey(ending.record));
  expect(made.open).toEqual(ending.outcome === undefined ? [intent] : []);
  expect(runtime.problems).toEqual([
    {
      code: 'recovered',
      severity: 'warning',
      message: `connsync was interrupted earlier: the ${ending.words}`,
      hint: ending.hint ?? WHAT_IS_LEFT,
    },
  ]);
}
