import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordedConnection } from '../../src/core/connection.ts';
import { mergeRecords } from '../../src/core/merge.ts';
import { byKey, field, recorded, spec } from './samples.ts';

const one = recorded('users/a');
const other = recorded('users/a', spec({ fields: [field('other')] }));
const third = recorded('users/a', spec({ fields: [field('third')] }));
const of = (record: RecordedConnection | undefined): ReadonlyMap<string, RecordedConnection> =>
  record === undefined ? byKey<RecordedConnection>() : byKey(record);

describe('the merge of records', () => {
  test.each([
    ['neither side changed it', one, one, one, one, []],
    ['we added it', undefined, one, undefined, one, []],
    ['they added it', undefined, undefined, one, one, []],
    ['we changed it', one, other, one, other, []],
    ['they changed it', one, one, other, other, []],
    ['both sides made the same change', one, other, other, other, []],
    ['we removed it', one, undefined, one, undefined, []],
    ['they removed it', one, one, undefined, undefined, []],
    ['both sides removed it', one, undefined, undefined, undefined, []],
    ['both sides changed it differently', one, other, third, other, ['users/a']],
    ['we removed it and they changed it', one, undefined, other, undefined, ['users/a']],
    ['they removed it and we changed it', one, other, undefined, other, ['users/a']],
    ['both sides added it differently', undefined, other, third, other, ['users/a']],
  ] as const)('%s', (_, base, ours, theirs, expected, conflicts) => {
    const merged = mergeRecords(of(base), of(ours), of(theirs));
    expect(merged.records).toEqual(of(expected));
    expect(merged.conflicts).toEqual(conflicts);
  });

  test('compares records by content, regardless of which process read them and of member order', () => {
    const again = (record: RecordedConnection): ReadonlyMap<string, RecordedConnection> =>
      byKey(Object.fromEntries(Object.entries(structuredClone(record)).reverse()) as unknown as RecordedConnection);
    expect(mergeRecords(of(one), again(one), of(other))).toEqual({ records: of(other), conflicts: [] });
    expect(mergeRecords(of(one), of(other), again(one))).toEqual({ records: of(other), conflicts: [] });
    expect(mergeRecords(of(one), of(other), again(other))).toEqual({ records: of(other), conflicts: [] });
  });

  test('keeps both changes if the two sides touched different keys', () => {
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 12 });
    const records = (ids: readonly number[], name: string): ReadonlyMap<string, RecordedConnection> =>
      byKey(...ids.map((id) => recorded(`users/${id}`, spec({ fields: [field(name)] }))));
    fc.assert(
      fc.property(keys, keys, keys, (base, ours, theirs) => {
        const before = records(base, 'base');
        const mine = new Map([...before, ...records(ours, 'ours')]);
        const foreign = theirs.filter((id) => !ours.includes(id));
        const others = new Map([...before, ...records(foreign, 'theirs')]);
        const { records: merged, conflicts } = mergeRecords(before, mine, others);
        expect(conflicts).toEqual([]);
        expect(merged).toEqual(new Map([...before, ...records(ours, 'ours'), ...records(foreign, 'theirs')]));
      }),
    );
  });
});
