import fc from 'fast-check';
import { pathOf } from '../../src/core/difference.ts';
import { describe, expect, test } from 'vitest';
import type { DesiredConnection, Field, Spec } from '../../src/core/connection.ts';
import { reconcileOne, type ConnectionViews, type Transition } from '../../src/core/transition.ts';
import { arbitrarySpec, desired, field, spec } from './samples.ts';

const K = 'users/crm';
const PLACE = { file: 'connections/users/crm.yaml', line: 1 };

function reconcile(to: DesiredConnection, rest: Partial<ConnectionViews> & { readonly live: Spec }): Transition {
  return reconcileOne({ desired: to, recorded: undefined, normalised: undefined, onDrift: 'revert', ...rest });
}

const of = (...fields: readonly Field[]): Spec => spec({ fields });
/** A field whose id differs from its column. */
const called = (id: string, rest: Partial<Field> = {}): Field => field(id, { source_name: 'column', ...rest });
const renaming = (to: Spec, ...pairs: readonly (readonly [string, string])[]): DesiredConnection =>
  desired(K, to, { renamedFields: new Map(pairs) });

const RENAME = { leaf: 'rename' as const, from: 'old', to: 'new' };
const paths = (transition: Transition): readonly string[] =>
  transition.kind === 'same' ? [] : transition.changes.map((change) => `${pathOf(change)} ${change.cause}`);

describe('a declared rename', () => {
  const to = renaming(of(called('new')), ['old', 'new']);

  test('is one in-place update', () => {
    const [recorded, live] = [of(called('old')), of(called('old', { description: 'from Datadog' }))];
    expect(reconcile(to, { recorded, live })).toStrictEqual({
      kind: 'update',
      to: of(called('new', { description: 'from Datadog' })),
      changes: [{ ...RENAME, cause: 'git' }],
      steps: [{ update: [{ id: 'old', newId: 'new' }] }],
      problems: [],
    });
  });

  test('combines with other changes of that field, whose causes come from its old record', () => {
    const texts = (id: string, display_name: string, description: string): Spec =>
      of(called(id, { display_name, description }));
    const made = reconcile(renaming(texts('new', 'Git', 'Same'), ['old', 'new']), {
      recorded: texts('old', 'Before', 'Same'),
      live: texts('old', 'Before', 'Drifted'),
    });
    expect(made).toMatchObject({
      changes: [
        { ...RENAME, cause: 'git' },
        {
          leaf: 'field-member' as const,
          id: 'new',
          name: 'display_name' as const,
          from: 'Before',
          to: 'Git',
          cause: 'git',
        },
        {
          leaf: 'field-member' as const,
          id: 'new',
          name: 'description' as const,
          from: 'Drifted',
          to: 'Same',
          cause: 'drift',
        },
      ],
      steps: [{ update: [{ id: 'old', newId: 'new', display_name: 'Git', description: 'Same' }] }],
    });
  });

  test.each<[string, DesiredConnection, Spec, readonly string[]]>([
    ['the old field does not exist', to, of(called('other')), ['fields[new] git']],
    ['the new id exists already, next to the old one', to, of(called('old'), called('new')), ['fields[old] git']],
    [
      'the manifest does not have the field',
      renaming(of(called('other')), ['old', 'new']),
      of(called('old')),
      ['fields[other] git', 'fields[old] git'],
    ],
    [
      'the manifest still has the old field',
      renaming(of(called('old'), called('new')), ['old', 'new']),
      of(called('old')),
      ['fields[new] git'],
    ],
    [
      'the column changes too',
      renaming(of(called('new', { source_name: 'other' })), ['old', 'new']),
      of(called('old')),
      ['fields[new] git', 'fields[old] git'],
    ],
    [
      'the type changes too',
      renaming(of(called('new', { type: 'number' })), ['old', 'new']),
      of(called('old')),
      ['fields[new] git', 'fields[old] git'],
    ],
  ])('is ignored if %s', (_name, wanted, live, expected) => {
    expect(paths(reconcile(wanted, { recorded: of(called('old')), live }))).toEqual(expected);
  });

  test('that Datadog undid is drift: it is reverted or left alone', () => {
    const sides = { recorded: of(called('new')), live: of(called('old')) };
    expect(paths(reconcile(to, sides))).toEqual(['fields[old].id drift']);
    expect(paths(reconcile(to, { ...sides, onDrift: 'refuse' }))).toEqual(['fields[old].id drift']);
    expect(reconcile(to, { ...sides, onDrift: 'keep' })).toStrictEqual({ kind: 'same', kept: 1, problems: [] });
  });

  test('made in Git is applied with on_drift: keep as well', () => {
    const sides = { recorded: of(called('old')), live: of(called('old')) };
    expect(paths(reconcile(to, { ...sides, onDrift: 'keep' }))).toEqual(['fields[old].id git']);
  });

  test('of a connection that was never recorded has cause git', () => {
    expect(paths(reconcile(to, { live: of(called('old')) }))).toEqual(['fields[old].id git']);
  });

  test('of a field that was never recorded does not affect the records of other fields', () => {
    const both = renaming(of(called('new'), field('plan')), ['old', 'new']);
    const made = reconcile(both, {
      recorded: of(field('plan')),
      live: of(called('old'), field('plan', { display_name: 'UI' })),
    });
    expect(paths(made)).toEqual(['fields[old].id git']);
  });

  test('combines with a second one in one request', () => {
    const two = renaming(of(called('n1'), called('n2')), ['o1', 'n1'], ['o2', 'n2']);
    const liveSpec = of(called('o1'), called('o2'));
    expect(reconcile(two, { recorded: liveSpec, live: liveSpec })).toMatchObject({
      changes: [{ leaf: 'rename' as const }, { leaf: 'rename' as const }],
      steps: [
        {
          update: [
            { id: 'o1', newId: 'n1' },
            { id: 'o2', newId: 'n2' },
          ],
        },
      ],
    });
  });

  test('is part of the body of a replace, which has no steps', () => {
    const made = reconcile(renaming(spec({ join_type: 'user_id', fields: [called('new')] }), ['old', 'new']), {
      recorded: of(called('old')),
      live: of(called('old')),
    });
    expect(made).toStrictEqual({
      kind: 'replace',
      to: spec({ join_type: 'user_id', fields: [called('new')] }),
      changes: [
        { ...RENAME, cause: 'git' },
        { leaf: 'member' as const, name: 'join_type' as const, from: 'email', to: 'user_id', cause: 'git' },
      ],
      reasons: ['join_type'],
      problems: [],
    });
  });
});

describe('a completed rename', () => {
  const to = renaming(of(called('new')), ['old', 'new']);
  const done = {
    code: 'stale-rename',
    severity: 'warning',
    message: 'users/crm: the field old is already renamed to new',
    hint: 'remove old from renamed_fields',
    ...PLACE,
  };

  test('can be removed from the manifest', () => {
    const now = of(called('new'));
    expect(reconcile(to, { recorded: now, live: now })).toStrictEqual({ kind: 'same', kept: 0, problems: [done] });
  });

  test('can be removed even if other parts of the connection change', () => {
    const made = reconcile(renaming(of(called('new'), field('more')), ['old', 'new']), {
      recorded: of(called('new')),
      live: of(called('new')),
    });
    expect(paths(made)).toEqual(['fields[more] git']);
    expect(made.problems).toEqual([done]);
  });

  test.each<[string, DesiredConnection, Spec]>([
    ['the old field still exists', to, of(called('old'), called('new'))],
    ['the new field does not exist', renaming(of(called('other')), ['old', 'new']), of(called('other'))],
    [
      'the same plan adds a field with the old id',
      renaming(of(called('old'), called('new')), ['old', 'new']),
      of(called('new')),
    ],
    [
      'the same plan changes the new field',
      renaming(of(called('new', { display_name: 'N' })), ['old', 'new']),
      of(called('new')),
    ],
  ])('is not reported as completed if %s', (_name, wanted, live) => {
    expect(reconcile(wanted, { recorded: live, live }).problems).toEqual([]);
  });

  test('is reported for each of several', () => {
    const now = of(called('a'), called('b'));
    const made = reconcile(renaming(now, ['x', 'a'], ['y', 'b']), { recorded: now, live: now });
    expect(made.problems.map(({ hint }) => hint)).toEqual([
      'remove x from renamed_fields',
      'remove y from renamed_fields',
    ]);
  });
});

describe('consent to a replace', () => {
  const allowed = (to: Spec): DesiredConnection => desired(K, to, { allowReplace: true });

  test('can be removed if no replace is needed', () => {
    expect(reconcile(allowed(spec()), { recorded: spec(), live: spec() }).problems).toEqual([
      {
        code: 'unused-allow',
        severity: 'warning',
        message: 'users/crm allows a replace but needs none',
        hint: 'remove allow: [replace], so that a later replace needs consent again',
        ...PLACE,
      },
    ]);
  });

  test('can be removed if an update is enough', () => {
    const made = reconcile(allowed(of(field('plan', { display_name: 'Plan' }))), { recorded: spec(), live: spec() });
    expect(made.kind).toBe('update');
    expect(made.problems.map(({ code }) => code)).toEqual(['unused-allow']);
  });

  test('is not reported as removable if it is needed, and not mentioned if it was not given', () => {
    const moved = spec({ join_attribute: 'mail' });
    expect(reconcile(allowed(moved), { recorded: spec(), live: spec() })).toMatchObject({
      kind: 'replace',
      problems: [],
    });
    expect(reconcile(desired(K), { recorded: spec(), live: spec() }).problems).toEqual([]);
  });
});

describe('a value that the server normalised', () => {
  const wanted = of(field('plan', { display_name: ' Plan ' }));
  const shown = of(field('plan', { display_name: 'Plan' }));
  const normalised = { 'fields[plan].display_name': 'Plan' };

  test('is no difference as long as it stays the same', () => {
    expect(reconcile(desired(K, wanted), { recorded: wanted, live: shown, normalised })).toEqual({
      kind: 'same',
      kept: 0,
      problems: [],
    });
    expect(paths(reconcile(desired(K, wanted), { recorded: wanted, live: shown }))).toEqual([
      'fields[plan].display_name drift',
    ]);
  });

  test('is a difference again once Git or Datadog has another value', () => {
    const other = of(field('plan', { display_name: 'Other' }));
    expect(paths(reconcile(desired(K, other), { recorded: wanted, live: shown, normalised }))).toEqual([
      'fields[plan].display_name git',
    ]);
    expect(paths(reconcile(desired(K, wanted), { recorded: wanted, live: other, normalised }))).toEqual([
      'fields[plan].display_name drift',
    ]);
  });
});

describe('on_drift: keep', () => {
  const named = (a: string, b: string): Spec => of(field('a', { display_name: a }), field('b', { display_name: b }));

  test('counts values that changed only in live and leaves them alone', () => {
    expect(
      reconcile(desired(K, named('A', 'B')), { recorded: named('A', 'B'), live: named('x', 'y'), onDrift: 'keep' }),
    ).toEqual({ kind: 'same', kept: 2, problems: [] });
  });

  test('leaves a change that would force a replace alone too', () => {
    const live = spec({ join_attribute: 'mail' });
    expect(reconcile(desired(K), { recorded: spec(), live, onDrift: 'keep' })).toMatchObject({ kind: 'same', kept: 1 });
  });

  test('applies changes made in Git without sending the drifted values', () => {
    const made = reconcile(desired(K, named('New', 'B')), {
      recorded: named('A', 'B'),
      live: named('A', 'y'),
      onDrift: 'keep',
    });
    expect(made).toMatchObject({
      kind: 'update',
      to: named('New', 'y'),
      steps: [{ update: [{ id: 'a', display_name: 'New' }] }],
    });
  });
});

test('a change has only the sides that exist', () => {
  const made = reconcile(desired(K, of(field('new', { description: 'x' }), field('plan'))), {
    recorded: of(field('old'), field('plan', { groups: ['A'] })),
    live: of(field('old'), field('plan', { groups: ['A'] })),
  });
  expect(made.kind === 'update' && made.changes).toStrictEqual([
    { leaf: 'field' as const, id: 'new', to: field('new', { description: 'x' }), cause: 'git' },
    { leaf: 'field-member' as const, id: 'plan', name: 'groups' as const, from: ['A'], cause: 'git' },
    { leaf: 'field' as const, id: 'old', from: field('old'), cause: 'git' },
  ]);
});

test('an update results in the desired state and keeps values that exist only in live', () => {
  fc.assert(
    fc.property(arbitrarySpec, arbitrarySpec, arbitrarySpec, (to, recorded, live) => {
      const made = reconcile(desired(K, to), { recorded, live });
      if (made.kind === 'same') return;
      const again = reconcile(desired(K, to), { recorded: to, live: made.to });
      expect(again.kind).toBe('same');
      const extra = (live.fields ?? []).filter(
        ({ id }) => ![...(to.fields ?? []), ...(recorded.fields ?? [])].some((known) => known.id === id),
      );
      expect(made.to.fields ?? []).toEqual(expect.arrayContaining([...extra]));
    }),
  );
});
