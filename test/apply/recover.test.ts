import { describe, test } from 'vitest';
import type { RecordedConnection, Spec } from '../../src/core/connection.ts';
import type { OpenIntent } from '../../src/core/ports.ts';
import { field, recorded, spec } from '../core/samples.ts';
import { A, B, K, SETTLE_MS, TWO, Runtime, expectEnding, left, type Ending } from './interrupted.ts';

const HALF = spec({ fields: [field('plan', { display_name: 'Plan' })] });

describe('what an earlier run left open', () => {
  const owned = { owner: 'team' };
  const was = recorded(K, A);
  test.each<[string, OpenIntent, RecordedConnection | undefined, Spec | undefined, Ending]>([
    [
      'a create that was done is recorded as that run would have',
      left('create'),
      undefined,
      A,
      {
        outcome: { state: 'done' },
        record: recorded(K, A, owned),
        words: 'create of users/a was done, and is recorded now',
      },
    ],
    [
      'a create that was not done is given up',
      left('create'),
      undefined,
      undefined,
      {
        outcome: { state: 'aborted' },
        record: undefined,
        words: 'create of users/a was not done, and is planned anew',
      },
    ],
    [
      'a create in whose place something else is',
      left('create'),
      undefined,
      B,
      {
        outcome: { state: 'aborted' },
        record: undefined,
        words:
          'create of users/a is not there as it was sent: something else is, or it as Datadog changed it; the plan shows what differs',
      },
    ],
    [
      'an update that was done is recorded',
      left('update'),
      was,
      TWO,
      {
        outcome: { state: 'done' },
        record: recorded(K, TWO, owned),
        words: 'update of users/a was done, and is recorded now',
      },
    ],
    [
      'an update that was not done is given up, and the record stays',
      left('update'),
      was,
      A,
      { outcome: { state: 'aborted' }, record: was, words: 'update of users/a was not done, and is planned anew' },
    ],
    [
      'an update that was done by half is recorded by half',
      left('update'),
      recorded(K, A, { protect: true }),
      HALF,
      {
        outcome: { state: 'aborted', leaves: recorded(K, HALF, { protect: true }) },
        record: recorded(K, HALF, { protect: true }),
        words: 'update of users/a was done by half, and is planned anew',
      },
    ],
    [
      'an update by half beside which somebody changed something else is no record of ours',
      left('update'),
      was,
      spec({ fields: [field('plan', { display_name: 'Plan' })], metadata: { theirs: 'x' }, join_attribute: 'mail' }),
      {
        outcome: { state: 'aborted' },
        record: was,
        words:
          'update of users/a is not there as it was sent: something else is, or it as Datadog changed it; the plan shows what differs',
      },
    ],
    [
      'an update by half of what nobody recorded stays unrecorded',
      left('update'),
      undefined,
      HALF,
      {
        outcome: { state: 'aborted' },
        record: undefined,
        words: 'update of users/a was not done, and is planned anew',
      },
    ],
    [
      'an update of what is gone is given up',
      left('update'),
      was,
      undefined,
      { outcome: { state: 'aborted' }, record: was, words: 'update of users/a was not done, and is planned anew' },
    ],
    [
      'a delete that was done takes the record away',
      left('delete'),
      was,
      undefined,
      { outcome: { state: 'done' }, record: undefined, words: 'delete of users/a was done, and is recorded now' },
    ],
    [
      'a delete that was not done is given up, and the record stays',
      left('delete'),
      was,
      A,
      { outcome: { state: 'aborted' }, record: was, words: 'delete of users/a was not done, and is planned anew' },
    ],
    [
      'a replace that was done is recorded',
      left('replace', { sending: 'create' }),
      was,
      B,
      {
        outcome: { state: 'done' },
        record: recorded(K, B, owned),
        words: 'replacement of users/a was done, and is recorded now',
      },
    ],
    [
      'a replace of which nothing was done is given up',
      left('replace'),
      was,
      A,
      { outcome: { state: 'aborted' }, record: was, words: 'replacement of users/a was not done, and is planned anew' },
    ],
    [
      'a replace that was cut is finished',
      left('replace'),
      was,
      undefined,
      {
        outcome: { state: 'done' },
        record: recorded(K, B, owned),
        words: 'replacement of users/a was cut short between its delete and its create, and is finished now',
      },
    ],
    [
      'a replace in whose place something like half of it is, which no replace leaves',
      left('replace', { after: spec({ join_type: 'user_id', join_attribute: 'mail' }) }),
      was,
      spec({ join_attribute: 'mail' }),
      {
        outcome: { state: 'aborted' },
        record: was,
        words:
          'replacement of users/a is not there as it was sent: something else is, or it as Datadog changed it; the plan shows what differs',
      },
    ],
    [
      'a replace in whose place something else is',
      left('replace'),
      was,
      spec({ join_attribute: 'mail' }),
      {
        outcome: { state: 'aborted' },
        record: was,
        words:
          'replacement of users/a is not there as it was sent: something else is, or it as Datadog changed it; the plan shows what differs',
      },
    ],
  ])('%s', async (_, intent, before, there, ending) => {
    const world = new Runtime();
    if (there !== undefined) world.there.set(K, there);
    // Long enough ago that whatever was sent must have arrived.
    world.time = SETTLE_MS;
    await expectEnding(world, intent, before, ending);
  });

  test('without the record that was to be made, and done, has none', async () => {
    const world = new Runtime();
    world.there.set(K, A);
    const { record: _, ...bare } = left('create');
    await expectEnding(world, bare, was, {
      outcome: { state: 'done' },
      record: undefined,
      words: 'create of users/a was done, and is recorded now',
    });
  });

  test('of fields that only go, while one of them moves its column, is recorded by half too', async () => {
    const moving = left('update', {
      before: TWO,
      after: spec({ fields: [field('plan', { display_name: 'Plan', type: 'number' }), field('more')] }),
    });
    const gone = spec({ fields: [field('more')] });
    const world = new Runtime();
    world.there.set(K, gone);
    await expectEnding(world, moving, recorded(K, TWO), {
      outcome: { state: 'aborted', leaves: recorded(K, gone) },
      record: recorded(K, gone),
      words: 'update of users/a was done by half, and is planned anew',
    });
  });
});
