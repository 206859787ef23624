import { describe, expect, test } from 'vitest';
import type { Goal } from '../../src/apply/goal.ts';
import {
  afterAnswer,
  isShown,
  afterLookup,
  mustWait,
  resume,
  cannotAnnounce,
  type Doubt,
  type ProtocolStep,
} from '../../src/apply/protocol.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import { field, spec } from '../core/samples.ts';
import {
  A,
  B,
  BOTH,
  CREATE,
  DELETE,
  DELETED,
  LOOKS,
  MOVED,
  REPLACE,
  UPDATE,
  answer,
  at,
  failed,
  summaryOf,
  type Look,
  type Send,
  type Stage,
  type StepSummary,
} from './steps.ts';

describe('the result of a lookup', () => {
  const late = { kind: 'seen', late: true } as const;
  const looking = (goal: Goal, doubt: Doubt, stage: Stage = 'first'): Look =>
    afterAnswer(
      at(stage, goal),
      answer(({ unclear: 'unclear', taken: 'exists', refused: 'refused' } as const)[doubt]),
    ) as Look;

  test.each<[string, Look, Goal['before'], StepSummary | string]>([
    ['for an unclear create that is visible', looking(CREATE, 'unclear'), A, { outcome: 'applied, done' }],
    ['for an unclear create that is not visible', looking(CREATE, 'unclear'), undefined, 'send: create'],
    [
      'for an unclear create, if a different connection exists',
      looking(CREATE, 'unclear'),
      B,
      failed(
        'failed',
        " (a different connection exists: either this create as Datadog changed it, or someone else's; a connection with this id exists and differs in join_type)",
        { hint: 'run connsync plan; if the connection is yours, adopt it with connsync apply --adopt' },
      ),
    ],
    [
      'for a create whose id is taken by the desired connection',
      looking(CREATE, 'taken'),
      A,
      { outcome: 'applied, done' },
    ],
    [
      'for a create whose id is taken by another connection',
      looking(CREATE, 'taken'),
      B,
      failed('failed', ' (a connection with this id exists and differs in join_type)'),
    ],
    [
      'for a create whose id is taken by a connection that no list shows',
      looking(CREATE, 'taken'),
      undefined,
      failed('failed', ' (the id is taken, but no list shows the connection)'),
    ],
    [
      'for a refusal of the second attempt, if the first attempt succeeded',
      looking(CREATE, 'refused', 'again'),
      A,
      { outcome: 'applied, done' },
    ],
    [
      'for a refusal of the second attempt, if the first attempt did nothing',
      looking(CREATE, 'refused', 'again'),
      undefined,
      failed('failed'),
    ],
    [
      'for an unclear update, if the connection no longer exists',
      looking(UPDATE, 'unclear'),
      undefined,
      failed('failed', ' (it no longer exists)'),
    ],
    [
      'for an unclear update, if the join changed meanwhile',
      looking(UPDATE, 'unclear'),
      B,
      failed('failed', ' (it changed in the meantime: join_type, fields[more], fields[plan].type)'),
    ],
    ['for an unclear update that was not done', looking(UPDATE, 'unclear'), BOTH, 'send: update, update'],
    [
      'for an unclear replace, if the connection changed meanwhile',
      looking(REPLACE, 'unclear'),
      spec({ fields: [field('plan', { display_name: 'New' })] }),
      failed('failed', ' (it changed in the meantime: join_type)'),
    ],
    ['for an unclear delete that was done', looking(DELETE, 'unclear'), undefined, { outcome: 'applied, done' }],
    ['for an unclear delete that was not done', looking(DELETE, 'unclear'), A, 'send: remove'],
    ['for a refusal of the second attempt at a replace', looking(REPLACE, 'refused', 'again'), A, failed('failed')],
  ])('%s', (_, step, live, expected) => {
    const next = afterLookup(step, { ...late, live });
    expect(summaryOf(next)).toEqual(expected);
    if (next.at === 'end' && 'attempts' in next.ending) expect(next.ending.attempts).toBe(step.attempts);
  });

  test('is in doubt if no list is available, and says what the next run does', () => {
    expect(summaryOf(afterLookup(looking(CREATE, 'unclear'), { kind: 'blind' }))).toEqual(
      failed('unclear', ' (its outcome is unknown; the next apply checks what happened)', { hint: LOOKS }),
    );
  });

  test('is in doubt after four attempts that no list shows', () => {
    let step: ProtocolStep = at('first', CREATE);
    for (let sent = 1; sent <= 4; sent += 1) {
      expect(step, `before sending ${sent}`).toMatchObject({ at: 'send', unclear: sent - 1, attempts: 2 * (sent - 1) });
      step = afterLookup(afterAnswer(step as Send, answer('unclear')) as Look, { ...late, live: undefined });
    }
    expect(summaryOf(step)).toEqual(
      failed('unclear', ' (connsync sent it 4 times, and no list shows it)', { hint: LOOKS }),
    );
  });

  test('resets the attempt count if the remaining request is a different one', () => {
    const half = spec({ fields: [field('plan', { type: 'number' }), field('more')] });
    const step = afterLookup(looking(UPDATE, 'unclear', 'again'), { ...late, live: half });
    expect(step).toMatchObject({ at: 'send', unclear: 0 });
  });

  test('is a replace that has begun once its delete is visible', () => {
    expect(afterLookup(looking(REPLACE, 'unclear'), { ...late, live: undefined })).toMatchObject({
      at: 'send',
      hasBegun: true,
      unclear: 0,
      rest: [{ method: 'create', spec: B }],
    });
    expect(afterLookup(looking(REPLACE, 'unclear'), { ...late, live: A })).toMatchObject({
      at: 'send',
      hasBegun: false,
      unclear: 1,
    });
    expect(afterLookup(looking(CREATE, 'unclear'), { ...late, live: undefined })).toMatchObject({ hasBegun: false });
    expect(afterLookup(looking(REPLACE, 'unclear', 'half'), { ...late, live: undefined })).toMatchObject({
      hasBegun: true,
      unclear: 1,
    });
  });

  test('is a hole, and reported as one, if only the delete of a replace was done', () => {
    const hasBegun = afterLookup(afterAnswer(at('half', REPLACE), answer('unclear')) as Look, { kind: 'blind' });
    expect(summaryOf(hasBegun)).toEqual(
      failed('unclear', ` (its outcome is unknown; the next apply checks what happened)${DELETED}`, {
        hint: LOOKS,
        partial: 'nothing',
      }),
    );
  });
});

describe('a request in doubt', () => {
  const gone = spec({ fields: [] });
  const half = (step: ProtocolStep): Look => afterAnswer(step as Send, answer('unclear')) as Look;
  test.each<[string, Look, Goal['before'], boolean]>([
    ['is visible for a delete once the connection is gone', half(at('first', DELETE)), undefined, true],
    ['is not visible for a delete while the connection exists', half(at('first', DELETE)), A, false],
    [
      'is not visible for the first half of a replace even if the connection is gone, because it may still arrive',
      half(at('first', REPLACE)),
      undefined,
      false,
    ],
    [
      'is not visible for the first half of a replace while the connection exists',
      half(at('first', REPLACE)),
      A,
      false,
    ],
    ['is visible for the second half of a replace once a connection exists', half(at('half', REPLACE)), B, true],
    ['is not visible for the second half of a replace while none exists', half(at('half', REPLACE)), undefined, false],
    [
      'is not visible for the first half of an update even if only the second half remains',
      half(at('first', UPDATE)),
      gone,
      false,
    ],
    ['is not visible for the first half of an update while nothing changed', half(at('first', UPDATE)), BOTH, false],
    ['is visible for the second half of an update once everything is done', half(at('half', UPDATE)), MOVED, true],
    ['is not visible for the second half of an update while it remains', half(at('half', UPDATE)), gone, false],
    ['is visible for an update that can no longer be applied', half(at('first', UPDATE)), undefined, true],
  ])('%s', (_, step, live, expected) => {
    expect(isShown(step, live)).toBe(expected);
  });

  test('must be waited for if an earlier run left it and its step is unknown', () => {
    expect(mustWait(resume(UPDATE, 'update'), true)).toBe(true);
    expect(mustWait(resume(CREATE, 'create'), true)).toBe(false);
    expect(mustWait(half(at('half', REPLACE)), false)).toBe(true);
    expect(mustWait(half(at('half', UPDATE)), false), 'a request that only adds does no harm').toBe(false);
  });
});

describe('an intent that an earlier run left open is looked up first', () => {
  const interrupted = 'the run that sent it was interrupted';
  test.each<[string, Goal, 'create' | 'update' | 'remove' | undefined, readonly unknown[], boolean, object]>([
    [
      'a create',
      CREATE,
      'create',
      [{ method: 'create', spec: A }],
      false,
      { method: 'POST', path: '/api/v2/product-analytics/users/mapping/connection' },
    ],
    [
      'a create from a plan announced as a whole',
      CREATE,
      undefined,
      [{ method: 'create', spec: A }],
      false,
      { method: 'POST', path: '/api/v2/product-analytics/users/mapping/connection' },
    ],
    [
      'an update',
      UPDATE,
      'update',
      [],
      false,
      { method: 'PUT', path: '/api/v2/product-analytics/users/mapping/connection' },
    ],
    [
      'a delete',
      DELETE,
      'remove',
      [{ method: 'remove' }],
      false,
      { method: 'DELETE', path: '/api/v2/product-analytics/users/mapping/connection/a' },
    ],
    [
      'the first half of a replace',
      REPLACE,
      'remove',
      [{ method: 'remove' }],
      false,
      { method: 'DELETE', path: '/api/v2/product-analytics/users/mapping/connection/a' },
    ],
    [
      'the second half of a replace',
      REPLACE,
      'create',
      [{ method: 'create', spec: B }],
      true,
      { method: 'DELETE', path: '/api/v2/product-analytics/users/mapping/connection/a' },
    ],
    [
      'a replace from a plan announced as a whole',
      REPLACE,
      undefined,
      [{ method: 'remove' }],
      false,
      { method: 'DELETE', path: '/api/v2/product-analytics/users/mapping/connection/a' },
    ],
  ])('%s', (_, goal, sending, rest, hasBegun, request) => {
    expect(resume(goal, sending)).toStrictEqual({
      at: 'look',
      goal,
      rest,
      hasBegun,
      attempts: 0,
      retries: 0,
      unclear: 1,
      doubt: 'unclear',
      error: { ...request, message: interrupted },
    });
  });

  test('and the error names the API if its key does not form a path', () => {
    expect(resume({ ...DELETE, key: 'users/..' }, 'remove').error.path).toBe('/api/v2/product-analytics');
  });
});

describe('a request that can no longer be announced', () => {
  test('leaves an action in doubt open and ends the run', () => {
    const runFailure = new Failure('disk-failure', 'the disk is full', { hint: 'make room' });
    expect(summaryOf(cannotAnnounce(at('again', CREATE), runFailure))).toEqual({
      outcome: 'failed, unclear',
      message: 'the disk is full; the next apply checks what happened',
      hint: 'make room',
      runFailure: runFailure.code,
    });
    expect(summaryOf(cannotAnnounce(at('half', REPLACE), runFailure))).toMatchObject({
      message: `the disk is full; the next apply checks what happened${DELETED}`,
      partial: 'nothing',
    });
  });

  test('hints to apply again if the failure has no hint of its own', () => {
    expect(
      summaryOf(cannotAnnounce(at('again', CREATE), new Failure('disk-failure', 'the disk is full'))),
    ).toMatchObject({
      hint: LOOKS,
    });
  });
});
