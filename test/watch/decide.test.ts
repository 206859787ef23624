import { describe, expect, test } from 'vitest';
import { planActions, type Views } from '../../src/core/planner.ts';
import { changedNames, deferredActions } from '../../src/watch/decide.ts';
import { cacheDecisions } from '../../src/watch/decision-cache.ts';
import fc from 'fast-check';
import { arbitraryKey, arbitrarySpec, desired, field, live, recorded, spec } from '../core/samples.ts';

test('two versions differ in the names that are new, removed or changed', () => {
  const before = new Map([
    ['same', '1'],
    ['other', '1'],
    ['gone', '1'],
  ]);
  const now = new Map([
    ['other', '2'],
    ['same', '1'],
    ['new', '1'],
  ]);
  expect(changedNames(before, now)).toEqual(['gone', 'new', 'other']);
});

describe('a save', () => {
  const plan = (views: Partial<Views>): ReturnType<typeof planActions> =>
    planActions({ desired: new Map(), recorded: new Map(), live: new Map(), prune: true, onDrift: 'revert', ...views });

  test('skips deletes and replaces, and actions that depend on them', () => {
    const shared = spec({ fields: [field('shared')] });
    const { actions, ...rest } = plan({
      desired: new Map(
        [
          desired('users/takes', shared),
          desired('users/new'),
          desired('users/moved', spec({ join_attribute: 'x' })),
        ].map((each) => [each.key, each]),
      ),
      recorded: new Map([recorded('users/gives', shared), recorded('users/moved')].map((each) => [each.key, each])),
      live: new Map([live('users/gives', shared), live('users/moved')].map((each) => [each.key, each])),
    });
    const left = deferredActions({ actions, ...rest });
    expect(actions.map(({ kind, key }) => `${kind} ${key}`).toSorted()).toEqual([
      'create users/new',
      'create users/takes',
      'delete users/gives',
      'replace users/moved',
    ]);
    expect(left.map(({ key }) => key).toSorted()).toEqual(['users/gives', 'users/moved', 'users/takes']);
  });
});

test('produces the same incremental plan as a full plan, for any change in between', () => {
  const side = fc.array(fc.tuple(arbitraryKey, arbitrarySpec), { maxLength: 6 });
  const onDrift = fc.constantFrom('revert' as const, 'keep' as const, 'refuse' as const);
  const views = fc.record({ wanted: side, last: side, there: fc.option(side), onDrift, prune: fc.boolean() });
  fc.assert(
    fc.property(fc.array(views, { minLength: 2, maxLength: 4 }), (all) => {
      const decide = cacheDecisions();
      // Reuse the same manifests in every round, so that much is cached while the other sides change.
      const manifests = new Map(
        all.flatMap(({ wanted }) => wanted.map(([key, of]) => [key, desired(key, of)] as const)),
      );
      for (const { last, there, onDrift: drift, prune } of all) {
        const round: Views = {
          desired: manifests,
          recorded: new Map(last.map(([key, of]) => [key, recorded(key, of)])),
          live: there === null ? undefined : new Map(there.map(([key, of]) => [key, live(key, of)])),
          onDrift: drift,
          prune,
        };
        for (let again = 0; again < 2; again += 1) expect(planActions(round, decide)).toEqual(planActions(round));
      }
    }),
    { numRuns: 50 },
  );
});
