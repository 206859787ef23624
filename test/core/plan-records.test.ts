import { describe, expect, test } from 'vitest';
import type { DesiredConnection, RecordedConnection } from '../../src/core/connection.ts';
import { planActions, recordOf, type Views } from '../../src/core/planner.ts';
import { byKey, desired, field, live, recorded, spec } from './samples.ts';

const K = 'users/crm';
const EDITED = spec({ fields: [field('plan', { display_name: 'Plan' })] });

describe('the record of an applied connection', () => {
  test.each<[string, Partial<DesiredConnection>, RecordedConnection | undefined, RecordedConnection]>([
    ['matches the desired connection', {}, undefined, { key: K, spec: spec() }],
    [
      'has its owner and protection',
      { owner: 'a', protect: true },
      undefined,
      { key: K, spec: spec(), owner: 'a', protect: true },
    ],
    [
      'takes both from the manifest, not from the previous record',
      {},
      recorded(K, EDITED, { owner: 'before', protect: true }),
      { key: K, spec: spec() },
    ],
    [
      'keeps members that a newer connsync wrote',
      {},
      recorded(K, EDITED, { unknown: { note: 1 } }),
      { key: K, spec: spec(), unknown: { note: 1 } },
    ],
    ['is no longer disputed', {}, recorded(K, EDITED, { conflicting: [EDITED, spec()] }), { key: K, spec: spec() }],
  ])('%s', (_name, about, before, expected) => {
    expect(recordOf(desired(K, spec(), about), before)).toStrictEqual(expected);
  });

  describe('notes a value that the server normalised', () => {
    const texts = (display_name: string, description: string): ReturnType<typeof spec> =>
      spec({ fields: [field('plan', { display_name, description })] });
    const [name, description] = ['fields[plan].display_name', 'fields[plan].description'];
    const before = recorded(K, texts(' A ', ' B '), { normalised: { [name]: 'A', [description]: 'B' } });

    test.each([
      ['as long as that value is unchanged', texts(' A ', ' B '), { [name]: 'A', [description]: 'B' }],
      ['but not for a value that changed', texts(' A2 ', ' B '), { [description]: 'B' }],
      [
        'but not for a value that was removed',
        spec({ fields: [field('plan', { description: ' B ' })] }),
        { [description]: 'B' },
      ],
    ])('%s', (_name, to, normalised) => {
      expect(recordOf(desired(K, to), before)).toStrictEqual({ key: K, spec: to, normalised });
    });

    test('and has no notes after all values changed', () => {
      expect(recordOf(desired(K, texts('C', 'D')), before)).toStrictEqual({ key: K, spec: texts('C', 'D') });
    });

    test('including a value that was just added', () => {
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
    ['not if it is up to date', desired(K), recorded(K), undefined],
    ['if the owner was removed', desired(K), recorded(K, spec(), { owner: 'a' }), recorded(K)],
    [
      'if the owner changed',
      desired(K, spec(), { owner: 'b' }),
      recorded(K, spec(), { owner: 'a' }),
      recorded(K, spec(), { owner: 'b' }),
    ],
    ['if the protection was removed', desired(K), recorded(K, spec(), { protect: true }), recorded(K)],
    [
      'not if it says `protected: false` and the manifest says nothing',
      desired(K),
      recorded(K, spec(), { protect: false }),
      undefined,
    ],
    [
      'not if it is protected on both sides',
      desired(K, spec(), { protect: true }),
      recorded(K, spec(), { protect: true }),
      undefined,
    ],
    [
      'if two branches disputed it, even if the first side is right',
      desired(K),
      recorded(K, spec(), { conflicting: [spec(), EDITED] }),
      recorded(K),
    ],
    ['if live and the manifest are both ahead of it', desired(K, EDITED), recorded(K), recorded(K, EDITED)],
  ])('%s', (_name, to, record, expected) => {
    expect(corrections(to, record)).toStrictEqual(expected === undefined ? [] : [expected]);
  });

  test('except for its values, if the connection was deleted outside Git and on_drift is keep', () => {
    const kept = { live: new Map(), onDrift: 'keep' as const };
    expect(corrections(desired(K, EDITED, { owner: 'b' }), recorded(K, spec(), { owner: 'a' }), kept)).toStrictEqual([
      recorded(K, spec(), { owner: 'b' }),
    ]);
    expect(corrections(desired(K, EDITED), recorded(K), kept)).toEqual([]);
  });

  test('never if an action records it anyway', () => {
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
