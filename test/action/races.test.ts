import { expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import { push } from './rig/runner/events.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const RACERS = 8;
const COMMIT = { field: 'createCommitOnBranch' };

/** Holds every call of `pass` until so many have come. */
function barrier(all: number): { readonly pass: () => Promise<void> } {
  let open = (): void => {};
  let waiting = 0;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    pass: async () => {
      waiting += 1;
      if (waiting === all) open();
      await opened;
    },
  };
}

/**
 * Eight applies that send their commits at the same moment. Each has a folder of manifests of its own, so that no run ever finds newer
 * manifests than its own on main. One that is held for longer than a request may take sends its commit again: that counts as another
 * arrival, and opens the barrier a little early.
 */
async function race(stage: Stage, commit: 'api' | 'git'): Promise<readonly ActionEnded[]> {
  const { api, remote } = stage.github;
  const { pass } = barrier(RACERS);
  if (commit === 'api') api.beforeNext(COMMIT, pass, RACERS);
  else for (let index = 0; index < RACERS; index += 1) remote.beforeNextPush(pass);
  const sha = await stage.tip();
  return await Promise.all(
    Array.from({ length: RACERS }, (_, index) =>
      stage.run({ command: 'apply', commit, 'connections-path': `team-${index}` }, { event: push(sha) }),
    ),
  );
}

test.each(['git', 'api'] as const)(
  'eight applies that record at the same time lose nothing and record everything once (%s)',
  { ...SIDE_BY_SIDE, timeout: 1200_000 },
  async (commit) => {
    const files = Array.from({ length: RACERS }, (_, index) => [
      `team-${index}/one.yaml`,
      manifest(`users/racer-${index}`),
    ]);
    await using stage = await Stage.start({ files: Object.fromEntries(files) });
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
