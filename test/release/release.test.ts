import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const WORKFLOW = join(import.meta.dirname, '../../.github/workflows/release.yml');

interface Job {
  readonly permissions: object;
  readonly steps: readonly { readonly name?: string; readonly run?: string }[];
}

const { jobs } = parse(readFileSync(WORKFLOW, 'utf8')) as { readonly jobs: Readonly<Record<string, Job>> };
const LONG_AGO = '2026-01-02T03:04:05Z';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connsync-release-'));
  git('.', 'init', '--quiet', '--bare', '--initial-branch=main', 'origin.git');
  git('.', 'clone', '--quiet', 'origin.git', 'checkout');
  write('checkout/package.json', '{"version":"1.2.3"}');
  write('checkout/.gitignore', 'dist/\n');
  commit('First');
  // Only the request for a release is tested here, not GitHub's handling of it.
  write('bin/gh', '#!/bin/sh\necho "$@" >> "$GH_LOG"\n');
  chmodSync(join(folder, 'bin/gh'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the release workflow', () => {
  test('gives no permissions to the job that runs npm packages, and installs nothing in jobs with permissions', () => {
    expect(jobs['build']?.permissions).toEqual({ contents: 'read' });
    expect(jobs['publish']?.permissions).toEqual({ 'id-token': 'write' });
    expect(jobs['tag']?.permissions).toEqual({ contents: 'write' });
    for (const name of ['publish', 'tag'])
      for (const { run = '' } of jobs[name]?.steps ?? []) expect(run).not.toMatch(/npm (ci|install|run|test)/);
  });

  test('runs only in the repository that package.json names', () => {
    const steps = jobs['build']?.steps ?? [];
    expect(steps.map(({ run = '' }) => run)).toContain('node .ci/repository.mjs "$GITHUB_REPOSITORY"');
    const root = join(import.meta.dirname, '../..');
    const here = (...args: readonly string[]): SpawnSyncReturns<string> =>
      spawnSync(process.execPath, ['.ci/repository.mjs', ...args], { cwd: root, encoding: 'utf8' });
    expect(here()).toMatchObject({ status: 0, stderr: '' });
    expect(here('acme/fork')).toMatchObject({ status: 1, stderr: expect.stringContaining('acme/fork') });
  });

  test('accepts a tag that is the version of the package, on a commit of main', () => {
    expect(check('v1.2.3')).toMatchObject({ status: 0 });
  });

  test('rejects a tag of another version', () => {
    expect(check('v1.2.4')).toMatchObject({ status: 1, stdout: expect.stringContaining('package.json says 1.2.3') });
  });

  test('rejects a tag on a commit that was never merged', () => {
    write('checkout/a', 'a');
    git('checkout', 'add', '.');
    git('checkout', 'commit', '--quiet', '--message', 'Not on main');
    expect(check('v1.2.3')).toMatchObject({ status: 1, stdout: expect.stringContaining('not on a commit of main') });
  });

  test('publishes dist/ with the two tags, one commit above main, and leaves main without it', () => {
    const source = at('main');
    release('v1.2.3');
    for (const tag of ['v1.2.3', 'v1']) {
      expect(at(`${tag}~1`)).toBe(source);
      expect(git('origin.git', 'show', `${tag}:dist/action.js`)).toBe('built');
    }
    expect(at('main')).toBe(source);
    expect(files('main')).toEqual(['.gitignore', 'package.json']);
    expect(files('v1')).toEqual(['.gitignore', 'dist/action.js', 'package.json']);
    expect(readFileSync(join(folder, 'gh.log'), 'utf8')).toMatch(
      /^auth setup-git\nrelease create v1\.2\.3 --verify-tag /,
    );
  });

  test('creates the same commit when it is run again', () => {
    const source = git('checkout', 'rev-parse', 'HEAD');
    release('v1.2.3');
    const first = at('v1.2.3');
    git('checkout', 'checkout', '--quiet', '--force', '--detach', source);
    release('v1.2.3');
    expect(at('v1.2.3')).toBe(first);
    expect(date('v1.2.3')).toBe(date('main'));
  });

  test('leaves v1 where it is when an older release is corrected', () => {
    git('checkout', 'tag', 'v1.10.0');
    git('checkout', 'tag', 'v1');
    git('checkout', 'push', '--quiet', '--tags');
    const before = at('v1');
    release('v1.2.3');
    expect(at('v1')).toBe(before);
    expect(at('v1.2.3')).not.toBe(before);
  });
});

function check(tag: string): SpawnSyncReturns<string> {
  return runStep('build', 'Check that the tag matches the package version and is on main', tag);
}

function release(tag: string): void {
  git('checkout', 'tag', '--force', tag);
  write('checkout/built/dist/action.js', 'built');
  write('checkout/release/sbom.cdx.json', '{}');
  execFileSync('tar', ['-czf', '../release/dist.tar.gz', 'dist'], { cwd: join(folder, 'checkout/built') });
  rmSync(join(folder, 'checkout/built'), { recursive: true });
  const ended = runStep('tag', 'Commit dist/ and move the tags', tag);
  expect(ended, ended.stderr).toMatchObject({ status: 0 });
}

/** Runs a step's script as GitHub does, in the checkout. */
function runStep(job: string, name: string, tag: string): SpawnSyncReturns<string> {
  const script = jobs[job]?.steps.find((step) => step.name === name)?.run;
  expect(script, name).toBeDefined();
  return spawnSync('bash', ['-e', '-c', script ?? ''], {
    cwd: join(folder, 'checkout'),
    encoding: 'utf8',
    env: {
      ...environment(),
      PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
      TAG: tag,
      GH_LOG: join(folder, 'gh.log'),
    },
  });
}

function commit(title: string): void {
  git('checkout', 'add', '.');
  // An old date, so that a commit that takes its time from the clock would differ each time.
  const env = { ...environment(), GIT_COMMITTER_DATE: LONG_AGO };
  execFileSync('git', ['commit', '--quiet', '--message', title], { cwd: join(folder, 'checkout'), env });
  git('checkout', 'push', '--quiet', 'origin', 'HEAD:main');
}

function at(revision: string): string {
  return git('origin.git', 'rev-parse', revision);
}

function date(revision: string): string {
  return git('origin.git', 'log', '-1', '--format=%cI', revision);
}

function files(revision: string): readonly string[] {
  return git('origin.git', 'ls-tree', '-r', '--name-only', revision).split('\n');
}

function git(cwd: string, ...args: readonly string[]): string {
  const options = { cwd: join(folder, cwd), env: environment(), stdio: 'pipe', encoding: 'utf8' } as const;
  return execFileSync('git', args, options).trim();
}

/** Ignores the settings of the user who runs the tests. */
function environment(): Record<string, string> {
  const who = { NAME: 'Somebody', EMAIL: 'somebody@example.com' };
  return {
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    PATH: process.env['PATH'] ?? '',
    ...Object.fromEntries(
      Object.entries(who).flatMap(([name, value]) => [
        [`GIT_AUTHOR_${name}`, value],
        [`GIT_COMMITTER_${name}`, value],
      ]),
    ),
  };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
