import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grepFor } from './rig/grep-for.ts';

const SECRET = 'gh/s+ecret-token=1';

test.each([
  ['plain', SECRET],
  ['base64', Buffer.from(SECRET).toString('base64')],
  ['base64', Buffer.from(`x-access-token:${SECRET}`).toString('base64')],
  ['base64', Buffer.from(`a:${SECRET} and more`).toString('base64')],
  ['base64', Buffer.from(SECRET).toString('base64url')],
  ['url', encodeURIComponent(SECRET)],
  ['hex', Buffer.from(SECRET).toString('hex')],
])('a secret is found as %s: %s', (form, text) => {
  expect(grepFor({ token: SECRET }, { stdout: `before ${text} after` })).toContainEqual({
    secret: 'token',
    form,
    where: 'stdout',
  });
});

test('its base64 is found regardless of the surrounding bytes', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 8 }), fc.string(), (before, secret, after) => {
      const text = Buffer.from(before + secret + after).toString('base64');
      expect(grepFor({ secret }, { text })).toContainEqual({ secret: 'secret', form: 'base64', where: 'text' });
    }),
  );
});

test('files and folders are searched, and nothing is found if there is nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-grep-'));
  try {
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    writeFileSync(join(folder, 'clean'), gzipSync('nothing'));
    expect(grepFor({ token: SECRET }, { stdout: 'ghsecret' }, folder)).toEqual([]);
    writeFileSync(join(folder, 'deep/er/bytes'), Buffer.concat([Buffer.from([0, 255, 254]), Buffer.from(SECRET)]));
    expect(grepFor({ token: SECRET }, {}, folder)).toEqual([
      { secret: 'token', form: 'plain', where: join(folder, 'deep/er/bytes') },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
