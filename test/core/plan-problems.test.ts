import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/core/diagnostic.ts';
import { planActions, type Views } from '../../src/core/planner.ts';
import { byKey, desired, field, live, recorded, spec } from './samples.ts';

const K = 'users/crm';
const PLACE = { file: 'connections/users/crm.yaml', line: 1 };
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

const problems = (views: Partial<Views>): readonly Problem[] => plan(views).problems;
const named = (label: string): ReturnType<typeof spec> => spec({ fields: [field('plan', { display_name: label })] });

describe('a connection that the plan leaves alone', () => {
  const cases: readonly (readonly [string, Partial<Views>, Omit<Problem, 'severity'>])[] = [
    [
      'an orphan',
      { recorded: byKey(recorded(K)), live: byKey(live(K)) },
      {
        code: 'orphan',
        message: 'users/crm is in the lockfile and in Datadog but has no manifest; connsync leaves it unchanged',
        hint: 'delete it with --prune, or stop managing it with connsync state rm users/crm',
      },
    ],
    [
      'a protected connection without a manifest',
      { recorded: byKey(recorded(K, spec(), { protect: true })), live: byKey(live(K)), prune: true },
      {
        code: 'protected',
        message: 'users/crm has no manifest but is protected; connsync leaves it unchanged',
        hint: 'restore its manifest without protect, apply, then remove the manifest',
      },
    ],
    [
      'a connection that was deleted outside Git, with on_drift: keep',
      { desired: byKey(desired(K)), recorded: byKey(recorded(K)), onDrift: 'keep' },
      {
        code: 'drift',
        message: 'users/crm was deleted outside Git; connsync does not create it again (on_drift: keep)',
        hint: 'use --on-drift revert to create it again',
        ...PLACE,
      },
    ],
    [
      'a connection with a disputed record, offline',
      {
        desired: byKey(desired(K)),
        recorded: byKey(recorded(K, spec(), { conflicting: [spec(), MOVED] })),
        live: undefined,
      },
      {
        code: 'conflicting-records',
        message:
          'the lockfile has two different records for users/crm, so its last applied values are unknown; connsync plans nothing for it offline',
        hint: 'run connsync plan with credentials to compare it with Datadog',
      },
    ],
    [
      'a connection with a disputed record and no manifest, offline',
      { recorded: byKey(recorded(K, spec(), { conflicting: [spec(), MOVED] })), live: undefined, prune: true },
      {
        code: 'conflicting-records',
        message:
          'the lockfile has two different records for users/crm, so its last applied values are unknown; connsync plans nothing for it offline',
        hint: 'run connsync plan with credentials to compare it with Datadog',
      },
    ],
    [
      'a value that was changed outside Git, with on_drift: keep',
      {
        desired: byKey(desired(K, named('Mine'))),
        recorded: byKey(recorded(K, named('Mine'))),
        live: byKey(live(K, named('Theirs'))),
        onDrift: 'keep',
      },
      {
        code: 'drift',
        message:
          'users/crm was changed outside Git: it differs from its manifest in 1 of its values; connsync leaves it unchanged',
        hint: 'run connsync drift to see the change, or connsync accept users/crm to copy it into the manifest',
        ...PLACE,
      },
    ],
    [
      'a field that was added outside Git',
      {
        desired: byKey(desired(K)),
        recorded: byKey(recorded(K)),
        live: byKey(live(K, spec({ fields: [field('plan'), field('extra')] }))),
      },
      {
        code: 'drift',
        message: 'users/crm was changed outside Git: it has an extra field: extra; connsync leaves it unchanged',
        hint: 'run connsync drift to see the change, or connsync accept users/crm to copy it into the manifest',
        ...PLACE,
      },
    ],
    [
      'two fields that were added outside Git',
      {
        desired: byKey(desired(K)),
        recorded: byKey(recorded(K)),
        live: byKey(live(K, spec({ fields: [field('plan'), field('x'), field('y')] }))),
      },
      {
        code: 'drift',
        message: 'users/crm was changed outside Git: it has extra fields: x, y; connsync leaves it unchanged',
        hint: 'run connsync drift to see the change, or connsync accept users/crm to copy it into the manifest',
        ...PLACE,
      },
    ],
    [
      'an edit in Datadog that the manifest already matches',
      { desired: byKey(desired(K, EDITED)), recorded: byKey(recorded(K, named('Old'))), live: byKey(live(K, EDITED)) },
      {
        code: 'drift',
        message: 'users/crm was changed outside Git: it now equals its manifest; connsync leaves it unchanged',
        hint: 'run connsync drift to see the change, or connsync accept users/crm to copy it into the manifest',
        ...PLACE,
      },
    ],
  ];
  test.each(cases)('%s', (_name, views, problem) => {
    const made = plan(views);
    expect(made.actions).toEqual([]);
    expect(made.problems).toEqual([{ ...problem, severity: 'warning' }]);
  });
});

describe('a value that both sides changed', () => {
  const both = {
    desired: byKey(desired(K, named('Mine'))),
    recorded: byKey(recorded(K, named('Before'))),
    live: byKey(live(K, named('Theirs'))),
  };

  test('is reported as a possible overwrite', () => {
    expect(problems(both)).toEqual([
      {
        code: 'drift',
        severity: 'warning',
        message: 'users/crm was also changed outside Git, and this plan may overwrite that change',
        hint: 'run connsync drift to see who changed what',
        ...PLACE,
      },
    ]);
    expect(plan(both).summary.drifted).toBe(1);
  });

  test('is not reported again if the change is already shown as drift', () => {
    const made = plan({
      ...both,
      recorded: byKey(recorded(K, named('Mine'))),
    });
    expect(made.actions[0]).toMatchObject({ drifted: true });
    expect(made.problems).toEqual([]);
  });

  test('is not reported if it did not change outside Git', () => {
    expect(problems({ ...both, live: byKey(live(K, named('Before'))) })).toEqual([]);
  });

  test('is not reported offline', () => {
    expect(problems({ ...both, live: undefined })).toEqual([]);
  });
});

describe('the author of a change', () => {
  const who = { updatedBy: 'ana@acme.example', updatedAt: '2026-01-02T03:04:05Z' };
  const authorIn = (action: object | undefined): object =>
    Object.fromEntries(Object.entries(action ?? {}).filter(([name]) => name.startsWith('updated')));
  const liveViews = (about: object, label = 'Theirs'): Partial<Views> => ({
    desired: byKey(desired(K, named('Mine'))),
    live: byKey({ ...live(K, named(label)), ...about }),
  });

  test.each([
    ['person and time, from Datadog', who, who],
    ['only the person', { updatedBy: who.updatedBy }, { updatedBy: who.updatedBy }],
    ['only the time', { updatedAt: who.updatedAt }, { updatedAt: who.updatedAt }],
    ['no author, if Datadog does not name one', {}, {}],
  ])('is shown with drift: %s', (_name, about, expected) => {
    const [action] = plan({ ...liveViews(about), recorded: byKey(recorded(K, named('Mine'))) }).actions;
    expect(authorIn(action)).toStrictEqual(expected);
  });

  test('is not shown with a change made in Git, even if Datadog names one', () => {
    const [action] = plan({ ...liveViews(who), recorded: byKey(recorded(K, named('Theirs'))) }).actions;
    expect(action).toMatchObject({ kind: 'update', drifted: false });
    expect(authorIn(action)).toStrictEqual({});
  });

  test('is shown if one of several changes is drift', () => {
    const two = (a: string, b: string): ReturnType<typeof spec> =>
      spec({ fields: [field('a', { display_name: a }), field('b', { display_name: b })] });
    const [action] = plan({
      desired: byKey(desired(K, two('New', 'Same'))),
      recorded: byKey(recorded(K, two('Old', 'Same'))),
      live: byKey({ ...live(K, two('Old', 'Theirs')), ...who }),
    }).actions;
    expect(action).toMatchObject({ drifted: true, changes: [{ cause: 'git' }, { cause: 'drift' }], ...who });
  });
});
