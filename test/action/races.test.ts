import { expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import { push } from './rig/runner/events.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const RACERS = 8;
const COMMIT = { field: 'createCommitOnBranch' };

/** A barrier at which every task waits until all have arrived. */
class Barrier {
  #waiting = 0;
  readonly #open: Promise<void>;
  #release: () => void = () => {};
  readonly #all: number;

  constructor(all: number) {
    this.#all = all;
    this.#open = new Promise((resolve) => (this.#release = resolve));
  }

  /** Resolves for each task once all have arrived; `arrived` is called immediately. */
  async pass(arrived: () => void): Promise<void> {
    arrived();
    this.#waiting += 1;
    if (this.#waiting === this.#all) this.#release();
    await this.#open;
  }
}

/**
 * Runs eight applies that record different changes at the same moment. Main has one manifest at a time, each run
 * plans while it has its own, and pauses with its commit ready until the last run is ready.
 */
async function race(stage: Stage, commit: 'api' | 'git'): Promise<readonly ActionEnded[]> {
  const { api, remote } = stage.github;
  const barrier = new Barrier(RACERS);
  const running: Promise<ActionEnded>[] = [];
  for (let index = 0; index < RACERS; index += 1) {
    const sha = await stage.merge({ 'connections/one.yaml': manifest(`users/racer-${index}`) });
    const workspace = await stage.checkout(sha);
    const arrived = new Promise<void>((resolve) => {
      const held = (): Promise<void> => barrier.pass(resolve);
      if (commit === 'api') api.beforeNext(COMMIT, held);
      else remote.beforeNextPush(held);
    });
    const run = stage.run({ command: 'apply', commit }, { workspace, event: push(sha) });
    running.push(run);
    await Promise.race([arrived, run.then((early) => Promise.reject(new Error(early.stdout)))]);
  }
  return Promise.all(running);
}

test.each(['git', 'api'] as const)(
  'eight applies that record at the same time lose nothing and record everything once (%s)',
  { ...SIDE_BY_SIDE, timeout: 240_000 },
  async (commit) => {
    await using stage = await Stage.start();
    const ended = await race(stage, commit);
    try {
      expect(ended.map(({ exitCode }) => exitCode)).toEqual(ended.map(() => 0));
      const all = Array.from({ length: RACERS }, (_, index) => `users/racer-${index}`);
      expect(await stage.recorded()).toEqual(all);
      expect(stage.creates()).toEqual(Object.fromEntries(all.map((key) => [key, 1])));
      const lockfile = (await stage.github.remote.repository.read('connections.lock')) ?? '';
      expect(lockfile.trimEnd().split('\n')).toHaveLength(1 + RACERS);
      const shas = ended.map(({ outputs }) => outputs['commit-sha']);
      expect(new Set(shas).size).toBe(RACERS);
      const messages = (await stage.github.remote.repository.history()).map(({ message }) => message);
      expect(messages.filter((message) => message.startsWith('Record connections: 1 added'))).toHaveLength(RACERS);
    } finally {
      for (const one of ended) one[Symbol.dispose]();
    }
  },
);
