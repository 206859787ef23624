import { describe, test } from 'vitest';
import type { RecordedConnection, Spec } from '../../src/core/connection.ts';
import type { OpenIntent } from '../../src/core/ports.ts';
import { field, recorded, spec } from '../core/samples.ts';
import { A, B, K, SETTLE_MS, TWO, Runtime, expectEnding, left, type Ending } from './interrupted.ts';

const HALF = spec({ fields: [field('plan', { display_name: 'Plan' })] });

describe('an open intent of an earlier run', () => {
  const owned = { owner: 'team' };
  const was = recorded(K, A);
  test.each<[string, OpenIntent, RecordedConnection | undefined, Spec | undefined, Ending]>([
    [
      'a create that was done is recorded as the earlier run would have',
      left('create'),
      undefined,
      A,
      {
        outcome: { state: 'done' },
        record: recorded(K, A, owned),
        words: 'create of users/a succeeded and is now recorded',
      },
    ],
    [
      'a create that was not done is abandoned',
      left('create'),
      undefined,
      undefined,
      {
        outcome: { state: 'aborted' },
        record: undefined,
        words: 'create of users/a was not done and is planned again',
      },
    ],
    [
      'a create is abandoned if another connection took its place',
      left('create'),
      undefined,
      B,
      {
        outcome: { state: 'aborted' },
        record: undefined,
        words:
          'create of users/a differs from what connsync sent; Datadog or someone else changed it, and the plan shows the difference',
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
        words: 'update of users/a succeeded and is now recorded',
      },
    ],
    [
      'an update that was not done is abandoned and keeps the record',
      left('update'),
      was,
      A,
      { outcome: { state: 'aborted' }, record: was, words: 'update of users/a was not done and is planned again' },
    ],
    [
      'an update that was half done is recorded as half done',
      left('update'),
      recorded(K, A, { protect: true }),
      HALF,
      {
        outcome: { state: 'aborted', record: recorded(K, HALF, { protect: true }) },
        record: recorded(K, HALF, { protect: true }),
        words: 'update of users/a was partly done; the rest is planned again',
      },
    ],
    [
      'a half-done update is not recorded if another person changed something else',
      left('update'),
      was,
      spec({ fields: [field('plan', { display_name: 'Plan' })], metadata: { theirs: 'x' }, join_attribute: 'mail' }),
      {
        outcome: { state: 'aborted' },
        record: was,
        words:
          'update of users/a differs from what connsync sent; Datadog or someone else changed it, and the plan shows the difference',
      },
    ],
    [
      'a half-done update of an unrecorded connection stays unrecorded',
      left('update'),
      undefined,
      HALF,
      {
        outcome: { state: 'aborted' },
        record: undefined,
        words: 'update of users/a was not done and is planned again',
      },
    ],
    [
      'an update of a connection that is gone is abandoned',
      left('update'),
      was,
      undefined,
      { outcome: { state: 'aborted' }, record: was, words: 'update of users/a was not done and is planned again' },
    ],
    [
      'a delete that was done removes the record',
      left('delete'),
      was,
      undefined,
      { outcome: { state: 'done' }, record: undefined, words: 'delete of users/a succeeded and is now recorded' },
    ],
    [
      'a delete that was not done is abandoned and keeps the record',
      left('delete'),
      was,
      A,
      { outcome: { state: 'aborted' }, record: was, words: 'delete of users/a was not done and is planned again' },
    ],
    [
      'a replace that was done is recorded',
      left('replace', { sending: 'create' }),
      was,
      B,
      {
        outcome: { state: 'done' },
        record: recorded(K, B, owned),
        words: 'replacement of users/a succeeded and is now recorded',
      },
    ],
    [
      'a replace of which nothing was done is abandoned',
      left('replace'),
      was,
      A,
      { outcome: { state: 'aborted' }, record: was, words: 'replacement of users/a was not done and is planned again' },
    ],
    [
      'a replace that was interrupted is finished',
      left('replace'),
      was,
      undefined,
      {
        outcome: { state: 'done' },
        record: recorded(K, B, owned),
        words: 'replacement of users/a stopped between its delete and its create and is now complete',
      },
    ],
    [
      'a replace is abandoned if half of its fields are live, because no replace leaves that',
      left('replace', { after: spec({ join_type: 'user_id', join_attribute: 'mail' }) }),
      was,
      spec({ join_attribute: 'mail' }),
      {
        outcome: { state: 'aborted' },
        record: was,
        words:
          'replacement of users/a differs from what connsync sent; Datadog or someone else changed it, and the plan shows the difference',
      },
    ],
    [
      'a replace is abandoned if another connection took its place',
      left('replace'),
      was,
      spec({ join_attribute: 'mail' }),
      {
        outcome: { state: 'aborted' },
        record: was,
        words:
          'replacement of users/a differs from what connsync sent; Datadog or someone else changed it, and the plan shows the difference',
      },
    ],
  ])('%s', async (_, intent, before, live, ending) => {
    const runtime = new Runtime();
    if (live !== undefined) runtime.live.set(K, live);
    // Long enough ago that every request that was sent must have arrived.
    runtime.time = SETTLE_MS;
    await expectEnding(runtime, intent, before, ending);
  });

  test('without a planned record gets none when it is done', async () => {
    const runtime = new Runtime();
    runtime.live.set(K, A);
    const { record: _, ...bare } = left('create');
    await expectEnding(runtime, bare, was, {
      outcome: { state: 'done' },
      record: undefined,
      words: 'create of users/a succeeded and is now recorded',
    });
  });

  test('that removes fields and moves one to another column is recorded as half done too', async () => {
    const moving = left('update', {
      before: TWO,
      after: spec({ fields: [field('plan', { display_name: 'Plan', type: 'number' }), field('more')] }),
    });
    const gone = spec({ fields: [field('more')] });
    const runtime = new Runtime();
    runtime.live.set(K, gone);
    await expectEnding(runtime, moving, recorded(K, TWO), {
      outcome: { state: 'aborted', record: recorded(K, gone) },
      record: recorded(K, gone),
      words: 'update of users/a was partly done; the rest is planned again',
    });
  });
});
