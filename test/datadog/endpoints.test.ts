import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { listEndpoint, mappingEndpoint, writeEndpoint } from '../../src/core/wire/endpoints.ts';
import { urlOf } from '../../src/datadog/transport.ts';

const ORIGIN = 'https://api.datadoghq.eu';

test.each([
  ['billing', 'billing'],
  ['a/b', 'a%2Fb'],
  ['%2e', '%252e'],
  ['%2e%2e', '%252e%252e'],
  ['...', '...'],
  ['a?b#c', 'a%3Fb%23c'],
  ['a\\b', 'a%5Cb'],
  ['naïve ✓', 'na%C3%AFve%20%E2%9C%93'],
  ["it's(*)!~", "it's(*)!~"],
  ['a\nb', 'a%0Ab'],
])('encodes the id %j as the segment %s', (id, segment) => {
  expect(writeEndpoint('remove', { entity: 'users', id })).toEqual({
    method: 'DELETE',
    path: `/api/v2/product-analytics/users/mapping/connection/${segment}`,
  });
});

test.each(['', '.', '..', '\ud800', 'a\udc00'])('rejects %j as a segment', (text) => {
  expect(writeEndpoint('remove', { entity: 'users', id: text })).toBeUndefined();
  for (const write of ['create', 'update', 'remove'] as const)
    expect(writeEndpoint(write, { entity: text, id: 'x' })).toBeUndefined();
  expect(listEndpoint(text)).toBeUndefined();
  expect(mappingEndpoint(text)).toBeUndefined();
});

test('builds the intended URL for any id, and the URL decodes to the id', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      const path = writeEndpoint('remove', { entity: 'users', id })?.path;
      if (path === undefined) return;
      const url = urlOf(ORIGIN, path);
      expect(url.origin).toBe(ORIGIN);
      expect(url.href).toBe(ORIGIN + path);
      const segments = url.pathname.split('/');
      expect(segments).toHaveLength(8);
      expect(decodeURIComponent(segments[7] ?? '')).toBe(id);
    }),
  );
});

test.each([
  '/a/../b',
  '/a/%2e%2e/b',
  '/a/.',
  '//evil.com/a',
  '/\\evil.com',
  '/a?b',
  '/a#b',
  'a',
  '',
  '/a b',
  '/a\nb',
  'https://evil.com/a',
])('rejects a path such as %j as a bug', (path) => {
  expect(() => urlOf(ORIGIN, path)).toThrow('the URL parser changes the path');
});
