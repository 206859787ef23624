import { describe, expect, test } from 'vitest';
import type { DesiredConnection, RecordedConnection } from '../../src/core/connection.ts';
import { guard, type Guarded, type GuardOptions } from '../../src/core/guard.ts';
import type { Action, Refusal } from '../../src/core/plan.ts';
import { byKey, desired, recorded, spec } from './samples.ts';

const STRICT: GuardOptions = {
  maxDeletes: { percent: 30 },
  allowEmpty: false,
  allowReplace: false,
  adopt: false,
  onDrift: 'revert',
};
const LAX: GuardOptions = { ...STRICT, maxDeletes: { count: 100 }, allowEmpty: true, allowReplace: true, adopt: true };
const A = spec();
const B = spec({ join_attribute: 'mail' });

interface Case {
  readonly actions?: readonly Action[];
  readonly desired?: readonly DesiredConnection[];
  readonly recorded?: readonly RecordedConnection[];
  readonly about?: Partial<Guarded>;
  readonly options?: Partial<GuardOptions>;
  readonly base?: GuardOptions;
}

function refusals({ actions = [], about, options, base = LAX, ...sides }: Case): readonly Refusal[] {
  const guarded: Guarded = {
    plan: { actions },
    desired: byKey(...(sides.desired ?? actions.map(({ key }) => desired(key)))),
    recorded: byKey(...(sides.recorded ?? [])),
    missing: [],
    folders: ['connections'],
    manifests: 2,
    ...about,
  };
  return guard(guarded, { ...base, ...options });
}

const common = (key: string): { key: string; digest: string; changes: []; drifted: boolean } => ({
  key,
  digest: key,
  changes: [],
  drifted: false,
});
const removal = (key: string): Action => ({ ...common(key), kind: 'delete', from: A });
const replacement = (key: string): Action => ({
  ...common(key),
  kind: 'replace',
  from: A,
  to: B,
  reasons: ['join_attribute'],
});
const takeover = (key: string): Action => ({
  ...common(key),
  kind: 'update',
  from: A,
  to: B,
  steps: [],
  takeover: true,
});
const drift = (key: string): Action => ({ ...common(key), kind: 'update', from: A, to: B, steps: [], drifted: true });

const named = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `users/c${index + 1}`);

describe('the message of a guard', () => {
  test('for one folder that does not exist', () => {
    expect(refusals({ about: { missing: ['connections'] } })).toMatchInlineSnapshot(`
      [
        {
          "code": "missing-folder",
          "hint": "check --dir, or create the folder",
          "keys": [],
          "message": "connections/ does not exist; connsync does not treat a missing folder as empty",
        },
      ]
    `);
  });

  test('for two folders that do not exist', () => {
    const [refusal] = refusals({ about: { missing: ['connections', 'more/of them'] } });
    expect(refusal?.message).toMatchInlineSnapshot(
      `"connections/, more/of them/ does not exist; connsync does not treat a missing folder as empty"`,
    );
  });

  test('for no manifest while one connection is recorded', () => {
    expect(refusals({ base: STRICT, desired: [], recorded: [recorded('users/a')] })).toMatchInlineSnapshot(`
      [
        {
          "code": "no-manifests",
          "hint": "check --dir, or use --allow-empty to delete everything",
          "keys": [
            "users/a",
          ],
          "message": "found no manifests in connections/, but the lockfile records 1 connection",
        },
      ]
    `);
  });

  test('for no manifest in two folders while several are recorded, with their keys in order', () => {
    expect(
      refusals({
        base: STRICT,
        desired: [],
        recorded: [recorded('users/b'), recorded('accounts/z'), recorded('users/a')],
        about: { folders: ['crm', 'billing/eu'] },
      }),
    ).toMatchInlineSnapshot(`
      [
        {
          "code": "no-manifests",
          "hint": "check --dir, or use --allow-empty to delete everything",
          "keys": [
            "accounts/z",
            "users/a",
            "users/b",
          ],
          "message": "found no manifests in crm/, billing/eu/, but the lockfile records 3 connections",
        },
      ]
    `);
  });

  test('for more deletes than a percentage allows', () => {
    expect(
      refusals({
        actions: [removal('users/c1'), replacement('users/c2'), takeover('users/c3')],
        recorded: named(4).map((key) => recorded(key)),
        options: { maxDeletes: { percent: 30 } },
      }),
    ).toMatchInlineSnapshot(`
      [
        {
          "code": "delete-limit",
          "hint": "check --dir: connsync found 2 manifests in connections/. Allow the deletes with --max-deletes 2",
          "keys": [
            "users/c1",
            "users/c2",
          ],
          "message": "refusing to destroy 2 of 4 connections (limit: 30 %, here 1)",
        },
      ]
    `);
  });

  test('for more deletes than a number allows, with one manifest found and one connection recorded', () => {
    expect(
      refusals({
        actions: [removal('users/c1')],
        recorded: [recorded('users/c1')],
        options: { maxDeletes: { count: 0 } },
        about: { manifests: 1, folders: ['crm', 'billing'] },
      }),
    ).toMatchInlineSnapshot(`
      [
        {
          "code": "delete-limit",
          "hint": "check --dir: connsync found 1 manifest in crm/, billing/. Allow the deletes with --max-deletes 1",
          "keys": [
            "users/c1",
          ],
          "message": "refusing to destroy 1 of 1 connection (limit: 0)",
        },
      ]
    `);
  });

  test('for one takeover', () => {
    expect(refusals({ actions: [takeover('users/c1')], options: { adopt: false } })).toMatchInlineSnapshot(`
      [
        {
          "code": "takeover",
          "hint": "use --adopt to apply the manifest, or connsync import to take over the live values",
          "keys": [
            "users/c1",
          ],
          "message": "users/c1 exists in Datadog with different values and is not in the lockfile",
        },
      ]
    `);
  });

  test('for two takeovers', () => {
    const [refusal] = refusals({ actions: named(2).map(takeover), options: { adopt: false } });
    expect(refusal?.message).toMatchInlineSnapshot(
      `"users/c1, users/c2 exist in Datadog with different values and are not in the lockfile"`,
    );
  });

  test('for one replace', () => {
    expect(refusals({ actions: [replacement('users/c1')], options: { allowReplace: false } })).toMatchInlineSnapshot(`
      [
        {
          "code": "replace",
          "hint": "allow it with --allow-replace, or add allow: [replace] to the manifest",
          "keys": [
            "users/c1",
          ],
          "message": "users/c1 would be replaced",
        },
      ]
    `);
  });

  test('for one replace of a protected connection', () => {
    expect(
      refusals({
        actions: [replacement('users/c1')],
        desired: [desired('users/c1', B, { protect: true })],
      }),
    ).toMatchInlineSnapshot(`
      [
        {
          "code": "protected-replace",
          "hint": "remove protect from the manifest and apply that change first",
          "keys": [
            "users/c1",
          ],
          "message": "users/c1 would be replaced but is protected",
        },
      ]
    `);
  });

  test('for replaces of which some are protected, each with its own code', () => {
    expect(
      refusals({
        actions: named(4).map(replacement),
        desired: [
          desired('users/c1', B, { protect: true }),
          desired('users/c2', B),
          desired('users/c3', B, { allowReplace: true }),
          desired('users/c4', B),
        ],
        recorded: [recorded('users/c4', A, { protect: true })],
        options: { allowReplace: false },
      }).map(({ code, message, keys }) => ({ code, message, keys })),
    ).toMatchInlineSnapshot(`
      [
        {
          "code": "protected-replace",
          "keys": [
            "users/c1",
            "users/c4",
          ],
          "message": "users/c1, users/c4 would be replaced but are protected",
        },
        {
          "code": "replace",
          "keys": [
            "users/c2",
          ],
          "message": "users/c2 would be replaced",
        },
      ]
    `);
  });

  test('for one connection that was changed outside Git', () => {
    expect(refusals({ actions: [drift('users/c1')], options: { onDrift: 'refuse' } })).toMatchInlineSnapshot(`
      [
        {
          "code": "drift-refused",
          "hint": "run connsync drift, then undo the changes with --on-drift revert or keep them with --on-drift keep",
          "keys": [
            "users/c1",
          ],
          "message": "users/c1 was changed outside Git, and on_drift is refuse",
        },
      ]
    `);
  });

  test('for two connections that were changed outside Git', () => {
    const [refusal] = refusals({ actions: named(2).map(drift), options: { onDrift: 'refuse' } });
    expect(refusal?.message).toMatchInlineSnapshot(
      `"users/c1, users/c2 were changed outside Git, and on_drift is refuse"`,
    );
  });
});

describe('for many keys', () => {
  const message = (count: number): string | undefined =>
    refusals({ actions: named(count).map(replacement), options: { allowReplace: false } })[0]?.message;

  test('names five of them', () => {
    expect(message(5)).toBe('users/c1, users/c2, users/c3, users/c4, users/c5 would be replaced');
  });

  test('counts the sixth and later ones', () => {
    expect(message(6)).toBe('users/c1, users/c2, users/c3, users/c4, users/c5 and 1 more would be replaced');
    expect(message(12)).toBe('users/c1, users/c2, users/c3, users/c4, users/c5 and 7 more would be replaced');
  });

  test('lists all of them in the refusal', () => {
    const [refusal] = refusals({ actions: named(12).map(replacement), options: { allowReplace: false } });
    expect(refusal?.keys).toEqual(named(12));
  });
});

test('refusals follow the order of their table, and none hides another', () => {
  const all = refusals({
    base: STRICT,
    actions: [removal('users/c1'), replacement('users/c2'), { ...takeover('users/c3'), drifted: true }],
    recorded: [recorded('users/c1'), recorded('users/c2')],
    options: { onDrift: 'refuse' },
    about: { missing: ['more'] },
  });
  expect(all.map(({ code }) => code)).toEqual([
    'missing-folder',
    'delete-limit',
    'takeover',
    'replace',
    'drift-refused',
  ]);
});

test.each([
  ['a folder is missing', { missing: ['connections'] }, ['missing-folder']],
  ['something is desired', { desired: byKey(desired('users/b')) }, []],
  ['nothing is recorded', { recorded: new Map() }, []],
] as const)('a set is not called empty if %s', (_, about, codes) => {
  expect(
    refusals({ base: STRICT, desired: [], recorded: [recorded('users/a')], about }).map(({ code }) => code),
  ).toEqual(codes);
});
