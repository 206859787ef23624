import { expect, test } from 'vitest';
import { clip, code, inlineProse, proseLines } from '../../src/reporters/markdown/escape.ts';
import { growth } from '../rig/growth.ts';

test.each([
  ['users/customer_tier', 'users/customer_tier'],
  ['a & b < c > d | e', 'a &amp; b &lt; c &gt; d &#124; e'],
  ['<!-- connsync:default -->', '&lt;!-- connsync:default --&gt;'],
  ['`rm`', '&#96;rm&#96;'],
  ['_a_ **b** ~c~ $d$', '&#95;a&#95; &#42;&#42;b&#42;&#42; &#126;c&#126; &#36;d&#36;'],
  ['![x](http://evil.example)', '!&#91;x](http&#58;//evil.example)'],
  ['WWW.evil.example', 'WWW&#46;evil.example'],
  ['a\\|b', 'a&#92;&#124;b'],
  ['a\nb\r\tc', 'a&#92;nb&#92;u{d}&#92;tc'],
  ['\u202Eabc\u0000\u001B', '&#92;u{202e}abc&#92;u{0}&#92;u{1b}'],
  ['&lt;', '&amp;lt;'],
])('%j is %s inside code', (text, expected) => {
  expect(code(text)).toBe(`<code>${expected}</code>`);
});

test('breaks mentions and issue numbers in prose, where GitHub would find them', () => {
  expect(inlineProse('ask @acme/team about #12')).toBe('ask &#64;&#8203;acme/team about &#35;&#8203;12');
});

test('separates lines of prose with breaks, and keeps at most ten', () => {
  expect(proseLines('one\n<two>', 50)).toBe('one<br>&lt;two&gt;');
  expect(proseLines('x\n'.repeat(50), 500).split('<br>')).toHaveLength(10);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdefg', 6, 'abcde…'],
  ['\u{1F600}'.repeat(7), 6, `${'\u{1F600}'.repeat(5)}…`],
  [`a${'\u{1F600}'.repeat(7)}`, 6, `a${'\u{1F600}'.repeat(4)}…`],
  ['\u202E'.repeat(3), 9, '\\u{202e}…'],
])('limits %j to the given number of characters without cutting one in half', (text, most, expected) => {
  expect(clip(text, most)).toBe(expected);
});

test('a gigantic text costs no more than what is shown of it', async () => {
  expect(await growth((size) => '\u202E<@'.repeat(size), code, 1_000_000)).toBeLessThan(4);
});
