import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { truncateParts, type Part } from '../../src/reporters/markdown/truncate.ts';

function part(name: string, items: readonly string[]): Part {
  return {
    open: `<${name}>`,
    count: items.length,
    item: (index) => items[index] ?? '',
    close: `</${name}>`,
    rest: (left) => `(${left} more ${name})`,
  };
}

describe('a document with a size limit', () => {
  test('is complete if it fits, up to the last character', () => {
    const whole = 'head<a>1122</a><b>33</b>';
    const parts = [part('a', ['11', '22']), part('none', []), part('b', ['33'])];
    expect(truncateParts('head', parts, 1_000)).toBe(whole);
    expect(truncateParts('head', parts, whole.length + '(1 more b)'.length)).toBe(whole);
  });

  test('says what is missing, and cuts the heaviest parts first', () => {
    const parts = [part('a', ['11', '22', '33']), part('b', ['a longer item'])];
    const most = 'head<a>11(2 more a)</a>(1 more b)'.length;
    expect(truncateParts('head', parts, most)).toBe('head<a>11(2 more a)</a>(1 more b)');
    expect(truncateParts('head', parts, most + 1)).toBe('head<a>11(2 more a)</a>(1 more b)');
    expect(truncateParts('head', parts, 'head(3 more a)(1 more b)'.length)).toBe('head(3 more a)(1 more b)');
    expect(truncateParts('head', parts, 3)).toBe('head');
  });

  test('never exceeds its size, cuts no item in half, and counts every item, for any parts', () => {
    const lists = fc.array(fc.array(fc.string({ unit: fc.constantFrom('x', 'y'), minLength: 1 })), { maxLength: 4 });
    fc.assert(
      fc.property(lists, fc.nat({ max: 200 }), (items, most) => {
        const parts = items.map((list, index) =>
          part(
            `p${index}`,
            list.map((item) => `[${item}]`),
          ),
        );
        const text = truncateParts('head', parts, most);
        expect(text.startsWith('head')).toBe(true);
        expect(text.length).toBeLessThanOrEqual(Math.max(most, 'head'.length));
        for (const [index, list] of items.entries()) {
          const shown = new RegExp(`<p${index}>(.*)</p${index}>`).exec(text)?.[1]?.match(/\[[xy]+\]/g) ?? [];
          const missing = Number(new RegExp(`\\((\\d+) more p${index}\\)`).exec(text)?.[1] ?? 0);
          expect(shown).toEqual(list.slice(0, shown.length).map((item) => `[${item}]`));
          if (most >= 100) expect(shown.length + missing).toBe(list.length);
        }
      }),
    );
  });
});
