import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import { Stage } from './stage.ts';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
/** Strings that only GitHub's toolkit and client contain. */
const TOOLKIT = ['@actions/', '@octokit/', 'octokit-core', 'createCommitOnBranch', 'GITHUB_STEP_SUMMARY'];

function textOf(...paths: readonly string[]): string {
  return paths
    .flatMap((path) => (path.endsWith('.js') ? [path] : readdirSync(join(DIST, path)).map((name) => `${path}/${name}`)))
    .map((path) => readFileSync(join(DIST, path), 'utf8'))
    .join('\n');
}

test('the command line and the library contain no GitHub code, and the action does', () => {
  const [cli, action] = [textOf('main.js', 'index.js', 'chunks'), textOf('action.js', 'post.js', 'action')];
  for (const word of TOOLKIT.slice(2)) expect(action).toContain(word);
  for (const word of TOOLKIT) expect(cli).not.toContain(word);
});

test('the action runs from its own files alone, which are those listed in action.yml', async () => {
  const { main = '', post = '' } = Object.fromEntries(
    [...readFileSync(join(ROOT, 'action.yml'), 'utf8').matchAll(/^ {2}(main|post): (.*)$/gm)].map(
      ([, name = '', path = '']) => [name, path],
    ),
  );
  await using stage = await Stage.start({ files: { 'connections/a.yaml': manifest('users/a') } });
  for (const path of [main, post, 'dist/action'])
    cpSync(join(ROOT, path), join(stage.folder, path), { recursive: true });
  using ended = await stage.run({ command: 'validate' }, { program: join(stage.folder, main) });
  expect(ended, ended.stderr).toMatchObject({ exitCode: 0, stderr: '' });
  using last = await stage.post(ended, { program: join(stage.folder, post) });
  expect(last, last.stderr).toMatchObject({ exitCode: 0, stderr: '' });
});

test('the npm package contains no part of the action', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' }),
  ) as readonly { readonly files: readonly { readonly path: string }[] }[];
  const paths = packed?.files.map(({ path }) => path) ?? [];
  expect(paths).toContain('dist/cli.cjs');
  expect(paths.filter((path) => /^dist\/(?:action|post)|^action\.yml/.test(path))).toEqual([]);
});
