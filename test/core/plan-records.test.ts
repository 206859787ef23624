import { describe, expect, test } from 'vitest';
import type { DesiredConnection, RecordedConnection } from '../../src/core/connection.ts';
import { planActions, recordOf, type Views } from '../../src/core/planner.ts';
import { byKey, desired, field, live, recorded, spec } from './samples.ts';

const K = 'users/crm';
const EDITED = spec({ fields: [field('plan', { display_name: 'Plan' })] });

describe('the record of what was applied', () => {
  test.each<[string, Partial<DesiredConnection>, RecordedConnection | undefined, RecordedConnection]>([
    ['is what is desired', {}, undefined, { key: K, spec: spec() }],
    [
      'has its owner and protection',
      { owner: 'a', protect: true },
      undefined,
      { key: K, spec: spec(), owner: 'a', protect: true },
    ],
    [
      'has those of the manifest, not those of the record before',
      {},
      recorded(K, EDITED, { owner: 'before', protect: true }),
      { key: K, spec: spec() },
    ],
    [
      'keeps what a newer connsync wrote',
      {},
      recorded(K, EDITED, { unknown: { note: 1 } }),
      { key: K, spec: spec(), unknown: { note: 1 } },
    ],
    ['is disputed no more', {}, recorded(K, EDITED, { conflicting: [EDITED, spec()] }), { key: K, spec: spec() }],
  ])('%s', (_name, about, before, expected) => {
    expect(recordOf(desired(K, spec(), about), before)).toStrictEqual(expected);
  });

  describe('notes what the server made of a value', () => {
    const texts = (display_name: string, description: string): ReturnType<typeof spec> =>
      spec({ fields: [field('plan', { display_name, description })] });
    const [name, description] = ['fields[plan].display_name', 'fields[plan].description'];
    const before = recorded(K, texts(' A ', ' B '), { normalised: { [name]: 'A', [description]: 'B' } });

    test.each([
      ['as long as that value is the same', texts(' A ', ' B '), { [name]: 'A', [description]: 'B' }],
      ['but not of one that changed', texts(' A2 ', ' B '), { [description]: 'B' }],
      ['but not of one that went', spec({ fields: [field('plan', { description: ' B ' })] }), { [description]: 'B' }],
    ])('%s', (_name, to, normalised) => {
      expect(recordOf(desired(K, to), before)).toStrictEqual({ key: K, spec: to, normalised });
    });

    test('and has no notes left once all values changed', () => {
      expect(recordOf(desired(K, texts('C', 'D')), before)).toStrictEqual({ key: K, spec: texts('C', 'D') });
    });

    test('also of a value that only comes now', () => {
      const note = recorded(K, spec(), { normalised: { [name]: 'A' } });
      expect(recordOf(desired(K, EDITED), note)).toStrictEqual({ key: K, spec: EDITED });
    });
  });
});

describe('a record is corrected without a request', () => {
  const corrections = (
    to: DesiredConnection,
    record: RecordedConnection,
    rest: Partial<Views> = {},
  ): ReturnType<typeof planActions>['corrections'] => {
    const views = { prune: false, onDrift: 'revert' as const, live: byKey(live(K, to.spec)), ...rest };
    const made = planActions({ desired: byKey(to), recorded: byKey(record), ...views });
    expect(made.actions).toEqual([]);
    return made.corrections;
  };

  test.each<[string, DesiredConnection, RecordedConnection, RecordedConnection | undefined]>([
    ['where nothing lags: no', desired(K), recorded(K), undefined],
    ['where the owner went', desired(K), recorded(K, spec(), { owner: 'a' }), recorded(K)],
    [
      'where the owner changed',
      desired(K, spec(), { owner: 'b' }),
      recorded(K, spec(), { owner: 'a' }),
      recorded(K, spec(), { owner: 'b' }),
    ],
    ['where protection went', desired(K), recorded(K, spec(), { protect: true }), recorded(K)],
    [
      'where it says that nothing is protected, which is the same: no',
      desired(K),
      recorded(K, spec(), { protect: false }),
      undefined,
    ],
    [
      'where it is protected on both sides: no',
      desired(K, spec(), { protect: true }),
      recorded(K, spec(), { protect: true }),
      undefined,
    ],
    [
      'where two branches disputed it, even though the first says what is so',
      desired(K),
      recorded(K, spec(), { conflicting: [spec(), EDITED] }),
      recorded(K),
    ],
    ['where live and manifest are ahead of it', desired(K, EDITED), recorded(K), recorded(K, EDITED)],
  ])('%s', (_name, to, record, expected) => {
    expect(corrections(to, record)).toStrictEqual(expected === undefined ? [] : [expected]);
  });

  test('where the connection is deleted outside Git and kept so, in all but its values', () => {
    const kept = { live: new Map(), onDrift: 'keep' as const };
    expect(corrections(desired(K, EDITED, { owner: 'b' }), recorded(K, spec(), { owner: 'a' }), kept)).toStrictEqual([
      recorded(K, spec(), { owner: 'b' }),
    ]);
    expect(corrections(desired(K, EDITED), recorded(K), kept)).toEqual([]);
  });

  test('never where an action records it anyway', () => {
    const made = planActions({
      desired: byKey(desired(K, EDITED, { owner: 'b' })),
      recorded: byKey(recorded(K)),
      live: byKey(live(K)),
      prune: false,
      onDrift: 'revert',
    });
    expect(made.actions).toHaveLength(1);
    expect(made.corrections).toEqual([]);
  });
});
