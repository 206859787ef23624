import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifestPath } from '../../../src/files/manifest-text/path.ts';

function hashed(id: string): string {
  return `_${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

describe('uses an id as the file name', () => {
  test.each([
    'crm-contacts',
    'a b',
    'ünï',
    '_x',
    'x.yaml',
    'console',
    'com',
    'com10',
    'a.con',
    'nul_',
    'x'.repeat(195),
    '😀',
  ])('%s', (id) => {
    expect(manifestPath('connections', 'users', id)).toBe(`connections/users/${id}.yaml`);
  });
});

describe('replaces an id that is not a portable file name, or would not be read', () => {
  test.each([
    '.hidden',
    '.',
    '..',
    '~a',
    'x'.repeat(196),
    'ä'.repeat(98),
    'a/b',
    '../../etc/passwd',
    'a\\b',
    'a:b',
    'a|b',
    'a?b',
    'a*b',
    'a<b',
    'a>b',
    'a"b',
    'a\u0000b',
    'a\nb',
    'a\u202Eb',
    '\uD800',
    'con',
    'NUL',
    'Com1',
    'lpt9.x',
    'aux.tar.gz',
  ])('%j', (id) => {
    expect(manifestPath('connections', 'users', id)).toBe(`connections/users/${hashed(id)}.yaml`);
  });
});

test.each([
  ['connections/', 'connections/users/a.yaml'],
  ['.', 'users/a.yaml'],
  ['a\\b', 'a/b/users/a.yaml'],
  ['/x', '/x/users/a.yaml'],
  ['../x', '../x/users/a.yaml'],
])('the folder %s gives %s', (dir, path) => {
  expect(manifestPath(dir, 'users', 'a')).toBe(path);
});

test("an entity can't lead out of the folder either", () => {
  expect(manifestPath('c', '..', 'a')).toBe(`c/${hashed('..')}/a.yaml`);
  expect(basename(manifestPath('c', 'a/b', 'a'))).toBe('a.yaml');
  expect(manifestPath('c', 'a/b', 'a').split('/')).toHaveLength(3);
});
