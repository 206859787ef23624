import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJournal, printLine, type Line } from '../../src/state/journal-text.ts';

const FIRST: Line = { seq: 1, t: 0, state: 'failed', key: 'users/z', digest: 'e' };
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
    const json = '{"seq":1,"t":0,"state":"failed","key":"users/z","digest":"e"}';
    expect(printLine(FIRST)).toBe(sealed(json));
  });

  test('has a checksum of eight digits, also with leading zeros', () => {
    const short = Array.from({ length: 5_000 }, (_, seq): Line => ({ ...DONE, seq })).find(
      (line) => crc32(JSON.stringify(line)) < 0x10_0000,
    );
    expect(short).toBeDefined();
    const text = printLine(short as Line);
    expect(text).toMatch(/,"crc":"000[0-9a-f]{5}"\}\n$/);
    expect(parseJournal(text)).toMatchObject({ lines: [short] });
  });
});

describe('a journal', () => {
  const whole = [FIRST, INTENT, DONE].map(printLine).join('');

  test('reads as it was written', () => {
    expect(parseJournal(whole)).toEqual({ lines: [FIRST, INTENT, DONE], bytes: whole.length, endsInLine: false });
    expect(parseJournal('')).toEqual({ lines: [], bytes: 0, endsInLine: false });
  });

  test('torn at any point gives its complete lines', () => {
    const ends = [FIRST, INTENT, DONE].map(
      (_, index, all) =>
        all
          .slice(0, index + 1)
          .map(printLine)
          .join('').length,
    );
    for (let length = 0; length <= whole.length; length += 1) {
      // A line without its final newline is also complete.
      const complete = ends.filter((end) => end - 1 <= length).length;
      const end = ends[complete - 1] ?? 0;
      expect(parseJournal(whole.slice(0, length)), `${length} characters`).toEqual({
        lines: [FIRST, INTENT, DONE].slice(0, complete),
        bytes: Math.min(length, end),
        endsInLine: complete > 0 && length === end - 1,
      });
    }
  });

  test.each([
    ['one line', 'torn'],
    ['several lines', 'torn\n{"seq":1}\n\n'],
    ['noughts, as a file system may leave them', '\0'.repeat(100)],
  ])('drops %s of garbage at its end', (_, rubbish) => {
    expect(parseJournal(`${whole}${rubbish}`)).toMatchObject({ lines: [FIRST, INTENT, DONE], bytes: whole.length });
  });

  test.each([
    ['the first line', 1, `rubbish\n${whole}`],
    ['a line in the middle', 2, `${printLine(FIRST)}rubbish\n${printLine(DONE)}`],
    ['an empty line in the middle', 3, `${printLine(FIRST)}${printLine(INTENT)}\n${printLine(DONE)}`],
    ['two lines in the middle', 2, `${printLine(FIRST)}rubbish\nmore\n${printLine(DONE)}`],
  ])('is damaged, with the line number, if %s is bad and a good one follows', (_, damagedLine, text) => {
    expect(parseJournal(text)).toMatchObject({ damagedLine });
  });

  test('with one changed letter is damaged, or loses its last line', () => {
    const first = printLine(FIRST).length;
    for (let at = 0; at < whole.length; at += 1) {
      if (whole[at] === '\n') continue;
      const changed = `${whole.slice(0, at)}${whole[at] === 'x' ? 'y' : 'x'}${whole.slice(at + 1)}`;
      const parsed = parseJournal(changed);
      if (at < first) expect(parsed).toMatchObject({ damagedLine: 1 });
      else if (at < first + printLine(INTENT).length) expect(parsed).toMatchObject({ damagedLine: 2 });
      else expect(parsed).toMatchObject({ lines: [FIRST, INTENT] });
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
    expect(parseJournal(`${change(line)}\n`)).toMatchObject({ lines: [] });
    expect(parseJournal(`${change(line)}\n${printLine(FIRST)}`)).toMatchObject({ damagedLine: 1 });
  });

  test('may contain any text in its values, including newlines and checksums', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\n', '"}', ',"crc":"00000000"}', '\u2028'),
    );
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), (keys) => {
        const lines = keys.map((key, seq): Line => ({ ...DONE, seq, key: `users/x${key}` }));
        expect(parseJournal(lines.map(printLine).join(''))).toMatchObject({ lines });
      }),
    );
  });

  test.each([
    ['an empty intent', '{"seq":2,"t":1,"state":"intent","intent":{}}'],
    ['an unknown operation', JSON.stringify({ ...INTENT, intent: { ...INTENT.intent, op: 'rename' } })],
    ['a key without a slash', JSON.stringify({ ...DONE, key: 'users' })],
    ['an unknown state', JSON.stringify({ ...DONE, state: 'base' })],
  ])('is damaged by a line with a valid checksum and %s', (_, json) => {
    expect(parseJournal(`${printLine(FIRST)}${sealed(json)}`)).toMatchObject({ damagedLine: 2 });
  });
});
