import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SEED, keepFigures, sizeOf } from '../machinery/figures.ts';
import { manifest } from '../rig/rig.ts';
import { failingAction, SECRETS, type FailingAction } from './failing-action.ts';
import { grepFor } from './rig/grep-for.ts';
import { pullRequest } from './rig/runner/events.ts';
import { KEYS, Stage, TOKEN } from './stage.ts';

const FILES = { 'connections/a.yaml': manifest('users/a'), 'connections/b.yaml': manifest('users/b', ['other']) };
const RUNS = sizeOf('ACTION_CANARIES', 24);
const LANES = 4;

test('secrets are masked before any other output', async () => {
  await using stage = await Stage.start({ files: FILES });
  using ended = await stage.run({ comment: 'never' }, { event: pullRequest() });
  expect(ended.commands[0]?.command).toBe('add-mask');
  const firstOther = ended.commands.findIndex(({ command }) => command !== 'add-mask');
  expect(ended.commands.slice(firstOther).some(({ command }) => command === 'add-mask')).toBe(false);
  const basic = (secret: string): string => Buffer.from(`x-access-token:${secret}`).toString('base64');
  for (const secret of [TOKEN, ...Object.values(KEYS)])
    expect(ended.masks).toEqual(
      expect.arrayContaining([secret, Buffer.from(secret).toString('base64'), basic(secret)]),
    );
  expect(ended.masks).not.toContain('');
  expect(ended.masks).not.toContain(basic(''));
});

test(
  `no secret appears in any stream or file after ${RUNS} failing runs`,
  async () => {
    const lane = async (first: number): Promise<readonly FailingAction[]> => {
      await using stage = await Stage.start({ files: FILES });
      const workspace = await stage.checkout();
      const runs: FailingAction[] = [];
      for (let index = first; index < RUNS; index += LANES) {
        const run = await failingAction(stage, SEED + index, workspace);
        expect(run, JSON.stringify(run)).toMatchObject({ found: [] });
        runs.push(run);
      }
      const { api } = stage.github;
      expect(api.requests.filter(({ leaked, path }) => leaked && !path.includes('git/'))).toEqual([]);
      expect(grepFor(SECRETS, { threads: JSON.stringify([...api.issues.comments.values()]) })).toEqual([]);
      return runs;
    };
    const runs = (await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))).flat();
    // Most of these runs fail.
    expect(runs.filter(({ exitCode }) => exitCode !== 0).length).toBeGreaterThan(RUNS / 2);
    keepFigures('failing runs of the Action searched for secrets', { runs: RUNS, found: 0 });
  },
  600_000 + RUNS * 20_000,
);

test('git receives the token only in its environment, as base64, and none of the inputs', async () => {
  await using stage = await Stage.start({ files: FILES });
  const folder = join(stage.folder, 'bin');
  const log = join(stage.folder, 'git.log');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'git'),
    `#!/bin/sh\n{ for arg in "$@"; do printf 'arg %s\\n' "$arg"; done; env | sed 's/^/env /'; } >> '${log}'\nPATH='${process.env['PATH']}'\nexec git "$@"\n`,
  );
  chmodSync(join(folder, 'git'), 0o755);
  const env = { PATH: `${folder}:${process.env['PATH']}`, DD_API_KEY: KEYS['api-key'], SOME_SECRET: 'mine' };
  using ended = await stage.run({ command: 'apply', commit: 'git' }, { env });
  expect(ended.outputs, ended.stdout).toMatchObject({ 'commit-status': 'committed' });
  const lines = readFileSync(log, 'utf8').split('\n');
  const args = lines.filter((line) => line.startsWith('arg '));
  expect(args).toContain('arg push');
  expect(grepFor(SECRETS, { args: args.join('\n') })).toEqual([]);
  const basic = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
  const reporting = lines.filter((line) => grepFor(SECRETS, { line }).length > 0);
  expect(new Set(reporting)).toEqual(new Set([`env GIT_CONFIG_VALUE_3=AUTHORIZATION: basic ${basic}`]));
  const names = new Set(lines.flatMap((line) => /^env (\w[^=]*)=/.exec(line)?.[1] ?? []));
  for (const name of names) expect(name).not.toMatch(/^(?:INPUT_|DD_|GITHUB_|SOME_)/);
  expect(names).toContain('GIT_TERMINAL_PROMPT');
});
