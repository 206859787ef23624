import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readErrorText } from '../../src/datadog/error-text.ts';
import { growth, LINEAR } from '../rig/growth.ts';

const plain = (text: string): string => text;

describe('an error body', () => {
  test.each<[unknown, string | undefined]>([
    [{ errors: ['Forbidden'] }, 'Forbidden'],
    [{ errors: ['one', 'two'] }, 'one; two'],
    [{ errors: [{ title: 'Invalid', detail: 'join_type is unknown' }] }, 'Invalid: join_type is unknown'],
    [{ errors: [{ title: 'Same', detail: 'Same' }] }, 'Same'],
    [{ errors: [{ detail: 'only detail' }] }, 'only detail'],
    [{ errors: [{ title: 'only title', status: '400' }] }, 'only title'],
    [{ errors: [{ code: 'E42' }] }, 'code E42'],
    [{ errors: [{ detail: 'bad', source: { pointer: '/data/attributes/type' } }] }, 'bad (at /data/attributes/type)'],
    [{ errors: [{ detail: 'bad', source: { parameter: 'entity' }, meta: { x: 1 } }] }, 'bad (at entity)'],
    [{ errors: [null, 7, {}, 'words', { meta: {} }] }, 'words'],
    [{ errors: 'one text' }, 'one text'],
    [{ errors: { title: 'an object' } }, 'an object'],
    [{ error: { code: 'X', message: 'said so' } }, 'said so'],
    [{ error: 'plain' }, 'plain'],
    [{ errors: [], error: 'second' }, 'second'],
    [{ status: 'error', code: 403, errors: ['Forbidden'], statuspage: 'http://status' }, 'Forbidden'],
    [{ message: 'top' }, 'top'],
    [['a', { detail: 'b' }], 'a; b'],
    ['a JSON text', 'a JSON text'],
    [{}, undefined],
    [[], undefined],
    [null, undefined],
    [7, undefined],
    [{ errors: [] }, undefined],
    [{ errors: [[['deep']]] }, undefined],
  ])('%j gives %s', (body, message) => {
    expect(readErrorText(JSON.stringify(body), plain).message).toBe(message);
  });

  test.each([
    ['', undefined],
    ['   \n', undefined],
    ['plain text', 'plain text'],
    ['{"errors":["cut', '{"errors":["cut'],
    ['a\u001b[31mred\u0000\r\n::error::x\u202ey', 'a [31mred ::error::x y'],
    [
      '<!DOCTYPE html><html><head><title>t</title><style>p{}</style></head><body><script>alert(1)</script><h1>403&nbsp;Forbidden</h1><p>Request &lt;blocked&gt; &amp; logged</p></body></html>',
      '403 Forbidden Request <blocked> & logged',
    ],
    ['<p>before<script>never closed', 'before'],
    ['<p>1 < 2</p>', '1 < 2'],
    ['<header>kept</header> <HEAD>not</HEAD > İİİ <SCRIPT>no</SCRIPT>too', 'kept İİİ too'],
    ['x < y', 'x < y'],
  ])('%j gives %j', (body, message) => {
    expect(readErrorText(body, plain).message).toBe(message);
  });

  test('that was truncated is redacted before its markup is removed, because a key may contain what looks like a tag', () => {
    const redact = (text: string): string => text.replaceAll('k3y<nxp]oA>s3cret', '[redacted]');
    expect(readErrorText('{"errors":["for k3y<nxp]oA>s3cret, <b>and', redact).message).toBe(
      '{"errors":["for [redacted], and',
    );
  });

  test('is shortened only after redaction', () => {
    const body = JSON.stringify({ errors: [`${'x'.repeat(490)}SECRETSECRETSECRET tail`] });
    const { message = '' } = readErrorText(body, (text) => text.replaceAll('SECRETSECRETSECRET', '*'));
    expect(message).not.toContain('SECRET');
    expect(readErrorText('y'.repeat(70_000), plain).message).toHaveLength(500);
    expect(readErrorText('y'.repeat(70_000), plain).message?.endsWith('…')).toBe(true);
  });

  test('gives the request id of its first error', () => {
    const body = '{"errors":[{"id":"req-1","detail":"d"},{"id":"req-2","detail":"e"}]}';
    expect(readErrorText(body, plain)).toEqual({ message: 'd; e', requestId: 'req-1' });
    expect(readErrorText('{"errors":["x"]}', plain)).not.toHaveProperty('requestId');
  });

  test('never makes the parser throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constantFrom('<', '<a', '</', '<script', '&', '\ud800')),
        (body) => {
          const { message = 'none' } = readErrorText(body, plain);
          expect(message.length).toBeLessThanOrEqual(500);
          expect(message).toMatch(/^\P{Cc}+$/u);
        },
      ),
    );
  });

  test.each(['<script', '<', '<a ', '&lt', '</script', '[', '{"errors":[', ' ', '<head><'])(
    'made only of %j is parsed quickly',
    async (piece) => {
      const made = (size: number): string => piece.repeat(size / piece.length);
      expect(await growth(made, (text) => readErrorText(text, plain), 65_536)).toBeLessThan(LINEAR);
    },
  );
});
