import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifestBytes } from '../../src/files/read.ts';

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'connsync-read-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Returns the text of a file, or the code of its error. */
function read(file: string, limit = 1024): string {
  const answer = readManifestBytes(file, limit);
  return 'bytes' in answer ? Buffer.from(answer.bytes).toString() : `${answer.code}: ${answer.message}`;
}

test('reads a whole file, without bytes of the previous one', () => {
  using home = folder();
  writeFileSync(join(home.path, 'long'), 'a long text, é');
  writeFileSync(join(home.path, 'short'), 'b');
  writeFileSync(join(home.path, 'empty'), '');
  expect(['long', 'short', 'empty', 'long'].map((name) => read(join(home.path, name)))).toEqual([
    'a long text, é',
    'b',
    '',
    'a long text, é',
  ]);
});

test('accepts a file of exactly the limit, and no byte more', () => {
  using home = folder();
  const file = join(home.path, 'file');
  writeFileSync(file, 'x'.repeat(1024));
  expect(read(file)).toHaveLength(1024);
  writeFileSync(file, 'x'.repeat(1025));
  expect(read(file)).toBe('file-too-large: the file is larger than 1 KiB');
  expect(read(file, 2048)).toHaveLength(1025);
  truncateSync(file, 2 ** 40);
  expect(read(file, 2 ** 20)).toBe('file-too-large: the file is larger than 1024 KiB');
});

test('reads a file that reports no size', () => {
  expect(read('/proc/self/status', 2 ** 20)).toContain('Name:');
});

describe('does not read a file that is not regular', () => {
  test('a link', () => {
    using home = folder();
    writeFileSync(join(home.path, 'file'), 'secret');
    symlinkSync('file', join(home.path, 'link'));
    expect(read(join(home.path, 'link'))).toContain('linked-file: ');
  });

  test('a pipe without a writer, without waiting', () => {
    using home = folder();
    execFileSync('mkfifo', [join(home.path, 'pipe')]);
    expect(read(join(home.path, 'pipe'))).toContain('linked-file: ');
  });

  test('a device that never ends', () => {
    expect(read('/dev/zero')).toContain('linked-file: ');
  });

  test('a socket', async () => {
    using home = folder();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(home.path, 'socket'), resolve));
    expect(read(join(home.path, 'socket'))).toContain('linked-file: ');
    server.close();
  });

  test('a folder', () => {
    using home = folder();
    mkdirSync(join(home.path, 'folder'));
    expect(read(join(home.path, 'folder'))).toContain('linked-file: ');
  });
});

test("reports a file that can't be opened without its path, and leaks no descriptor", () => {
  using home = folder();
  expect(read(join(home.path, 'gone'))).toBe('unreadable-file: the file does not exist');
  expect(read(join(home.path, 'x'.repeat(300)))).toBe(
    "unreadable-file: connsync can't read the file: ENAMETOOLONG: name too long",
  );
  symlinkSync('loop', join(home.path, 'loop'));
  mkdirSync(join(home.path, 'folder'));
  for (let round = 0; round < 3000; round++) {
    read(join(home.path, 'loop'));
    read(join(home.path, 'folder'));
  }
  writeFileSync(join(home.path, 'file'), 'still fine');
  expect(read(join(home.path, 'file'))).toBe('still fine');
});
