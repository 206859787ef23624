import { describe, expect, test } from 'vitest';
import type { Goal } from '../../src/apply/goal.ts';
import {
  answered,
  isShown,
  afterLookup,
  mustWait,
  resume,
  cannotAnnounce,
  type Doubt,
  type Step,
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
  told,
  type Look,
  type Send,
  type Stage,
  type Told,
} from './steps.ts';

describe('a look ends', () => {
  const late = { kind: 'seen', late: true } as const;
  const looking = (goal: Goal, doubt: Doubt, stage: Stage = 'first'): Look =>
    answered(
      at(stage, goal),
      answer(({ unclear: 'unclear', taken: 'exists', refused: 'refused' } as const)[doubt]),
    ) as Look;

  test.each<[string, Look, Goal['before'], Told | string]>([
    ['of an unclear create that shows', looking(CREATE, 'unclear'), A, { outcome: 'applied, done' }],
    ['of an unclear create that does not show', looking(CREATE, 'unclear'), undefined, 'send: create'],
    [
      'of an unclear create, in a connection that differs',
      looking(CREATE, 'unclear'),
      B,
      failed(
        'failed',
        " (a connection is there that differs: this create, as Datadog changed it, or somebody else's; the id is taken by a connection that differs in join_type)",
        { hint: 'look at connsync plan; if it is yours, take it over with connsync apply --adopt' },
      ),
    ],
    ['of a create whose id is taken, by what it wanted', looking(CREATE, 'taken'), A, { outcome: 'applied, done' }],
    [
      'of a create whose id is taken, by something else',
      looking(CREATE, 'taken'),
      B,
      failed('failed', ' (the id is taken by a connection that differs in join_type)'),
    ],
    [
      'of a create whose id is taken, by what no list shows',
      looking(CREATE, 'taken'),
      undefined,
      failed('failed', ' (the id is taken, and no list shows it)'),
    ],
    [
      'of a refusal that came second, in the first success',
      looking(CREATE, 'refused', 'again'),
      A,
      { outcome: 'applied, done' },
    ],
    [
      'of a refusal that came second, in that refusal',
      looking(CREATE, 'refused', 'again'),
      undefined,
      failed('failed'),
    ],
    [
      'of an unclear update, where nothing is there any more',
      looking(UPDATE, 'unclear'),
      undefined,
      failed('failed', ' (it is gone)'),
    ],
    [
      'of an unclear update, where the join changed meanwhile',
      looking(UPDATE, 'unclear'),
      B,
      failed('failed', ' (it was changed in the meantime: join_type, fields[more], fields[plan].type)'),
    ],
    ['of an unclear update that was not done', looking(UPDATE, 'unclear'), BOTH, 'send: update, update'],
    [
      'of an unclear replace, where something was changed meanwhile',
      looking(REPLACE, 'unclear'),
      spec({ fields: [field('plan', { display_name: 'New' })] }),
      failed('failed', ' (it was changed in the meantime: join_type)'),
    ],
    ['of an unclear delete that was done', looking(DELETE, 'unclear'), undefined, { outcome: 'applied, done' }],
    ['of an unclear delete that was not done', looking(DELETE, 'unclear'), A, 'send: remove'],
    ['of a refusal that came second to a replace', looking(REPLACE, 'refused', 'again'), A, failed('failed')],
  ])('%s', (_, step, there, expected) => {
    const next = afterLookup(step, { ...late, there });
    expect(told(next)).toEqual(expected);
    if (next.at === 'end' && 'attempts' in next.ending) expect(next.ending.attempts).toBe(step.attempts);
  });

  test('in doubt where no list can be had, and says what the next run does', () => {
    expect(told(afterLookup(looking(CREATE, 'unclear'), { kind: 'blind' }))).toEqual(
      failed('unclear', ' (whether it was done is unknown; the next apply looks first)', { hint: LOOKS }),
    );
  });

  test('in doubt after four sendings that no list shows', () => {
    let step: Step = at('first', CREATE);
    for (let sent = 1; sent <= 4; sent += 1) {
      expect(step, `before sending ${sent}`).toMatchObject({ at: 'send', unclear: sent - 1, attempts: 2 * (sent - 1) });
      step = afterLookup(answered(step as Send, answer('unclear')) as Look, { ...late, there: undefined });
    }
    expect(told(step)).toEqual(failed('unclear', ' (it was sent 4 times, and no list shows it)', { hint: LOOKS }));
  });

  test('with a new count where what is left to send is another request', () => {
    const half = spec({ fields: [field('plan', { type: 'number' }), field('more')] });
    const step = afterLookup(looking(UPDATE, 'unclear', 'again'), { ...late, there: half });
    expect(step).toMatchObject({ at: 'send', unclear: 0 });
  });

  test('in a replace that has begun, once its delete shows', () => {
    expect(afterLookup(looking(REPLACE, 'unclear'), { ...late, there: undefined })).toMatchObject({
      at: 'send',
      begun: true,
      unclear: 0,
      rest: [{ method: 'create', spec: B }],
    });
    expect(afterLookup(looking(REPLACE, 'unclear'), { ...late, there: A })).toMatchObject({
      at: 'send',
      begun: false,
      unclear: 1,
    });
    expect(afterLookup(looking(CREATE, 'unclear'), { ...late, there: undefined })).toMatchObject({ begun: false });
    expect(afterLookup(looking(REPLACE, 'unclear', 'half'), { ...late, there: undefined })).toMatchObject({
      begun: true,
      unclear: 1,
    });
  });

  test('in a replace of which only the delete was done, with a hole that is told', () => {
    const begun = afterLookup(answered(at('half', REPLACE), answer('unclear')) as Look, { kind: 'blind' });
    expect(told(begun)).toEqual(
      failed('unclear', ` (whether it was done is unknown; the next apply looks first)${DELETED}`, {
        hint: LOOKS,
        left: 'nothing',
      }),
    );
  });
});

describe('a request in doubt shows', () => {
  const gone = spec({ fields: [] });
  const half = (step: Step): Look => answered(step as Send, answer('unclear')) as Look;
  test.each<[string, Look, Goal['before'], boolean]>([
    ['a delete, once nothing is there', half(at('first', DELETE)), undefined, true],
    ['a delete, not while something is', half(at('first', DELETE)), A, false],
    ['the first half of a replace, once nothing is there', half(at('first', REPLACE)), undefined, true],
    ['the first half of a replace, not while something is', half(at('first', REPLACE)), A, false],
    ['the second half of a replace, once something is there', half(at('half', REPLACE)), B, true],
    ['the second half of a replace, not while nothing is', half(at('half', REPLACE)), undefined, false],
    ['the first half of an update, once only the second is left', half(at('first', UPDATE)), gone, true],
    ['the first half of an update, not while all is as before', half(at('first', UPDATE)), BOTH, false],
    ['the second half of an update, once all is done', half(at('half', UPDATE)), MOVED, true],
    ['the second half of an update, not while it is left', half(at('half', UPDATE)), gone, false],
    ['an update, also in that nothing can be done any more', half(at('first', UPDATE)), undefined, true],
  ])('%s', (_, step, there, expected) => {
    expect(isShown(step, there)).toBe(expected);
  });

  test('or must be waited for, where an earlier run left it and nobody knows which it was', () => {
    expect(mustWait(resume(UPDATE, 'update'), true)).toBe(true);
    expect(mustWait(resume(CREATE, 'create'), true)).toBe(false);
    expect(mustWait(half(at('half', REPLACE)), false)).toBe(true);
    expect(mustWait(half(at('half', UPDATE)), false), 'what only adds does no harm').toBe(false);
  });
});

describe('an intent that an earlier run left open is looked for first', () => {
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
      'a create of a plan announced whole',
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
      'a replace of a plan announced whole',
      REPLACE,
      undefined,
      [{ method: 'remove' }],
      false,
      { method: 'DELETE', path: '/api/v2/product-analytics/users/mapping/connection/a' },
    ],
  ])('%s', (_, goal, sending, rest, begun, request) => {
    expect(resume(goal, sending)).toStrictEqual({
      at: 'look',
      goal,
      rest,
      begun,
      attempts: 0,
      retries: 0,
      unclear: 1,
      doubt: 'unclear',
      error: { ...request, message: interrupted },
    });
  });

  test('and where its key makes no path, the error names the API', () => {
    expect(resume({ ...DELETE, key: 'users/..' }, 'remove').error.path).toBe('/api/v2/product-analytics');
  });
});

describe('a sending that can not be announced any more', () => {
  test('leaves what is in doubt open, and ends the run', () => {
    const ends = new Failure('disk-failure', 'the disk is full', { hint: 'make room' });
    expect(told(cannotAnnounce(at('again', CREATE), ends))).toEqual({
      outcome: 'failed, unclear',
      message: 'the disk is full; the next apply looks first',
      hint: 'make room',
      ends: ends.code,
    });
    expect(told(cannotAnnounce(at('half', REPLACE), ends))).toMatchObject({
      message: `the disk is full; the next apply looks first${DELETED}`,
      left: 'nothing',
    });
  });

  test('says to apply again, where the failure has no hint of its own', () => {
    expect(told(cannotAnnounce(at('again', CREATE), new Failure('disk-failure', 'the disk is full')))).toMatchObject({
      hint: LOOKS,
    });
  });
});
