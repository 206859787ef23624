import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText } from '../../src/manifest/load.ts';

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));

describe('text in UTF-8', () => {
  test.each([
    ['plain', bytes('id: a\n'), 'id: a\n'],
    ['empty', bytes(), ''],
    ['one byte', bytes('a'), 'a'],
    ['every width of character', bytes('é€😀'), 'é€😀'],
    ['a byte order mark, which is left out', bytes([0xef, 0xbb, 0xbf], 'id: a\r\n'), 'id: a\r\n'],
    ['two byte order marks, of which one is left out', bytes('\uFEFF\uFEFFid'), '\uFEFFid'],
  ])('is decoded: %s', (_, input, text) => {
    expect(decodeText(input, 'a.yaml')).toEqual({ text });
  });

  test('is decoded completely, whatever it contains', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => !/^(?:\uFEFF|\0|.\0)/su.test(text)),
        (text) => {
          expect(decodeText(bytes(text), 'a.yaml')).toEqual({ text });
        },
      ),
    );
  });
});

describe('rejects bytes that are not UTF-8, at their position', () => {
  test.each([
    ['a byte that begins nothing', bytes('id: a\nx: é', [0xff], '\n'), 2, 5, '0xff'],
    ['a character of Latin-1', bytes('# ', [0xe9], ' x\n'), 1, 3, '0xe9'],
    ['a character that is cut off by another', bytes('a\n\nb', [0xe2, 0x82], 'c'), 3, 2, '0xe2'],
    ['a character that is cut off by the end', bytes('ab', [0xf0, 0x9f, 0x98]), 1, 3, '0xf0'],
    ['an overlong slash', bytes('id: ', [0xc0, 0xaf]), 1, 5, '0xc0'],
    ['an encoded surrogate', bytes('id: ', [0xed, 0xa0, 0x80]), 1, 5, '0xed'],
    ['after a character of two code units', bytes('😀', [0x80]), 1, 3, '0x80'],
    ['after a byte order mark', bytes('\uFEFFab', [0x80]), 1, 3, '0x80'],
  ])('%s', (_, input, line, column, byte) => {
    const decoded = decodeText(input, 'a.yaml');
    expect(decoded).toMatchObject({
      problem: { code: 'not-utf8', file: 'a.yaml', line, column, endColumn: column + 1 },
    });
    expect('problem' in decoded && decoded.problem.message).toContain(byte);
    expect('problem' in decoded && decoded.problem.hint).toBe('save the file as UTF-8');
  });

  test.each([
    ['with its mark, little end first', bytes([0xff, 0xfe, 0x69, 0x00])],
    ['with its mark, big end first', bytes([0xfe, 0xff, 0x00, 0x69])],
    ['without a mark, little end first', bytes([0x69, 0x00, 0x64, 0x00])],
    ['without a mark, big end first', bytes([0x00, 0x69, 0x00, 0x64])],
  ])('recognises UTF-16: %s', (_, input) => {
    const decoded = decodeText(input, 'a.yaml');
    expect(decoded).toMatchObject({ problem: { code: 'not-utf8', line: 1, column: 1 } });
    expect('problem' in decoded && decoded.problem.message).toContain('UTF-16');
  });

  test('any bytes give text or a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
        const decoded = decodeText(input, 'a.yaml');
        if ('text' in decoded) expect(bytes(decoded.text).length).toBeGreaterThanOrEqual(input.length - 3);
        else expect(decoded.problem.code).toBe('not-utf8');
      }),
      { numRuns: 2000 },
    );
  });
});
