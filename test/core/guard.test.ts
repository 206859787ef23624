import { describe, expect, test } from 'vitest';
import { guard, type Guarded, type GuardOptions } from '../../src/core/guard.ts';
import { planActions, type Views } from '../../src/core/planner.ts';
import type { RecordedConnection } from '../../src/core/connection.ts';
import { byKey, desired, field, live, recorded, spec } from './samples.ts';

const STRICT: GuardOptions = {
  maxDeletes: { percent: 30 },
  allowEmpty: false,
  allowReplace: false,
  adopt: false,
  onDrift: 'revert',
};
const MOVED = spec({ join_attribute: 'other' });

function guarded(views: Partial<Views>, rest: Partial<Guarded> = {}): Guarded {
  const full: Views = {
    desired: new Map(),
    recorded: new Map(),
    live: new Map(),
    prune: true,
    onDrift: 'revert',
    ...views,
  };
  return {
    plan: planActions(full),
    desired: full.desired,
    recorded: full.recorded,
    missing: [],
    folders: ['connections'],
    manifests: full.desired.size,
    ...rest,
  };
}

function codes(about: Guarded, options: Partial<GuardOptions> = {}): readonly string[] {
  return guard(about, { ...STRICT, ...options }).map(({ code }) => code);
}

function many(count: number): readonly RecordedConnection[] {
  return Array.from({ length: count }, (_, index) => recorded(`users/c${String(index).padStart(3, '0')}`));
}

/** Inputs with `total` recorded and live connections, `gone` of which no longer have a manifest. */
function deleting(gone: number, total: number): Guarded {
  const all = many(total);
  return guarded({
    recorded: byKey(...all),
    live: byKey(...all.map(({ key }) => live(key))),
    desired: byKey(...all.slice(gone).map(({ key }) => desired(key))),
  });
}

describe('the delete limit', () => {
  test.each([
    ['30 % of 10, just below', 3, 10, { percent: 30 }, []],
    ['30 % of 10, just above', 4, 10, { percent: 30 }, ['delete-limit']],
    ['30 % of 13, rounded down', 4, 13, { percent: 30 }, ['delete-limit']],
    ['a percentage always allows one delete', 1, 2, { percent: 30 }, []],
    ['even 0 % allows one delete', 1, 5, { percent: 0 }, []],
    ['a number is exact, just below', 5, 10, { count: 5 }, []],
    ['a number is exact, just above', 6, 10, { count: 5 }, ['delete-limit']],
    ['0 allows none', 1, 10, { count: 0 }, ['delete-limit']],
  ] as const)('%s', (_name, gone, total, maxDeletes, expected) => {
    expect(codes(deleting(gone, total), { maxDeletes })).toEqual(expected);
  });

  test('names the number, the limit, the likeliest mistake and the flag', () => {
    const [refusal] = guard(deleting(11, 12), STRICT);
    expect(refusal?.message).toBe('refusing to destroy 11 of 12 connections (limit: 30 %, here 3)');
    expect(refusal?.hint).toBe(
      'check --dir: connsync found 1 manifest in connections/. Allow the deletes with --max-deletes 11',
    );
    expect(refusal?.keys).toHaveLength(11);
  });

  test('counts a replace as a delete', () => {
    const about = guarded({
      desired: byKey(desired('users/a')),
      recorded: byKey(recorded('users/a')),
      live: byKey(live('users/a', MOVED)),
    });
    expect(codes(about, { maxDeletes: { count: 0 }, allowReplace: true })).toEqual(['delete-limit']);
  });
});

describe('an empty set', () => {
  const about = guarded({ recorded: byKey(recorded('users/a')), live: byKey(live('users/a')) });
  test('is refused if anything is recorded', () => expect(codes(about)).toEqual(['no-manifests']));
  test('is allowed with --allow-empty', () => expect(codes(about, { allowEmpty: true })).toEqual([]));
  test('is allowed if nothing is recorded', () => expect(codes(guarded({}))).toEqual([]));
});

test('a missing folder is refused with its own reason, not as an empty set', () => {
  expect(codes(guarded({ recorded: byKey(recorded('users/a')) }, { missing: ['connections'] }))).toEqual([
    'missing-folder',
  ]);
});

describe('a takeover', () => {
  const about = guarded({
    desired: byKey(desired('users/a', spec({ fields: [field('x')] }))),
    live: byKey(live('users/a')),
  });
  test('is refused without --adopt', () =>
    expect(guard(about, STRICT)).toMatchObject([{ code: 'takeover', keys: ['users/a'] }]));
  test('is allowed with --adopt', () => expect(codes(about, { adopt: true })).toEqual([]));
  test('that needs a replace requires both consents', () => {
    const moved = guarded({ desired: byKey(desired('users/a')), live: byKey(live('users/a', MOVED)) });
    expect(codes(moved)).toEqual(['takeover', 'replace']);
    expect(codes(moved, { adopt: true })).toEqual(['replace']);
    expect(codes(moved, { adopt: true, allowReplace: true })).toEqual([]);
  });
});

describe('a replace', () => {
  const views = { recorded: byKey(recorded('users/a')), live: byKey(live('users/a', MOVED)) };
  test('is refused without consent', () =>
    expect(codes(guarded({ ...views, desired: byKey(desired('users/a')) }))).toEqual(['replace']));
  test('is allowed by the flag', () =>
    expect(codes(guarded({ ...views, desired: byKey(desired('users/a')) }), { allowReplace: true })).toEqual([]));
  test('is allowed by its manifest', () =>
    expect(codes(guarded({ ...views, desired: byKey(desired('users/a', spec(), { allowReplace: true })) }))).toEqual(
      [],
    ));
  test.each([
    ['in the manifest', { protect: true }, {}],
    ['only in the lockfile', {}, { protect: true }],
  ])('a replace of a connection that is protected %s is refused even with consent', (_name, about, record) => {
    const locked = guarded({
      ...views,
      recorded: byKey(recorded('users/a', spec(), record)),
      desired: byKey(desired('users/a', spec(), { ...about, allowReplace: true })),
    });
    expect(codes(locked, { allowReplace: true })).toEqual(['protected-replace']);
  });
});

describe('drift with on_drift: refuse', () => {
  const edited = spec({ fields: [field('plan', { source_name: 'x' })] });
  const about = guarded({
    desired: byKey(desired('users/a')),
    recorded: byKey(recorded('users/a')),
    live: byKey(live('users/a', edited)),
  });
  test('refuses to revert a change made outside Git', () =>
    expect(codes(about, { onDrift: 'refuse' })).toEqual(['drift-refused']));
  test('does not apply with on_drift: revert', () => expect(codes(about)).toEqual([]));
  test('refuses to recreate a connection that was deleted outside Git', () => {
    expect(
      codes(guarded({ desired: byKey(desired('users/a')), recorded: byKey(recorded('users/a')) }), {
        onDrift: 'refuse',
      }),
    ).toEqual(['drift-refused']);
  });
  test('allows changes made in Git', () => {
    const mine = guarded({
      desired: byKey(desired('users/a', edited)),
      recorded: byKey(recorded('users/a')),
      live: byKey(live('users/a')),
    });
    expect(codes(mine, { onDrift: 'refuse' })).toEqual([]);
  });
});
