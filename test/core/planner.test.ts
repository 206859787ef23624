import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { planActions, type Views } from '../../src/core/planner.ts';
import { arbitraryKey, arbitrarySpec, byKey, desired, field, live, recorded, spec } from './samples.ts';

const K = 'users/crm';
const EDITED = spec({ fields: [field('plan', { display_name: 'Plan' })] });
const MOVED = spec({ join_attribute: 'mail' });

function plan(views: Partial<Views>): ReturnType<typeof planActions> {
  return planActions({
    desired: new Map(),
    recorded: new Map(),
    live: new Map(),
    prune: false,
    onDrift: 'revert',
    ...views,
  });
}

describe('each row of the table: desired, recorded, live → action', () => {
  const d = byKey(desired(K));
  const r = byKey(recorded(K));
  const l = byKey(live(K));
  const edited = byKey(live(K, EDITED));
  const moved = byKey(live(K, MOVED));
  const rows: readonly (readonly [
    string,
    Partial<Views>,
    string | undefined,
    Partial<ReturnType<typeof planActions>['summary']>,
  ])[] = [
    ['yes, no, none → create', { desired: d }, 'create', { create: 1, drifted: 0 }],
    [
      'yes, yes, none → create, which is drift as a whole',
      { desired: d, recorded: r },
      'create',
      { create: 1, drifted: 1 },
    ],
    ['yes, no, same → adopt', { desired: d, live: l }, 'adopt', { adopt: 1 }],
    [
      'yes, no, differs → takeover by update',
      { desired: byKey(desired(K, EDITED)), live: l },
      'update',
      { update: 1, drifted: 0 },
    ],
    ['yes, no, differs in the join → takeover by replace', { desired: d, live: moved }, 'replace', { replace: 1 }],
    ['yes, yes, same → nothing', { desired: d, recorded: r, live: l }, undefined, { unchanged: 1, drifted: 0 }],
    [
      'yes, yes, differs → update',
      { desired: byKey(desired(K, EDITED)), recorded: r, live: l },
      'update',
      { update: 1, unchanged: 0 },
    ],
    [
      'yes, yes, differs in the join → replace',
      { desired: d, recorded: r, live: moved },
      'replace',
      { replace: 1, drifted: 1 },
    ],
    [
      'no, yes, present, with prune → delete',
      { recorded: r, live: l, prune: true },
      'delete',
      { delete: 1, orphaned: 0 },
    ],
    ['no, yes, present, without prune → orphan', { recorded: r, live: l }, undefined, { delete: 0, orphaned: 1 }],
    ['no, yes, none → forget', { recorded: r }, 'forget', { forget: 1, drifted: 1 }],
    ['no, no, present → unmanaged', { live: edited, prune: true }, undefined, { unmanaged: 1, delete: 0 }],
  ];
  test.each(rows)('%s', (_name, views, kind, summary) => {
    const made = plan(views);
    expect(made.actions.map((action) => action.kind)).toEqual(kind === undefined ? [] : [kind]);
    expect(made.summary).toMatchObject(summary);
  });

  test('only a takeover is marked as a takeover', () => {
    expect(plan({ desired: d, live: moved }).actions[0]).toMatchObject({ takeover: true, reasons: ['join_attribute'] });
    expect(plan({ desired: d, recorded: r, live: moved }).actions[0]).not.toHaveProperty('takeover');
  });
});

describe('offline, the recorded state replaces the live state', () => {
  test('equal recorded and desired states need no action', () => {
    const made = plan({ desired: byKey(desired(K)), recorded: byKey(recorded(K)), live: undefined });
    expect(made.actions).toEqual([]);
    expect(made.summary.unchanged).toBe(1);
  });

  test('an edit is an update with cause git', () => {
    const made = plan({ desired: byKey(desired(K, EDITED)), recorded: byKey(recorded(K)), live: undefined });
    expect(made.actions[0]).toMatchObject({
      kind: 'update',
      drifted: false,
      changes: [{ leaf: 'field-member' as const, id: 'plan', name: 'display_name' as const, to: 'Plan', cause: 'git' }],
    });
    expect(made.actions[0]?.changes[0]).not.toHaveProperty('from');
  });

  test('a disputed record is reported and plans no action', () => {
    const made = plan({
      desired: byKey(desired(K, EDITED)),
      recorded: byKey(recorded(K, spec(), { conflicting: [spec(), MOVED] })),
      live: undefined,
    });
    expect(made.actions).toEqual([]);
    expect(made.problems.map(({ code }) => code)).toEqual(['conflicting-records']);
  });
});

describe('causes and drift', () => {
  test('a value that changed only in live is drift and is reverted', () => {
    const made = plan({
      desired: byKey(desired(K)),
      recorded: byKey(recorded(K)),
      live: byKey(live(K, spec({ fields: [field('plan', { source_name: 'other' })] }))),
    });
    expect(made.actions[0]).toMatchObject({
      kind: 'update',
      drifted: true,
      changes: [
        {
          leaf: 'field-member' as const,
          id: 'plan',
          name: 'source_name' as const,
          from: 'other',
          to: 'plan_column',
          cause: 'drift',
        },
      ],
    });
    expect(made.summary.drifted).toBe(1);
  });

  test('a text that the server filled in counts as unchanged', () => {
    const made = plan({ desired: byKey(desired(K)), recorded: byKey(recorded(K)), live: byKey(live(K, EDITED)) });
    expect(made.actions).toEqual([]);
    expect(made.summary.drifted).toBe(0);
    expect(made.problems).toEqual([]);
  });

  test('a field that exists only in live is reported as drift and left alone', () => {
    const made = plan({
      desired: byKey(desired(K)),
      recorded: byKey(recorded(K)),
      live: byKey(live(K, spec({ fields: [field('plan'), field('extra')] }))),
    });
    expect(made.actions).toEqual([]);
    expect(made.summary).toMatchObject({ drifted: 1, unchanged: 1 });
    expect(made.problems.map(({ code, message }) => [code, message.includes('extra')])).toEqual([['drift', true]]);
  });

  test('a value that is recorded and no longer desired is cleared', () => {
    const before = spec({ fields: [field('plan', { description: 'old', groups: ['A'] }), field('seats')] });
    const made = plan({
      desired: byKey(desired(K)),
      recorded: byKey(recorded(K, before)),
      live: byKey(live(K, before)),
    });
    expect(made.actions[0]?.changes).toEqual([
      { leaf: 'field-member' as const, id: 'plan', name: 'description' as const, from: 'old', cause: 'git' },
      { leaf: 'field-member' as const, id: 'plan', name: 'groups' as const, from: ['A'], cause: 'git' },
      { leaf: 'field' as const, id: 'seats', from: field('seats'), cause: 'git' },
    ]);
    expect(made.actions[0]).toMatchObject({
      steps: [{ update: [{ id: 'plan', description: '', groups: [] }], remove: ['seats'] }],
    });
  });

  test('on_drift keep leaves drift alone and still applies changes made in Git', () => {
    const views = {
      desired: byKey(
        desired(
          K,
          spec({ fields: [field('plan', { display_name: 'New' }), field('seats', { display_name: 'Seats' })] }),
        ),
      ),
      recorded: byKey(recorded(K, spec({ fields: [field('plan'), field('seats', { display_name: 'Seats' })] }))),
      live: byKey(live(K, spec({ fields: [field('plan'), field('seats', { display_name: 'Chairs' })] }))),
    };
    expect(plan({ ...views, onDrift: 'keep' }).actions[0]?.changes).toEqual([
      { leaf: 'field-member' as const, id: 'plan', name: 'display_name' as const, to: 'New', cause: 'git' },
    ]);
    expect(plan(views).actions[0]?.changes.map(({ cause }) => cause)).toEqual(['git', 'drift']);
  });

  test('on_drift keep does not recreate a connection that was deleted outside Git', () => {
    const made = plan({ desired: byKey(desired(K)), recorded: byKey(recorded(K)), onDrift: 'keep' });
    expect(made.actions).toEqual([]);
    expect(made.summary).toMatchObject({ create: 0, drifted: 1 });
  });

  test('on_drift keep includes the kept values in the body of a replace', () => {
    const made = plan({
      desired: byKey(desired(K, spec({ join_type: 'user_id', fields: [field('plan', { display_name: 'Git' })] }))),
      recorded: byKey(recorded(K, spec({ fields: [field('plan', { display_name: 'Git' })] }))),
      live: byKey(live(K, spec({ fields: [field('plan', { display_name: 'UI' })] }))),
      onDrift: 'keep',
    });
    expect(made.actions[0]).toMatchObject({
      kind: 'replace',
      reasons: ['join_type'],
      to: { join_type: 'user_id', fields: [{ display_name: 'UI' }] },
    });
  });
});

describe('renames', () => {
  const before = spec({ fields: [field('tier', { source_name: 'column' })] });
  const after = spec({ fields: [field('customer_tier', { source_name: 'column' })] });
  const renamedFields = new Map([['tier', 'customer_tier']]);

  test('a declared rename keeps the field', () => {
    const made = plan({
      desired: byKey(desired(K, after, { renamedFields })),
      recorded: byKey(recorded(K, before)),
      live: byKey(live(K, before)),
    });
    expect(made.actions[0]).toMatchObject({
      kind: 'update',
      changes: [{ leaf: 'rename' as const, from: 'tier', to: 'customer_tier', cause: 'git' }],
      steps: [{ update: [{ id: 'tier', newId: 'customer_tier' }] }],
    });
  });

  test('without a declaration the field is removed and added', () => {
    const made = plan({
      desired: byKey(desired(K, after)),
      recorded: byKey(recorded(K, before)),
      live: byKey(live(K, before)),
    });
    expect(made.actions[0]).toMatchObject({ steps: [{ add: [{ id: 'customer_tier' }], remove: ['tier'] }] });
  });

  test('a completed rename plans no change and reports that the declaration can be removed', () => {
    const made = plan({
      desired: byKey(desired(K, after, { renamedFields })),
      recorded: byKey(recorded(K, after)),
      live: byKey(live(K, after)),
    });
    expect(made.actions).toEqual([]);
    expect(made.problems.map(({ code }) => code)).toEqual(['stale-rename']);
  });
});

describe('a field with a new column', () => {
  test('is removed and added in two requests', () => {
    const made = plan({
      desired: byKey(desired(K, spec({ fields: [field('plan', { type: 'number' })] }))),
      recorded: byKey(recorded(K)),
      live: byKey(live(K)),
    });
    expect(made.actions[0]).toMatchObject({
      kind: 'update',
      steps: [{ remove: ['plan'] }, { add: [{ id: 'plan', type: 'number' }] }],
    });
  });
});

describe('records', () => {
  test('an outdated record is corrected without an action', () => {
    const made = plan({
      desired: byKey(desired(K, EDITED)),
      recorded: byKey(recorded(K)),
      live: byKey(live(K, EDITED)),
    });
    expect(made.actions).toEqual([]);
    expect(made.corrections).toEqual([recorded(K, EDITED)]);
  });

  test.each([
    ['a new owner', { owner: 'team-a' }, { owner: 'team-a' }],
    ['new protection', { protect: true }, { protect: true }],
  ])('%s alone is recorded without an action', (_name, about, expected) => {
    const made = plan({
      desired: byKey(desired(K, spec(), about)),
      recorded: byKey(recorded(K)),
      live: byKey(live(K)),
    });
    expect(made.actions).toEqual([]);
    expect(made.corrections).toEqual([{ ...recorded(K), ...expected }]);
  });

  test('a correction keeps members that a newer connsync wrote', () => {
    const made = plan({
      desired: byKey(desired(K, EDITED)),
      recorded: byKey(recorded(K, spec(), { unknown: { note: 1 } })),
      live: byKey(live(K, EDITED)),
    });
    expect(made.corrections[0]?.unknown).toEqual({ note: 1 });
  });

  test('an up-to-date record needs no correction', () => {
    const made = plan({
      desired: byKey(desired(K, spec(), { owner: 'a', protect: true })),
      recorded: byKey(recorded(K, spec(), { owner: 'a', protect: true })),
      live: byKey(live(K)),
    });
    expect(made.corrections).toEqual([]);
  });

  test('live settles a disputed record, and differences are not a takeover', () => {
    const conflicting = byKey(recorded(K, MOVED, { conflicting: [spec(), MOVED] }));
    expect(plan({ desired: byKey(desired(K)), recorded: conflicting, live: byKey(live(K)) }).corrections).toEqual([
      recorded(K),
    ]);
    const [action] = plan({ desired: byKey(desired(K, EDITED)), recorded: conflicting, live: byKey(live(K)) }).actions;
    expect(action?.kind).toBe('update');
    expect(action).not.toHaveProperty('takeover');
  });

  test('a protected connection survives the removal of its manifest', () => {
    const made = plan({ recorded: byKey(recorded(K, spec(), { protect: true })), live: byKey(live(K)), prune: true });
    expect(made.actions).toEqual([]);
    expect(made.problems.map(({ code }) => code)).toEqual(['protected']);
  });
});

describe('order', () => {
  test('an action that frees a field id comes before the action that takes it', () => {
    const made = plan({
      desired: byKey(
        desired('users/a', spec({ fields: [field('x'), field('plan')] })),
        desired('users/b', spec({ fields: [field('y')] })),
      ),
      recorded: byKey(recorded('users/a'), recorded('users/b', spec({ fields: [field('x'), field('y')] }))),
      live: byKey(live('users/a'), live('users/b', spec({ fields: [field('x'), field('y')] }))),
    });
    expect(made.actions.map(({ key, runsAfter: after }) => [key, after])).toEqual([
      ['users/b', undefined],
      ['users/a', ['users/b']],
    ]);
  });

  test('fields of another entity do not affect the order', () => {
    const made = plan({
      desired: byKey(desired('accounts/a')),
      recorded: byKey(recorded('users/b')),
      live: byKey(live('users/b')),
      prune: true,
    });
    expect(made.actions.map(({ runsAfter: after }) => after)).toEqual([undefined, undefined]);
  });

  test('two actions that would wait for each other run in the order of their keys', () => {
    const x = spec({ fields: [field('x')] });
    const y = spec({ fields: [field('y')] });
    const made = plan({
      desired: byKey(desired('users/a', y), desired('users/b', x)),
      recorded: byKey(recorded('users/a', x), recorded('users/b', y)),
      live: byKey(live('users/a', x), live('users/b', y)),
    });
    expect(made.actions).toHaveLength(2);
    expect(made.actions.filter(({ runsAfter: after }) => after !== undefined)).toHaveLength(1);
  });
});

describe('checksum and digests', () => {
  const base = { desired: byKey(desired(K, EDITED)), recorded: byKey(recorded(K)), live: byKey(live(K)) };
  const checksum = plan(base).checksum;

  test('are sha256 and 64 hex digits', () => {
    expect(checksum).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(plan(base).actions[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('do not depend on the location of a manifest or on its owner', () => {
    expect(
      plan({ ...base, desired: byKey(desired(K, EDITED, { place: { file: 'elsewhere.yaml', line: 9 }, owner: 'me' })) })
        .checksum,
    ).toBe(checksum);
  });

  test.each([
    [
      'its key',
      {
        desired: byKey(desired('users/other', EDITED)),
        recorded: byKey(recorded('users/other')),
        live: byKey(live('users/other')),
      },
    ],
    [
      'the values it writes',
      { ...base, desired: byKey(desired(K, spec({ fields: [field('plan', { display_name: 'Another' })] }))) },
    ],
    [
      'the values it overwrites',
      {
        ...base,
        recorded: byKey(recorded(K, spec({ fields: [field('plan', { display_name: 'x' })] }))),
        live: byKey(live(K, spec({ fields: [field('plan', { display_name: 'x' })] }))),
      },
    ],
    ['whether it takes over', { ...base, recorded: new Map() }],
  ])('depend on %s of an action', (_name, views) => {
    expect(plan(views).checksum).not.toBe(checksum);
  });
});

test('no change is left after the plan was carried out, for any live state', () => {
  fc.assert(
    fc.property(
      fc.dictionary(arbitraryKey, arbitrarySpec, { maxKeys: 5 }),
      fc.dictionary(arbitraryKey, arbitrarySpec, { maxKeys: 5 }),
      fc.dictionary(arbitraryKey, arbitrarySpec, { maxKeys: 5 }),
      fc.boolean(),
      (want, last, there, prune) => {
        const views: Views = {
          desired: byKey(...Object.entries(want).map(([key, to]) => desired(key, to))),
          recorded: byKey(...Object.entries(last).map(([key, of]) => recorded(key, of))),
          live: byKey(...Object.entries(there).map(([key, of]) => live(key, of))),
          prune,
          onDrift: 'revert',
        };
        const first = planActions(views);
        const records = new Map(views.recorded);
        const after = new Map(views.live);
        for (const record of first.corrections) records.set(record.key, record);
        for (const action of first.actions) {
          if (action.kind === 'delete' || action.kind === 'forget') records.delete(action.key);
          else records.set(action.key, recorded(action.key, want[action.key] ?? spec()));
          if (action.kind === 'delete') after.delete(action.key);
          else if ('to' in action && action.kind !== 'adopt') after.set(action.key, live(action.key, action.to));
        }
        const second = planActions({ ...views, recorded: records, live: after });
        expect(second.actions).toEqual([]);
        expect(second.corrections).toEqual([]);
        for (const [key, was] of Object.entries(there))
          if (want[key] === undefined && last[key] === undefined) expect(after.get(key)?.spec).toEqual(was);
      },
    ),
    { numRuns: 500 },
  );
});

test('a chain of five thousand dependent actions is ordered', () => {
  const count = 5_000;
  const key = (index: number): string => `users/c${String(index).padStart(5, '0')}`;
  const all = Array.from({ length: count }, (_, index) => index);
  const of = (index: number): ReturnType<typeof spec> => spec({ fields: [field(`f${index}`)] });
  const made = plan({
    desired: byKey(...all.map((index) => desired(key(index), of(index + 1)))),
    recorded: byKey(...all.map((index) => recorded(key(index), of(index)))),
    live: byKey(...all.map((index) => live(key(index), of(index)))),
  });
  expect(made.actions[0]?.key).toBe(key(count - 1));
  expect(made.actions.at(-1)).toMatchObject({ key: key(0), runsAfter: [key(1)] });
});

test('if two old ids are renamed to one new id, the first is the rename and the other field is removed', () => {
  const both = spec({ fields: [field('a', { source_name: 'c' }), field('b', { source_name: 'c' })] });
  const one = spec({ fields: [field('n', { source_name: 'c' })] });
  const renamedFields = new Map([
    ['a', 'n'],
    ['b', 'n'],
  ]);
  const made = plan({
    desired: byKey(desired(K, one, { renamedFields })),
    recorded: byKey(recorded(K, both)),
    live: byKey(live(K, both)),
  });
  expect(made.actions[0]).toMatchObject({ steps: [{ update: [{ id: 'a', newId: 'n' }], remove: ['b'] }] });
});

test('a value that both sides changed is overwritten, and always reported', () => {
  const labelled = (label: string): ReturnType<typeof spec> =>
    spec({ fields: [field('plan', { display_name: label })] });
  const made = plan({
    desired: byKey(desired(K, labelled('Mine'))),
    recorded: byKey(recorded(K, labelled('Before'))),
    live: byKey(live(K, labelled('Theirs'))),
  });
  expect(made.actions[0]?.changes).toEqual([
    {
      leaf: 'field-member' as const,
      id: 'plan',
      name: 'display_name' as const,
      from: 'Theirs',
      to: 'Mine',
      cause: 'git',
    },
  ]);
  expect(made.problems.map(({ code, message }) => [code, message.includes('also changed outside Git')])).toEqual([
    ['drift', true],
  ]);
});
