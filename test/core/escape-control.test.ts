import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  escapeControlJson,
  escapeControl,
  escapeControlLines,
  escapeControlText,
} from '../../src/core/escape-control.ts';

describe('control characters are shown as visible text', () => {
  test.each([
    ['\u001B[2J', '\\u{1b}[2J'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\u{d}d'],
    ['\u202Eevil', '\\u{202e}evil'],
    ['\u009B31m', '\\u{9b}31m'],
    ['zero\u200Bwidth', 'zero\\u{200b}width'],
    ['tag\u{E0041}', 'tag\\u{e0041}'],
    ['half \uD800 pair', 'half \\u{d800} pair'],
    ['##[error]x', '#\\u{23}[error]x'],
    ['Größe 名前 \u{1F600}', 'Größe 名前 \u{1F600}'],
  ])('%j is %j', (text, expected) => {
    expect(escapeControl(text)).toBe(expected);
  });

  test('in a frame each such character keeps its single column', () => {
    expect(escapeControlLines('a\tb\u001B\r\nc\u202Ed')).toBe('a b\uFFFD\nc\uFFFDd');
    expect(escapeControlLines('a ##[error]b')).toBe('a ##\uFFFDerror]b');
  });

  test('no line of multi-line output starts a CI runner command', () => {
    expect(escapeControlText('a\n  ::error::b\n\u001B')).toBe('a\n  \\u{3a}:error::b\n\\u{1b}');
  });

  test('JSON output parses to the same value and contains no control characters', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u202E', '\u{E0041}', '##[x', '\u0085', '\uFEFF', '\u001B'),
    );
    fc.assert(
      fc.property(fc.array(fc.dictionary(texts, texts)), fc.constantFrom(undefined, 2), (value, indent) => {
        const json = escapeControlJson(value, indent);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        for (const line of json.split('\n')) expect(escapeControl(line)).toBe(line);
      }),
    );
  });
});
