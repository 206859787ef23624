import { describe, expect, test } from 'vitest';
import type { Spec } from '../../src/core/connection.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import type { OpenIntent } from '../../src/core/ports.ts';
import { byKey, recorded } from '../core/samples.ts';
import { A, AGAIN, B, K, SETTLE_MS, TWO, Runtime, answerOf, expectEnding, left } from './interrupted.ts';

const A_DAY_MS = 86_400_000;

describe('a replace that was interrupted between its delete and its create', () => {
  const cut = left('replace');

  test('is announced again and created from the body in the journal', async () => {
    const runtime = new Runtime();
    runtime.time = SETTLE_MS;
    await runtime.recover({ open: [cut], records: byKey(recorded(K, A)) });
    expect(runtime.intents).toEqual([[{ ...cut, sending: 'create' }]]);
    expect(runtime.creates).toEqual([{ entity: 'users', id: 'a', spec: B }]);
  });

  test('is reported as a deletion by connsync if Datadog refuses the create', async () => {
    const runtime = new Runtime();
    runtime.answers.push(answerOf('refused'));
    await expectEnding(runtime, cut, recorded(K, A), {
      outcome: { state: 'failed', record: null },
      record: undefined,
      words:
        'replacement of users/a stopped between its delete and its create and cannot be completed: 400 No (connsync deleted the connection and did not create it again)',
    });
  });

  test('stays open, with a reason, if the create did not reach Datadog', async () => {
    const runtime = new Runtime();
    runtime.answers.push(answerOf('unsent'));
    await expectEnding(runtime, cut, recorded(K, A), {
      outcome: undefined,
      record: recorded(K, A),
      words:
        'replacement of users/a stopped between its delete and its create and is not complete yet: 400 No (connsync deleted the connection and did not create it again)',
      hint: AGAIN,
    });
  });

  test('stays open in a run that is being stopped, and sends nothing', async () => {
    const runtime = new Runtime();
    runtime.time = SETTLE_MS;
    runtime.stop.abort();
    await expectEnding(runtime, cut, recorded(K, A), {
      outcome: undefined,
      record: recorded(K, A),
      words: 'replacement of users/a stopped between its delete and its create and is not complete yet',
      hint: AGAIN,
    });
    expect(runtime.creates).toEqual([]);
  });

  test('is looked up if the create is in doubt, and sent again', async () => {
    const runtime = new Runtime();
    runtime.answers.push(answerOf('unclear'));
    await runtime.recover({ open: [cut], records: byKey(recorded(K, A)) });
    expect(runtime.creates).toHaveLength(2);
    expect(runtime.lists.at(-2), 'once the delete and the create must have arrived').toBe(2 * SETTLE_MS);
    expect(runtime.lists.at(-1), 'until it shows, before anything is planned').toBe(2 * SETTLE_MS + 500);
    expect(runtime.outcomes).toEqual([{ key: K, digest: cut.digest, state: 'done' }]);
    expect(runtime.intents).toHaveLength(2);
  });

  test('ends the run if the keys are rejected', async () => {
    const runtime = new Runtime();
    runtime.answers.push(answerOf('denied'));
    await expect(runtime.recover({ open: [cut], records: byKey(recorded(K, A)) })).rejects.toMatchObject({
      code: 'credentials-rejected',
    });
    expect(runtime.outcomes).toEqual([]);
  });

  test('ends the run without a request if its intent cannot be made durable', async () => {
    const runtime = new Runtime();
    runtime.failsToIntend = new Failure('disk-failure', 'full');
    await expect(runtime.recover({ open: [cut], records: byKey(recorded(K, A)) })).rejects.toBe(runtime.failsToIntend);
    expect(runtime.creates).toEqual([]);
  });
});

describe('an intent of an earlier run is looked up', () => {
  test.each<[string, number, number, number]>([
    ['until it must have arrived', 1_000, 3_000, SETTLE_MS - 2_000],
    ['once, if that time has passed', 0, SETTLE_MS, 0],
    ['once, if connsync sent it longer ago', 0, SETTLE_MS + 1, 0],
    ['for the whole wait, if connsync sent it just now', 5, 5, SETTLE_MS],
    ['for the whole wait, if a clock is wrong', 6, 5, SETTLE_MS],
    ['once, if connsync sent it a day ago', 0, A_DAY_MS, 0],
    ['for the whole wait, if connsync sent it more than a day ago', 0, A_DAY_MS + 1, SETTLE_MS],
  ])('%s', async (_, at, now, wait) => {
    const runtime = new Runtime();
    runtime.time = now;
    await runtime.recover({ open: [left('create', { at })] });
    expect(runtime.lists.at(-1)).toBe(now + wait);
    expect(runtime.outcomes).toEqual([{ key: K, digest: 'digest of create', state: 'aborted' }]);
  });

  test('only until it is visible', async () => {
    const runtime = new Runtime();
    runtime.later.push({ at: 2_000, key: K, spec: A });
    await runtime.recover({ open: [left('create')] });
    expect(runtime.lists).toEqual([500, 1_500, 3_500]);
  });

  test('and left open if no list is available', async () => {
    const runtime = new Runtime();
    runtime.failsToList = new Failure('unreachable', 'no');
    await expectEnding(runtime, left('create'), undefined, {
      outcome: undefined,
      record: undefined,
      words: 'create of users/a has an unknown outcome',
      hint: AGAIN,
    });
  });

  test('only if it is for a key of this run', async () => {
    const runtime = new Runtime();
    runtime.includes = (key) => key !== K;
    const other = left('create', { key: 'users/b', digest: 'b' });
    const made = await runtime.recover({ open: [left('create'), other], records: byKey(recorded(K, B)) });
    expect(made).toEqual({ records: byKey(recorded(K, B)), open: [left('create')] });
    expect(runtime.problems.map(({ message }) => message)).toEqual([
      'connsync was interrupted earlier: the create of users/b was not done and is planned again',
    ]);
  });

  test('together with all others, and a crash in one of them surfaces after the others have ended', async () => {
    const runtime = new Runtime();
    runtime.later.push({ at: 3_000, key: 'accounts/b', spec: A });
    runtime.answers.push(answerOf('denied'));
    const slow = left('create', { key: 'accounts/b', digest: 'b', record: recorded('accounts/b', A) });
    await expect(
      runtime.recover({ open: [left('replace', { at: -SETTLE_MS }), slow], records: byKey(recorded(K, A)) }),
    ).rejects.toMatchObject({ code: 'credentials-rejected' });
    expect(runtime.outcomes).toEqual([{ key: 'accounts/b', digest: 'b', state: 'done' }]);
  });
});

describe('a change that an earlier run made and did not commit', () => {
  test.each<[string, OpenIntent, Spec | undefined, Spec | undefined]>([
    ['a create', left('create'), undefined, A],
    ['an update', left('update'), A, TWO],
    ['a delete', left('delete'), A, undefined],
    ['a create that another person changed', left('create'), undefined, B],
  ])('is awaited until it is visible, because lists lag: %s', async (_, intent, before, after) => {
    const runtime = new Runtime();
    if (before !== undefined) runtime.live.set(K, before);
    runtime.later.push({ at: 1_000, key: K, spec: after });
    const records = byKey(recorded('users/other'));
    expect(await runtime.recover({ uncommitted: [intent], records })).toEqual({ records, open: [] });
    expect(runtime.lists).toEqual([500, 1_500]);
    expect(runtime.problems).toEqual([]);
    expect(runtime.outcomes).toEqual([]);
  });

  test('is not taken as visible if a list fails because of a bug in connsync', async () => {
    const runtime = new Runtime();
    runtime.failsToList = new TypeError('a bug');
    await expect(runtime.recover({ uncommitted: [left('create')] })).rejects.toBe(runtime.failsToList);
  });

  test('is awaited no longer than the maximum list lag', async () => {
    const runtime = new Runtime();
    await runtime.recover({ uncommitted: [left('create')] });
    expect(runtime.lists.at(-1)).toBe(SETTLE_MS);
  });
});
