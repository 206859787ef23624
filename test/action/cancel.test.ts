import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { RULE_VIOLATION } from './rig/git/refusal.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const KEYS = Array.from({ length: 12 }, (_, index) => `users/c${String(index).padStart(2, '0')}`);
const FILES = Object.fromEntries(KEYS.map((key) => [`connections/${key}.yaml`, manifest(key)]));
const COMMIT = { field: 'createCommitOnBranch' };

/** Runs an apply that receives a signal at a given moment. */
async function interrupted(
  stage: Stage,
  signal: NodeJS.Signals,
  when: () => Promise<unknown>,
  inputs: Readonly<Record<string, string>> = {},
): Promise<ActionEnded> {
  return stage.run(
    { command: 'apply', concurrency: '2', ...inputs },
    { started: (child) => void when().then(() => child.kill(signal)) },
  );
}

/** Resolves once the given number of connections exist. */
async function live(stage: Stage, count: number): Promise<void> {
  while (stage.live().length < count) await sleep(2);
}

async function next(stage: Stage): Promise<void> {
  using ended = await stage.run({ command: 'apply' });
  expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
  expect(await stage.recorded()).toEqual(KEYS);
  expect(stage.creates()).toEqual(Object.fromEntries(KEYS.map((key) => [key, 1])));
}

describe('SIGINT in the middle of an apply', SIDE_BY_SIDE, () => {
  test('lets it finish requests in flight, record them and commit, and fails the step', async () => {
    await using stage = await Stage.start({ files: FILES });
    stage.datadog.latencyMs = 100;
    using ended = await interrupted(stage, 'SIGINT', () => live(stage, 3));
    expect(ended.signal).toBeNull();
    expect(ended.exitCode).toBe(1);
    expect(ended.outputs, ended.stdout).toMatchObject({ 'exit-code': '130', 'commit-status': 'committed' });
    expect(stage.live().length).toBeLessThan(KEYS.length);
    expect(await stage.recorded()).toEqual(stage.live());
    expect(Number(ended.outputs['applied'])).toBe(stage.live().length);
    const tip = await stage.tip();
    using post = await stage.post(ended);
    expect(post, post.stdout).toMatchObject({ exitCode: 0 });
    expect(await stage.tip()).toBe(tip);
    stage.datadog.latencyMs = 0;
    await next(stage);
  });

  test('and SIGTERM while it records still let it record, because the runner kills it soon afterwards', async () => {
    await using stage = await Stage.start({ files: FILES });
    stage.datadog.latencyMs = 50;
    let child: { kill: (signal: NodeJS.Signals) => void } | undefined;
    stage.github.api.beforeNext(COMMIT, async () => {
      child?.kill('SIGTERM');
      await sleep(200);
    });
    using ended = await stage.run(
      { command: 'apply', concurrency: '2' },
      {
        started: (running) => {
          child = running;
          void live(stage, 3).then(() => running.kill('SIGINT'));
        },
      },
    );
    expect(ended.outputs, ended.stdout).toMatchObject({ 'exit-code': '130', 'commit-status': 'committed' });
    expect(await stage.recorded()).toEqual(stage.live());
  });
});

describe('SIGKILL between create and commit', SIDE_BY_SIDE, () => {
  test.each(['api', 'git'])('leaves it to the post step to record what the main step did (%s)', async (commit) => {
    await using stage = await Stage.start({ files: FILES });
    stage.datadog.latencyMs = 20;
    using ended = await interrupted(stage, 'SIGKILL', () => live(stage, 6), { commit });
    expect(ended.signal).toBe('SIGKILL');
    expect(await stage.recorded()).toEqual([]);
    const tip = await stage.tip();
    using post = await stage.post(ended);
    expect(post, post.stdout + post.stderr).toMatchObject({ exitCode: 0 });
    const recorded = await stage.recorded();
    // The answers to the last requests may have arrived too late for the journal.
    expect(recorded.length).toBeGreaterThanOrEqual(3);
    expect(stage.live()).toEqual(expect.arrayContaining([...recorded]));
    expect(post.commands.find(({ command }) => command === 'notice')?.message).toContain(await stage.tip());
    expect((await stage.github.remote.repository.commitInfo(await stage.tip())).parents).toEqual([tip]);
    stage.datadog.latencyMs = 0;
    await next(stage);
  });

  test('with a lost journal makes the next run adopt, and nothing is created twice', async () => {
    await using stage = await Stage.start({ files: FILES });
    stage.datadog.latencyMs = 20;
    {
      using ended = await interrupted(stage, 'SIGKILL', () => live(stage, 6));
      expect(ended.signal).toBe('SIGKILL');
    }
    expect(await stage.recorded()).toEqual([]);
    stage.datadog.latencyMs = 0;
    await next(stage);
  });

  test('after the commit but before the answer leads to one commit', async () => {
    await using stage = await Stage.start({ files: FILES });
    let kill = (): void => {};
    // The process is killed with the commit in flight, and the rig then makes that commit.
    stage.github.api.beforeNext(COMMIT, async () => {
      kill();
      await sleep(50);
    });
    using ended = await stage.run(
      { command: 'apply' },
      { started: (child) => void (kill = () => void child.kill('SIGKILL')) },
    );
    expect(ended.signal).toBe('SIGKILL');
    using post = await stage.post(ended);
    expect(post, post.stdout).toMatchObject({ exitCode: 0 });
    expect(await stage.recorded()).toEqual(KEYS);
    const messages = (await stage.github.remote.repository.history()).map(({ message }) => message.split('\n')[0]);
    expect(messages).toEqual(['Record connections: 12 added', 'Begin']);
  });
});

describe('the post step', SIDE_BY_SIDE, () => {
  test('does nothing if nothing is left, and succeeds', async () => {
    await using stage = await Stage.start({ files: FILES });
    using planned = await stage.run({ command: 'plan', comment: 'never' });
    using applied = await stage.run({ command: 'apply' });
    const tip = await stage.tip();
    const { requests } = stage.github.api;
    const before = requests.length;
    for (const ended of [planned, applied]) {
      using post = await stage.post(ended);
      expect(post).toMatchObject({ exitCode: 0, stderr: '' });
      expect(post.commands.every(({ command }) => command === 'add-mask' || command === 'stop-commands')).toBe(true);
    }
    expect(requests).toHaveLength(before);
    expect(await stage.tip()).toBe(tip);
  });

  test('retries a recording that failed in the main step, and fails if it cannot record either', async () => {
    await using stage = await Stage.start({ files: FILES });
    const { api, remote } = stage.github;
    api.beforeNext(COMMIT, () => remote.protect(RULE_VIOLATION));
    using ended = await stage.run({ command: 'apply' });
    expect(ended.outputs['commit-status']).toBe('failed');
    using again = await stage.post(ended);
    expect(again.exitCode).toBe(1);
    expect(again.commands.at(-1)?.message).toContain('bypass the rule');
    expect(again.stdout).toContain('Keep these lines.');
    await remote.protect(undefined);
    using last = await stage.post(ended);
    expect(last).toMatchObject({ exitCode: 0 });
    expect(await stage.recorded()).toEqual(KEYS);
    expect(existsSync(ended.temporary)).toBe(true);
  });
});
