import { pathOf } from '../../src/core/difference.ts';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Action, Summary } from '../../src/core/plan.ts';
import { checksumOf, planActions, type Views } from '../../src/core/planner.ts';
import { byKey, desired, field, live, recorded, spec } from './samples.ts';

const K = 'users/crm';
const PLACE = { file: 'connections/users/crm.yaml', line: 1 };
const EDITED = spec({ fields: [field('plan', { display_name: 'Plan' })] });
const MOVED = spec({ join_attribute: 'mail' });
const CHANGE = { leaf: 'field-member' as const, id: 'plan', name: 'display_name' as const, to: 'Plan' };

function plan(views: Partial<Views>): ReturnType<typeof planActions> {
  return planActions({
    desired: new Map(),
    recorded: new Map(),
    live: new Map(),
    prune: true,
    onDrift: 'revert',
    ...views,
  });
}

describe('an action has exactly the members that its readers need', () => {
  const owned = { owner: 'team-growth' };
  const rows: readonly (readonly [string, Partial<Views>, object])[] = [
    [
      'a create',
      { desired: byKey(desired(K, spec(), owned)) },
      { kind: 'create', key: K, ...PLACE, ...owned, changes: [], drifted: false, to: spec() },
    ],
    [
      'a create, offline',
      { desired: byKey(desired(K)), live: undefined },
      { kind: 'create', key: K, ...PLACE, changes: [], drifted: false, to: spec() },
    ],
    [
      'a create of a connection that was deleted outside Git',
      { desired: byKey(desired(K)), recorded: byKey(recorded(K)) },
      { kind: 'create', key: K, ...PLACE, changes: [], drifted: true, to: spec() },
    ],
    [
      'an adopt',
      { desired: byKey(desired(K, spec(), owned)), live: byKey(live(K)) },
      { kind: 'adopt', key: K, ...PLACE, ...owned, changes: [], drifted: false, to: spec() },
    ],
    [
      'an update',
      { desired: byKey(desired(K, EDITED, owned)), recorded: byKey(recorded(K)), live: byKey(live(K)) },
      {
        kind: 'update',
        key: K,
        ...PLACE,
        ...owned,
        changes: [{ ...CHANGE, cause: 'git' }],
        drifted: false,
        from: spec(),
        to: EDITED,
        steps: [{ update: [{ id: 'plan', display_name: 'Plan' }] }],
      },
    ],
    [
      'a takeover by update',
      { desired: byKey(desired(K, EDITED)), live: byKey(live(K)) },
      {
        kind: 'update',
        key: K,
        ...PLACE,
        changes: [{ ...CHANGE, cause: 'git' }],
        drifted: false,
        from: spec(),
        to: EDITED,
        takeover: true,
        steps: [{ update: [{ id: 'plan', display_name: 'Plan' }] }],
      },
    ],
    [
      'a replace',
      { desired: byKey(desired(K)), recorded: byKey(recorded(K)), live: byKey(live(K, MOVED)) },
      {
        kind: 'replace',
        key: K,
        ...PLACE,
        changes: [
          { leaf: 'member' as const, name: 'join_attribute' as const, from: 'mail', to: 'user_email', cause: 'drift' },
        ],
        drifted: true,
        from: MOVED,
        to: spec(),
        reasons: ['join_attribute'],
      },
    ],
    [
      'a delete',
      { recorded: byKey(recorded(K, spec(), owned)), live: byKey(live(K, EDITED)) },
      { kind: 'delete', key: K, ...owned, changes: [], drifted: false, from: EDITED },
    ],
    [
      'a forget',
      { recorded: byKey(recorded(K, spec(), owned)) },
      { kind: 'forget', key: K, ...owned, changes: [], drifted: false },
    ],
    [
      'a forget of a connection without an owner',
      { recorded: byKey(recorded(K)) },
      { kind: 'forget', key: K, changes: [], drifted: false },
    ],
  ];
  test.each(rows)('%s', (_name, views, expected) => {
    const { actions, problems } = plan(views);
    const [action, ...others] = actions;
    const { digest, ...rest } = action as Action;
    expect(rest).toStrictEqual(expected);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(others).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('a summary counts each kind and state separately', () => {
  const nothing: Summary = {
    create: 0,
    update: 0,
    replace: 0,
    delete: 0,
    adopt: 0,
    forget: 0,
    unchanged: 0,
    unmanaged: 0,
    orphaned: 0,
    drifted: 0,
  };
  const d = byKey(desired(K));
  const r = byKey(recorded(K));
  const l = byKey(live(K));
  const rows: readonly (readonly [string, Partial<Views>, Partial<Summary>])[] = [
    ['nothing', {}, {}],
    ['a create', { desired: d }, { create: 1 }],
    ['a create of what was deleted outside Git', { desired: d, recorded: r }, { create: 1, drifted: 1 }],
    [
      'a connection that was deleted outside Git, with on_drift: keep',
      { desired: d, recorded: r, onDrift: 'keep' },
      { unchanged: 1, drifted: 1 },
    ],
    ['an adopt', { desired: d, live: l }, { adopt: 1 }],
    ['a takeover', { desired: byKey(desired(K, EDITED)), live: l }, { update: 1 }],
    ['no change', { desired: d, recorded: r, live: l }, { unchanged: 1 }],
    ['an update', { desired: byKey(desired(K, EDITED)), recorded: r, live: l }, { update: 1 }],
    [
      'a replace of a connection that drifted',
      { desired: d, recorded: r, live: byKey(live(K, MOVED)) },
      { replace: 1, drifted: 1 },
    ],
    ['a delete', { recorded: r, live: l }, { delete: 1 }],
    ['a delete of a connection that drifted', { recorded: r, live: byKey(live(K, MOVED)) }, { delete: 1, drifted: 1 }],
    ['a delete, offline', { recorded: r, live: undefined }, { delete: 1 }],
    ['an orphan', { recorded: r, live: l, prune: false }, { orphaned: 1 }],
    ['an orphan that drifted', { recorded: r, live: byKey(live(K, MOVED)), prune: false }, { orphaned: 1, drifted: 1 }],
    ['an orphan, offline', { recorded: r, live: undefined, prune: false }, { orphaned: 1 }],
    [
      'a protected connection without a manifest',
      { recorded: byKey(recorded(K, spec(), { protect: true })), live: l },
      { orphaned: 1 },
    ],
    ['a forget, which counts as drift', { recorded: r }, { forget: 1, drifted: 1 }],
    ['two unmanaged connections', { live: byKey(live(K), live('users/other')) }, { unmanaged: 2 }],
    [
      'a disputed record, offline',
      { desired: d, recorded: byKey(recorded(K, spec(), { conflicting: [spec(), MOVED] })), live: undefined },
      { unchanged: 1 },
    ],
    [
      'a disputed record without a manifest, offline',
      { recorded: byKey(recorded(K, spec(), { conflicting: [spec(), MOVED] })), live: undefined },
      { orphaned: 1 },
    ],
    [
      'a disputed record, with unknown drift',
      { desired: d, recorded: byKey(recorded(K, MOVED, { conflicting: [MOVED, EDITED] })), live: l },
      { unchanged: 1 },
    ],
    [
      'a disputed record that is to be deleted',
      { recorded: byKey(recorded(K, MOVED, { conflicting: [MOVED, EDITED] })), live: l },
      { delete: 1 },
    ],
  ];
  test.each(rows)('%s', (_name, views, expected) => {
    expect(plan(views).summary).toStrictEqual({ ...nothing, ...expected });
  });
});

describe('excluded keys', () => {
  const views: Partial<Views> = {
    desired: byKey(desired('users/b'), desired('users/a')),
    recorded: byKey(recorded('accounts/old'), recorded('users/a')),
    live: byKey(live('accounts/old'), live('accounts/theirs'), live('users/theirs')),
  };

  test('get no action and are counted', () => {
    const made = plan({ ...views, includes: (key) => key.startsWith('users/') });
    expect(made.actions.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['create users/a', 'create users/b']);
    expect(made.summary).toMatchObject({ create: 2, delete: 0, unmanaged: 1, filtered: 1 });
  });

  test('are counted even if they are not live', () => {
    expect(plan({ ...views, includes: () => true }).summary).toMatchObject({ unmanaged: 2, filtered: 0 });
  });

  test('are not mentioned if none were excluded', () => {
    const made = plan(views);
    expect(made.summary).not.toHaveProperty('filtered');
    expect(made.actions.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'delete accounts/old',
      'create users/a',
      'create users/b',
    ]);
  });
});

describe('a value that two branches recorded differently', () => {
  const ours = spec({ fields: [field('a', { display_name: 'Ours' }), field('b')], metadata: { team: 'ours', x: '1' } });
  const theirs = spec({
    fields: [field('a', { display_name: 'Theirs' }), field('c')],
    metadata: { team: 'theirs', y: '2' },
  });
  const disputed = byKey(recorded(K, ours, { conflicting: [ours, theirs] }));

  test('is ours on both sides: a value from either side that desired dropped is cleared', () => {
    const to = spec({ fields: [field('a')], metadata: { team: 'ours', x: '1', y: '2' } });
    const liveSpec = spec({
      fields: [field('a', { display_name: 'Ours' }), field('b'), field('c'), field('d')],
      metadata: { team: 'ours', x: '1', y: '2' },
    });
    const [action] = plan({
      desired: byKey(desired(K, to)),
      recorded: disputed,
      live: byKey(live(K, liveSpec)),
    }).actions;
    expect(action?.changes).toEqual([
      { leaf: 'field-member' as const, id: 'a', name: 'display_name' as const, from: 'Ours', cause: 'git' },
      { leaf: 'field' as const, id: 'b', from: field('b'), cause: 'git' },
      { leaf: 'field' as const, id: 'c', from: field('c'), cause: 'git' },
    ]);
  });

  test('has the fields of the first side that has them', () => {
    const bare = spec({ fields: [field('a')] });
    const described = spec({ fields: [field('a', { description: 'x' })] });
    const made = plan({
      desired: byKey(desired(K, bare)),
      recorded: byKey(recorded(K, described, { conflicting: [described, bare] })),
      live: byKey(live(K, described)),
    });
    expect(made.actions[0]?.changes).toEqual([
      { leaf: 'field-member' as const, id: 'a', name: 'description' as const, from: 'x', cause: 'git' },
    ]);
  });

  test('is ours in its metadata too', () => {
    const to = spec({ fields: [field('a'), field('b'), field('c')] });
    const liveSpec = spec({
      fields: [field('a'), field('b'), field('c')],
      metadata: { team: 'ours', x: '1', y: '2', z: 'never ours' },
    });
    const [action] = plan({
      desired: byKey(desired(K, to)),
      recorded: disputed,
      live: byKey(live(K, liveSpec)),
    }).actions;
    expect(action).toMatchObject({ kind: 'replace', reasons: ['metadata'], drifted: false });
    expect(action?.changes.map(pathOf)).toEqual(['metadata.team', 'metadata.x', 'metadata.y']);
  });

  test.each(['keep', 'refuse', 'revert'] as const)('is not drift, so on_drift: %s does not affect it', (onDrift) => {
    const liveSpec = spec({ ...ours, fields: [field('a', { display_name: 'Else' }), field('b')] });
    const made = plan({
      desired: byKey(desired(K, ours)),
      recorded: disputed,
      live: byKey(live(K, liveSpec)),
      onDrift,
    });
    expect(made.actions[0]).toMatchObject({
      kind: 'update',
      drifted: false,
      changes: [{ cause: 'git', from: 'Else', to: 'Ours' }],
    });
    expect(made.problems).toEqual([]);
  });

  test('is settled by live like any other if it is neither a field nor metadata', () => {
    const { fields: _, ...bare } = spec();
    const made = plan({
      desired: byKey(desired(K)),
      recorded: byKey(recorded(K, bare, { conflicting: [bare, { ...bare, join_type: 'user_id' }] })),
      live: byKey(live(K)),
    });
    expect(made.actions).toEqual([]);
    expect(made.corrections).toEqual([recorded(K)]);
  });
});

describe('the checksum', () => {
  const sha = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

  test('is the SHA-256 of the sorted digests, one per line', () => {
    expect(checksumOf([{ digest: 'b' }, { digest: 'a' }, { digest: 'c' }])).toBe(sha('a\nb\nc'));
    expect(checksumOf([{ digest: 'b' }])).toBe(sha('b'));
    expect(checksumOf([])).toBe(sha(''));
  });

  test('of a plan covers its own actions', () => {
    const made = plan({ desired: byKey(desired('users/b'), desired('users/a')) });
    expect(made.checksum).toBe(checksumOf(made.actions));
  });
});
