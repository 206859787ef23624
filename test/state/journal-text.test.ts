import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJournal, printLine, type Line } from '../../src/state/journal-text.ts';

const BASE: Line = { seq: 1, t: 0, state: 'base', version: 'v1' };
const INTENT: Line = {
  seq: 2,
  t: 1_700_000_000_000,
  state: 'intent',
  intent: { op: 'delete', key: 'users/a', digest: 'd', target: { site: 'datadoghq.com' } },
};
const DONE: Line = { seq: 3, t: 2, state: 'done', key: 'users/a', digest: 'd' };

/** Returns a line with a valid checksum and any contents. */
const sealed = (json: string): string => `${json.slice(0, -1)},"crc":"${crc32(json).toString(16).padStart(8, '0')}"}\n`;

describe('a line', () => {
  test('is JSON with its checksum last', () => {
    const json = '{"seq":1,"t":0,"state":"base","version":"v1"}';
    expect(printLine(BASE)).toBe(sealed(json));
    expect(printLine(BASE)).toMatchInlineSnapshot(`
      "{"seq":1,"t":0,"state":"base","version":"v1","crc":"353608ce"}
      "
    `);
  });

  test('has a checksum of eight digits, also with leading zeros', () => {
    const short = Array.from({ length: 5_000 }, (_, seq): Line => ({ ...DONE, seq })).find(
      (line) => crc32(JSON.stringify(line)) < 0x10_0000,
    );
    expect(short).toBeDefined();
    const text = printLine(short as Line);
    expect(text).toMatch(/,"crc":"000[0-9a-f]{5}"\}\n$/);
    expect(parseJournal(text)).toEqual({ lines: [short] });
  });
});

describe('a journal', () => {
  const whole = [BASE, INTENT, DONE].map(printLine).join('');

  test('reads as it was written', () => {
    expect(parseJournal(whole)).toEqual({ lines: [BASE, INTENT, DONE] });
    expect(parseJournal('')).toEqual({ lines: [] });
  });

  test('torn at any point gives its complete lines', () => {
    const ends = [BASE, INTENT, DONE].map(
      (_, index, all) =>
        all
          .slice(0, index + 1)
          .map(printLine)
          .join('').length,
    );
    for (let length = 0; length <= whole.length; length += 1) {
      // A line without its final newline is also complete.
      const complete = ends.filter((end) => end - 1 <= length).length;
      expect(parseJournal(whole.slice(0, length)), `${length} characters`).toEqual({
        lines: [BASE, INTENT, DONE].slice(0, complete),
      });
    }
  });

  test.each([
    ['one line', 'torn'],
    ['several lines', 'torn\n{"seq":1}\n\n'],
    ['noughts, as a file system may leave them', '\0'.repeat(100)],
  ])('drops %s of garbage at its end', (_, rubbish) => {
    expect(parseJournal(`${whole}${rubbish}`)).toEqual({ lines: [BASE, INTENT, DONE] });
  });

  test.each([
    ['the first line', 1, `rubbish\n${whole}`],
    ['a line in the middle', 2, `${printLine(BASE)}rubbish\n${printLine(DONE)}`],
    ['an empty line in the middle', 3, `${printLine(BASE)}${printLine(INTENT)}\n${printLine(DONE)}`],
    ['two lines in the middle', 2, `${printLine(BASE)}rubbish\nmore\n${printLine(DONE)}`],
  ])('is damaged, with the line number, if %s is bad and a good one follows', (_, damagedLine, text) => {
    expect(parseJournal(text)).toEqual({ damagedLine });
  });

  test('with one changed letter is damaged, or loses its last line', () => {
    const first = printLine(BASE).length;
    for (let at = 0; at < whole.length; at += 1) {
      if (whole[at] === '\n') continue;
      const changed = `${whole.slice(0, at)}${whole[at] === 'x' ? 'y' : 'x'}${whole.slice(at + 1)}`;
      const parsed = parseJournal(changed);
      if (at < first) expect(parsed).toEqual({ damagedLine: 1 });
      else if (at < first + printLine(INTENT).length) expect(parsed).toEqual({ damagedLine: 2 });
      else expect(parsed).toEqual({ lines: [BASE, INTENT] });
    }
  });

  test.each([
    ['a checksum in capitals', (text: string) => text.replace(/[0-9a-f]{8}(?="\}$)/, (crc) => crc.toUpperCase())],
    ['a letter behind it', (text: string) => `${text} `],
    ['a checksum of nine digits', (text: string) => text.replace('"crc":"', '"crc":"0')],
    ['a checksum of seven digits', (text: string) => text.replace(/(?<="crc":")./, '')],
    ['no checksum', (text: string) => text.replace(/,"crc".*$/, '}')],
  ])('treats a line with %s as bad', (_, change) => {
    const line = [...Array(50).keys()]
      .map((seq) => printLine({ ...DONE, seq }).trimEnd())
      .find((text) => /[a-f].*"\}$/.test(text.slice(-10))) as string;
    expect(parseJournal(`${change(line)}\n`)).toEqual({ lines: [] });
    expect(parseJournal(`${change(line)}\n${printLine(BASE)}`)).toEqual({ damagedLine: 1 });
  });

  test('may contain any text in its values, including newlines and checksums', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\n', '"}', ',"crc":"00000000"}', '\u2028'),
    );
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), (keys) => {
        const lines = keys.map((key, seq): Line => ({ ...DONE, seq, key }));
        expect(parseJournal(lines.map(printLine).join(''))).toEqual({ lines });
      }),
    );
  });
});
