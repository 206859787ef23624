import { describe, expect, test } from 'vitest';
import { goalOf, remainingOf, requestsOf, isWrite, type Goal, type WriteAction } from '../../src/apply/goal.ts';
import type { Action } from '../../src/core/plan.ts';
import { field, spec } from '../core/samples.ts';

const A = spec();
const B = spec({ join_type: 'user_id' });
const RENAMED = spec({ fields: [{ ...field('plan'), id: 'tier' }] });
const common = { key: 'users/a', digest: 'd', changes: [], drifted: false };

const CREATE: WriteAction = { ...common, kind: 'create', to: A };
const DELETE: WriteAction = { ...common, kind: 'delete', from: A };
const REPLACE: WriteAction = { ...common, kind: 'replace', from: A, to: B, reasons: ['join_type'] };
const UPDATE: WriteAction = {
  ...common,
  kind: 'update',
  from: A,
  to: RENAMED,
  steps: [
    {
      update: [
        { id: 'plan', newId: 'tier' },
        { id: 'seats', description: 'x' },
      ],
      remove: ['old'],
    },
    { add: [] },
  ],
};

test.each<[Action['kind'], boolean]>([
  ['create', true],
  ['update', true],
  ['replace', true],
  ['delete', true],
  ['adopt', false],
  ['forget', false],
])('an action of kind %s sends requests: %s', (kind, expected) => {
  expect(isWrite({ ...common, kind } as Action)).toBe(expected);
});

describe('the goal of an action', () => {
  const none = new Map();
  test.each<[WriteAction, Omit<Goal, 'key'>]>([
    [CREATE, { op: 'create', before: undefined, after: A, renames: none }],
    [DELETE, { op: 'delete', before: A, after: undefined, renames: none }],
    [REPLACE, { op: 'replace', before: A, after: B, renames: none }],
    [UPDATE, { op: 'update', before: A, after: RENAMED, renames: new Map([['plan', 'tier']]) }],
  ])('has both sides and its renames: $kind', (action, expected) => {
    expect(goalOf(action)).toStrictEqual({ ...expected, key: 'users/a' });
  });
});

describe('the requests of an action', () => {
  test.each<[WriteAction, readonly unknown[]]>([
    [CREATE, [{ method: 'create', spec: A }]],
    [DELETE, [{ method: 'remove' }]],
    [REPLACE, [{ method: 'remove' }, { method: 'create', spec: B }]],
    [UPDATE, UPDATE.kind === 'update' ? UPDATE.steps.map((delta) => ({ method: 'update', delta })) : []],
  ])('are in sending order: $kind', (action, expected) => {
    expect(requestsOf(action)).toStrictEqual(expected);
  });
});

describe('the remaining work', () => {
  test('of a replace is both requests only if nothing changed', () => {
    expect(remainingOf(goalOf(REPLACE), A)).toEqual({
      requests: [{ method: 'remove' }, { method: 'create', spec: B }],
    });
    expect(remainingOf(goalOf(REPLACE), undefined)).toEqual({ requests: [{ method: 'create', spec: B }] });
    expect(remainingOf(goalOf(REPLACE), spec({ join_attribute: 'mail' }))).toEqual({
      conflict: 'it changed in the meantime: join_attribute, join_type',
    });
  });

  test('of a create over another connection is a conflict that names every differing value', () => {
    const liveSpec = spec({ join_type: 'user_id', fields: [field('plan', { type: 'number' })] });
    expect(remainingOf(goalOf(CREATE), liveSpec)).toEqual({
      conflict: 'a connection with this id exists and differs in join_type, fields[plan].type',
    });
  });

  test('of a create does not depend on the earlier state', () => {
    // connsync must not clear a field that only `before` had in a connection that another person created.
    const liveSpec = spec({ fields: [field('plan'), field('theirs')] });
    expect(remainingOf({ ...goalOf(CREATE), before: liveSpec }, liveSpec)).toEqual({ requests: [] });
  });

  test('of an update that clears a value is only that', () => {
    const before = spec({ fields: [field('plan', { description: 'old' })] });
    const goal: Goal = { op: 'update', key: 'users/a', before, after: A, renames: new Map() };
    expect(remainingOf(goal, before)).toEqual({
      requests: [{ method: 'update', delta: { update: [{ id: 'plan', description: '' }] } }],
    });
  });

  test('of an update that moves a field to another column is two requests, then one, then none', () => {
    const after = spec({ fields: [field('plan', { type: 'number' })] });
    const goal: Goal = { op: 'update', key: 'users/a', before: A, after, renames: new Map() };
    const add = { method: 'update', delta: { add: [field('plan', { type: 'number' })] } };
    expect(remainingOf(goal, A)).toEqual({ requests: [{ method: 'update', delta: { remove: ['plan'] } }, add] });
    expect(remainingOf(goal, spec({ fields: [] }))).toEqual({ requests: [add] });
    expect(remainingOf(goal, after)).toEqual({ requests: [] });
  });

  describe('of a rename', () => {
    const goal = goalOf(UPDATE);

    test('is the rename while only the old id exists', () => {
      expect(remainingOf(goal, A)).toEqual({
        requests: [{ method: 'update', delta: { update: [{ id: 'plan', newId: 'tier' }] } }],
      });
    });

    test('is to remove the old field if both exist', () => {
      const liveSpec = spec({ fields: [field('plan'), { ...field('plan'), id: 'tier' }] });
      expect(remainingOf(goal, liveSpec)).toEqual({ requests: [{ method: 'update', delta: { remove: ['plan'] } }] });
    });

    test('is to add the new field if neither exists', () => {
      expect(remainingOf(goal, spec({ fields: [] }))).toEqual({
        requests: [{ method: 'update', delta: { add: [{ ...field('plan'), id: 'tier' }] } }],
      });
    });
  });
});
