import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { walkManifests } from '../../src/files/walk.ts';

/** A temporary folder with some files, removed at the end. */
function folder(...files: readonly string[]) {
  const path = mkdtempSync(join(tmpdir(), 'connsync-walk-'));
  for (const file of files) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), 'x');
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const walk = (cwd: string, folders: readonly string[] = ['connections'], maxFiles = 1000) =>
  walkManifests(folders, { cwd, maxFiles });

test('finds manifests by extension at every depth, sorted by code unit', () => {
  using home = folder(
    'connections/b.yml',
    'connections/a.yaml',
    'connections/Z.json',
    'connections/users/a.yaml',
    'connections/users-x.yaml',
    'connections/é.yaml',
    'connections/1/2/3/deep.yaml',
    'connections/README.md',
    'connections/a.yaml.bak',
    'other/c.yaml',
  );
  expect(walk(home.path)).toEqual({
    files: [
      'connections/1/2/3/deep.yaml',
      'connections/Z.json',
      'connections/a.yaml',
      'connections/b.yml',
      'connections/users-x.yaml',
      'connections/users/a.yaml',
      'connections/é.yaml',
    ],
    problems: [],
    missing: [],
  });
});

test("ignores hidden files and folders, and editors' swap files", () => {
  using home = folder(
    'connections/.hidden.yaml',
    'connections/.git/x.yaml',
    'connections/.a.yaml.swp',
    'connections/.#a.yaml',
    'connections/a.yaml~',
    'connections/#a.yaml#',
    'connections/~$a.yaml',
    'connections/a.yaml.swp',
    'connections/4913',
    'connections/a.yaml',
  );
  expect(walk(home.path)).toEqual({ files: ['connections/a.yaml'], problems: [], missing: [], unread: [] });
});

describe('links and special files', () => {
  test('are never followed, and are reported if they look like manifests', () => {
    using home = folder('connections/a.yaml', 'outside/b.yaml');
    symlinkSync('../outside/b.yaml', join(home.path, 'connections/link.yaml'));
    symlinkSync('nowhere', join(home.path, 'connections/broken.json'));
    symlinkSync('/etc', join(home.path, 'connections/etc'));
    symlinkSync('.', join(home.path, 'connections/loop'));
    symlinkSync('/etc', join(home.path, 'connections/etc.yaml'));
    execFileSync('mkfifo', [join(home.path, 'connections/pipe.yml')]);
    execFileSync('mkfifo', [join(home.path, 'connections/pipe')]);
    const { files, problems } = walk(home.path);
    expect(files).toEqual(['connections/a.yaml']);
    expect(problems.map(({ code, severity, file }) => `${severity} ${code} ${file}`).toSorted()).toEqual([
      'warning linked-file connections/broken.json',
      'warning linked-file connections/etc',
      'warning linked-file connections/etc.yaml',
      'warning linked-file connections/link.yaml',
      'warning linked-file connections/loop',
      'warning linked-file connections/pipe.yml',
    ]);
  });

  test('may be the given folder itself', () => {
    using home = folder('real/a.yaml');
    symlinkSync('real', join(home.path, 'connections'));
    expect(walk(home.path).files).toEqual(['connections/a.yaml']);
  });
});

describe('several folders', () => {
  test('give each file once, however it is reached', () => {
    using home = folder('connections/users/a.yaml', 'connections/b.yaml', 'more/c.yaml');
    symlinkSync('connections', join(home.path, 'same'));
    const folders = ['./connections/', 'connections/users', 'more', 'same', join(home.path, 'more')];
    expect(walk(home.path, folders).files).toEqual(['connections/b.yaml', 'connections/users/a.yaml', 'more/c.yaml']);
  });

  test('that do not exist are returned as they were given', () => {
    using home = folder('connections/a.yaml');
    expect(walk(home.path, ['./nowhere', 'connections', 'no/where'])).toEqual({
      files: ['connections/a.yaml'],
      problems: [],
      unread: [],
      missing: ['./nowhere', 'no/where'],
    });
  });
});

test('returns paths relative to the working directory, also outside it', () => {
  using home = folder('connections/a.yaml', 'work/b.yaml');
  expect(walk(join(home.path, 'work'), ['../connections', '.']).files).toEqual(['../connections/a.yaml', 'b.yaml']);
  expect(walk(join(home.path, 'connections'), ['.']).files).toEqual(['a.yaml']);
});

test("reports a folder that is a file or can't be read", () => {
  using home = folder('connections/a.yaml');
  const { files, problems, missing } = walk(home.path, ['connections/a.yaml', 'connections/a.yaml/x', 'x'.repeat(300)]);
  expect({ files, missing }).toEqual({ files: [], missing: [] });
  expect(problems.map(({ code, file }) => `${code} ${file}`)).toEqual([
    'unreadable-file connections/a.yaml',
    'unreadable-file connections/a.yaml/x',
    `unreadable-file ${'x'.repeat(300)}`,
  ]);
  expect(problems[0]?.message).toContain('ENOTDIR');
  expect(problems[0]?.message).not.toContain(home.path);
});

function deep(levels: number): string {
  return Array.from({ length: levels }, (_, index) => `d${index + 1}`).join('/');
}

test('accepts folders sixteen levels deep, and not seventeen', () => {
  using home = folder(`connections/${deep(16)}/a.yaml`, `connections/${deep(17)}/b.yaml`);
  const { files, problems } = walk(home.path);
  expect(files).toEqual([`connections/${deep(16)}/a.yaml`]);
  expect(problems.map(({ code, file }) => `${code} ${file}`)).toEqual([`folder-too-deep connections/${deep(17)}`]);
});

test('reports too many files once', () => {
  using home = folder(...Array.from({ length: 12 }, (_, index) => `connections/f${index % 3}/${index}.yaml`));
  expect(walk(home.path, ['connections'], 12).problems).toEqual([]);
  const { files, problems } = walk(home.path, ['connections', 'connections/f1'], 5);
  expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'too-many-files: there are more than 5 manifests',
  ]);
  expect(files.length).toBeLessThanOrEqual(6);
});

test('every problem has a position and a hint', () => {
  using home = folder('connections/a.yaml');
  symlinkSync('a.yaml', join(home.path, 'connections/b.yaml'));
  const { problems } = walk(home.path);
  expect(problems).toEqual([
    {
      code: 'linked-file',
      severity: 'warning',
      message: 'connections/b.yaml is a link, so connsync does not read it',
      hint: 'replace it with the manifest itself, or delete it',
      file: 'connections/b.yaml',
      line: 1,
      column: 1,
    },
  ]);
});
