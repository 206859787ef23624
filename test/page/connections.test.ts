import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveConnection, RecordedConnection, DesiredConnection } from '../../src/core/connection.ts';
import { problem } from '../../src/core/diagnostic.ts';
import { planActions, type Views } from '../../src/core/planner.ts';
import { connectionsOf, type Planned } from '../../src/page/connections.ts';
import type { PageConnection } from '../../src/page/document.ts';
import { arbitrarySpec, byKey, desired, field, live, recorded, spec } from '../core/samples.ts';

const same = (text: string): string => text;
const KEY = 'users/a';
const OTHER = spec({ fields: [field('plan', { display_name: 'Plan' })] });
const JOINED = spec({ join_attribute: 'mail' });

interface Case {
  readonly to?: DesiredConnection;
  readonly record?: RecordedConnection;
  /** Undefined offline. */
  readonly there?: LiveConnection | 'none';
  readonly views?: Partial<Views>;
}

function planned({ to, record, there, views = {} }: Case): Planned {
  const sides = {
    desired: byKey(...(to === undefined ? [] : [to])),
    recorded: byKey(...(record === undefined ? [] : [record])),
    live: there === undefined ? undefined : byKey(...(there === 'none' ? [] : [there])),
  };
  const plan = planActions({ ...sides, prune: false, onDrift: 'revert', ...views });
  return { ...sides, plan, ...(views.includes === undefined ? {} : { includes: views.includes }) };
}

function shown(of: Case): PageConnection | undefined {
  return connectionsOf(planned(of), undefined, same)[0];
}

describe('the state of a connection', () => {
  test.each<readonly [what: string, of: Case, states: readonly string[]]>([
    ['equal everywhere', { to: desired(KEY), record: recorded(KEY), there: live(KEY) }, ['in-sync']],
    ['equal to the lockfile, offline', { to: desired(KEY), record: recorded(KEY) }, ['in-sync']],
    ['only in Git', { to: desired(KEY), there: 'none' }, ['create']],
    ['only in Git, offline', { to: desired(KEY) }, ['create']],
    ['changed in Git', { to: desired(KEY, OTHER), record: recorded(KEY), there: live(KEY) }, ['change']],
    ['joined otherwise in Git', { to: desired(KEY, JOINED), record: recorded(KEY), there: live(KEY) }, ['replace']],
    ['changed in Datadog', { to: desired(KEY, OTHER), record: recorded(KEY, OTHER), there: live(KEY) }, ['drifted']],
    [
      'changed in Datadog, and kept',
      { to: desired(KEY, OTHER), record: recorded(KEY, OTHER), there: live(KEY), views: { onDrift: 'keep' } },
      ['drifted'],
    ],
    [
      'a field more in Datadog',
      { to: desired(KEY), record: recorded(KEY), there: live(KEY, spec({ fields: [field('plan'), field('x')] })) },
      ['drifted'],
    ],
    [
      'changed on both sides',
      {
        to: desired(KEY, spec({ fields: [field('plan'), field('mine')] })),
        record: recorded(KEY, OTHER),
        there: live(KEY, spec({ fields: [field('plan', { display_name: 'Theirs' })] })),
      },
      ['change', 'drifted'],
    ],
    ['deleted in Datadog', { to: desired(KEY), record: recorded(KEY), there: 'none' }, ['create', 'drifted']],
    ['without a manifest', { record: recorded(KEY), there: live(KEY) }, ['orphaned']],
    ['without a manifest, and changed', { record: recorded(KEY, OTHER), there: live(KEY) }, ['orphaned', 'drifted']],
    ['without a manifest, pruned', { record: recorded(KEY), there: live(KEY), views: { prune: true } }, ['delete']],
    ['recorded alone', { record: recorded(KEY), there: 'none' }, ['forget', 'drifted']],
    ['in Datadog and Git, and equal', { to: desired(KEY), there: live(KEY) }, ['adopt']],
    ['in Datadog and Git, and not recorded', { to: desired(KEY, OTHER), there: live(KEY) }, ['change']],
    ['in Datadog alone', { there: live(KEY) }, ['unmanaged']],
    ['left out', { to: desired(KEY), there: 'none', views: { includes: () => false } }, ['left-out']],
  ])('%s', (_, of, states) => {
    expect(shown(of)?.states).toEqual(states);
  });

  test('with conflicting records is never drift, because it is unknown what was last applied', () => {
    const record = recorded(KEY, OTHER, { conflicting: [OTHER, JOINED] });
    expect(shown({ to: desired(KEY), record, there: live(KEY) })?.states).toEqual(['in-sync']);
  });
});

describe('with invalid manifests', () => {
  const error = problem('unknown-property', 'no', { file: 'connections/users/a.yaml', line: 1 });

  test('the last plan still applies to all valid connections', () => {
    const before = planned({ to: desired(KEY), record: recorded(KEY), there: live(KEY) });
    const read = { desired: new Map(), problems: [error], broken: [] };
    const [row] = connectionsOf(before, read, same);
    expect(row).toMatchObject({ name: KEY, states: ['invalid'], sides: ['lockfile', 'live'] });
  });

  test('another document of the same file is unchanged', () => {
    const other = desired('users/b', spec(), { place: { file: 'connections/users/a.yaml', line: 9 } });
    const before = planned({ to: other, record: recorded('users/b'), there: live('users/b') });
    const read = {
      desired: byKey(other),
      problems: [error],
      broken: [{ key: KEY, file: 'connections/users/a.yaml' }],
    };
    expect(connectionsOf(before, read, same).map(({ name, states }) => [name, ...states])).toEqual([
      [KEY, 'invalid'],
      ['users/b', 'in-sync'],
    ]);
  });

  test('a file without a readable key is shown by its path', () => {
    const read = { desired: byKey(desired('users/b')), problems: [error], broken: [] };
    expect(connectionsOf(undefined, read, same).map(({ name, states }) => [name, ...states])).toEqual([
      ['connections/users/a.yaml', 'invalid'],
      ['users/b', 'unplanned'],
    ]);
  });
});

describe('the three sides', () => {
  test('show where each difference was made', () => {
    const row = shown({
      to: desired(KEY, spec({ fields: [field('plan', { display_name: 'Mine' })] })),
      record: recorded(KEY, spec({ fields: [field('plan', { description: 'As it was' })] })),
      there: live(KEY, spec({ fields: [field('plan', { description: 'Theirs' })] })),
    });
    expect(row?.values.filter(({ cause }) => cause !== undefined)).toEqual([
      { field: 'plan', name: 'display_name', git: 'Mine', cause: 'git' },
      { field: 'plan', name: 'description', lockfile: 'As it was', live: 'Theirs', cause: 'git' },
    ]);
  });

  test('show a rename at both fields', () => {
    const to = desired(KEY, spec({ fields: [field('new', { source_name: 'plan_column' })] }), {
      renamedFields: new Map([['plan', 'new']]),
    });
    const row = shown({ to, record: recorded(KEY), there: live(KEY) });
    expect(row?.values.map(({ field: id = '', name, cause }) => [id, name, cause])).toEqual([
      ['', 'type', undefined],
      ['', 'join_attribute', undefined],
      ['', 'join_type', undefined],
      ['new', 'source_name', 'git'],
      ['new', 'type', 'git'],
      ['plan', 'source_name', 'git'],
      ['plan', 'type', 'git'],
    ]);
  });

  test('differ with a cause wherever the plan has a change, and have none where all are equal', () => {
    fc.assert(
      fc.property(arbitrarySpec, arbitrarySpec, arbitrarySpec, (git, lockfile, there) => {
        const of = { to: desired(KEY, git), record: recorded(KEY, lockfile), there: live(KEY, there) };
        const row = shown(of);
        const [action] = planned(of).plan.actions;
        const values = row?.values ?? [];
        for (const { same: equal, cause } of values) expect(equal === undefined).toBe(cause !== undefined);
        const causes = new Set(values.map(({ cause }) => cause));
        for (const { cause } of action?.changes ?? []) expect(causes).toContain(cause);
        expect(shown({ to: desired(KEY, git), record: recorded(KEY, git), there: live(KEY, git) })?.values).toEqual(
          expect.not.arrayContaining([expect.objectContaining({ cause: expect.anything() as unknown })]),
        );
      }),
    );
  });
});
