import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const SCRIPTS = join(import.meta.dirname, '../../.ci');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connsync-checks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the check of sizes', () => {
  test.each([
    ['a file with 300 lines', fileOf(300), []],
    ['a file with 301 lines', fileOf(301), ['src/a.ts:1: the file has 301 lines, and at most 300 are allowed']],
    ['a function with 60 lines', functionOf(60), []],
    ['a function with 61 lines', functionOf(61), ['src/a.ts:1: f has 61 lines, and at most 60 are allowed']],
    [
      'a long method',
      `class A {\n${functionOf(61).replace('function ', '')}}\n`,
      ['src/a.ts:2: f has 61 lines, and at most 60 are allowed'],
    ],
    [
      'a long arrow function inside a short one',
      `const f = () => 1;\nconst g = ${functionOf(61).replace('function f()', '() =>')}`,
      ['src/a.ts:2: g has 61 lines, and at most 60 are allowed'],
    ],
    [
      'a wrapper, which counts with its nested function',
      `function g() {\n${functionOf(59)}}\n${functionOf(3)}`,
      ['src/a.ts:1: g has 61 lines, and at most 60 are allowed'],
    ],
    ['a long object of data', `const data = {\n${'  a: 1,\n'.repeat(100)}};\n`, []],
  ])('%s', (_, text, expected) => {
    write('src/a.ts', text);
    expect(check('check-sizes.mjs')).toEqual(expected);
  });

  test('ignores generated files', () => {
    write('src/a.ts', '');
    write('src/a.gen.ts', fileOf(400));
    expect(check('check-sizes.mjs')).toEqual([]);
  });

  test.each([
    ['accepts an exception at its size', { 'src/a.ts:f': 61 }, []],
    ['rejects a function that grew', { 'src/a.ts:f': 60 }, ['src/a.ts:1: f has 61 lines, and at most 60 are allowed']],
    [
      'rejects an exception that is no longer needed',
      { 'src/a.ts:f': 61, 'src/a.ts': 301 },
      ['src/a.ts no longer needs an exception. Remove it from .ci/check-sizes.mjs.'],
    ],
  ])('%s', (_, exceptions, expected) => {
    write('src/a.ts', functionOf(61));
    expect(check('check-sizes.mjs', JSON.stringify(exceptions))).toEqual(expected);
  });

  test('rejects an eleventh exception', () => {
    const exceptions = Array.from({ length: 11 }, (_, index) => [`src/a${index}.ts`, 301] as const);
    for (const [file, lines] of exceptions) write(file, fileOf(lines));
    expect(check('check-sizes.mjs', JSON.stringify(Object.fromEntries(exceptions)))).toEqual([
      '.ci/check-sizes.mjs has 11 exceptions, and at most 10 are allowed',
    ]);
  });
});

describe('the check of words', () => {
  test.each([
    ['a comment', 'src/a.ts', '// Nobody reads it.\n', ['src/a.ts:1: nobody']], // word-ok: a bad sample
    ['a comment in an empty block', 'src/a.ts', 'try {\n} catch {\n  // told\n}\n', ['src/a.ts:3: told']], // word-ok: a bad sample
    ['a string', 'src/a.ts', "\nexport const a = 'it stands here';\n", ['src/a.ts:2: stands']], // word-ok: a bad sample
    ['a template', 'src/a.ts', 'export const a = `${b} can not ${c}`;\n', ['src/a.ts:1: can not']], // word-ok: a bad sample
    ['a word in an identifier', 'src/a.ts', 'export const isTold = 1;\n', ['src/a.ts:1: told']], // word-ok: a bad sample
    ['a phrase across two lines', 'src/a.ts', '// The reader is\n// told.\n', ['src/a.ts:1: is told']], // word-ok: a bad sample
    ['a test name', 'test/a.test.ts', "test('is told', () => {});\n", ['test/a.test.ts:1: is told']], // word-ok: a bad sample
    ['a label', 'test/a.test.ts', "test.each([['anew', 1]])('%s', f);\n", ['test/a.test.ts:1: anew']], // word-ok: a bad sample
    ['a document', 'docs/a.md', 'It\nTELLS them.\n', ['docs/a.md:2: tells']], // word-ok: a bad sample
    ['a workflow', '.github/workflows/a.yml', 'name: anew\n', ['.github/workflows/a.yml:1: anew']], // word-ok: a bad sample
    ['a schema', 'schemas/a.json', '{ "title": "whoever" }\n', ['schemas/a.json:1: whoever']], // word-ok: a bad sample
    ['a comment of a tool', '.ci/a.sh', 'echo mend # mended\n', ['.ci/a.sh:1: mended']], // word-ok: a bad sample
  ])('reports %s', (_, file, text, expected) => {
    write(file, text);
    expect(check('check-words.mjs')).toEqual(expected);
  });

  test.each([
    ['longer words', 'src/a.ts', '// It recommends what was foretold, and cannot renew a new one.\n'],
    ['a string in a test', 'test/a.test.ts', "expect(a).toBe('told');\n"], // word-ok: a good sample
    ['a string in a tool', '.ci/a.mjs', "console.log('told');\n"], // word-ok: a good sample
    ['a generated file', 'src/a.gen.ts', '// told\n'], // word-ok: a good sample
    ['a line with a reason', 'src/a.ts', "export const a = 'told'; // word-ok: a quotation\n"],
    ['a line of a document with a reason', 'README.md', 'It is told. <!-- word-ok: a quotation -->\n'],
    ['a line of YAML with a reason', 'action.yml', 'name: told # word-ok: a quotation\n'],
  ])('accepts %s', (_, file, text) => {
    write('CHANGELOG.md', '');
    write(file, text);
    expect(check('check-words.mjs')).toEqual([]);
  });

  test('rejects an opt-out without a reason', () => {
    write('src/a.ts', '// told word-ok:\n');
    expect(check('check-words.mjs')).toEqual(['src/a.ts:1: told']);
  });
});

test.each(['check-sizes.mjs', 'check-words.mjs'])('%s fails on a folder without files', (script) => {
  mkdirSync(join(folder, 'src'));
  expect(check(script)).toHaveLength(1);
});

/** Runs a check on the folder. Returns the problems that it reports; its exit code must match. */
function check(script: string, ...args: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(SCRIPTS, script), folder, ...args], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  const problems = stderr.split('\n').slice(0, -1);
  expect(status).toBe(problems.length === 0 ? 0 : 1);
  return problems;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function fileOf(lines: number): string {
  return 'export {};\n'.repeat(lines);
}

function functionOf(lines: number): string {
  return `function f() {\n${'  f();\n'.repeat(lines - 2)}}\n`;
}
