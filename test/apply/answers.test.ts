import { describe, expect, test } from 'vitest';
import type { Goal } from '../../src/apply/goal.ts';
import { afterLookup, afterAnswer } from '../../src/apply/protocol.ts';
import type { Failure } from '../../src/core/diagnostic.ts';
import type { Answer } from '../../src/core/ports.ts';
import {
  B,
  BEGUN,
  CREATE,
  DELETE,
  DELETED,
  ERROR,
  HINTED,
  LOOKS,
  NO_FIELDS,
  OUTAGE,
  REJECTED,
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

describe.each<[Stage, Goal, Partial<Record<Answer['kind'], StepSummary | string>>]>([
  [
    'first',
    CREATE,
    {
      done: { outcome: 'applied, done' },
      exists: 'look: taken, 500 Oops, 0 unclear',
      unclear: 'look: unclear, 500 Oops, 1 unclear',
      missing: failed('failed'),
      refused: failed('failed'),
      unsent: failed('aborted'),
      denied: failed('aborted', '', { hint: REJECTED, runFailure: 'credentials-rejected' }),
      outage: { outcome: 'skipped, aborted', runFailure: 'unreachable' },
    },
  ],
  [
    'again',
    CREATE,
    {
      done: { outcome: 'applied, done' },
      exists: 'look: taken, 500 Oops, 1 unclear',
      unclear: 'look: unclear, 500 Oops, 2 unclear',
      missing: failed('failed'),
      refused: 'look: refused, 500 Oops, 1 unclear',
      unsent: failed('unclear', '', { hint: LOOKS }),
      denied: failed('unclear', '', { hint: REJECTED, runFailure: 'credentials-rejected' }),
      outage: failed('unclear', '', { hint: OUTAGE, runFailure: 'unreachable' }),
    },
  ],
  [
    'first',
    UPDATE,
    {
      done: 'send: update',
      missing: failed('failed'),
      refused: failed('failed'),
      unsent: failed('aborted'),
      outage: { outcome: 'skipped, aborted', runFailure: 'unreachable' },
    },
  ],
  [
    'half',
    UPDATE,
    {
      done: { outcome: 'applied, done' },
      unclear: 'look: unclear, 500 Oops, 1 unclear',
      missing: failed('failed', BEGUN, { partial: NO_FIELDS }),
      refused: failed('failed', BEGUN, { partial: NO_FIELDS }),
      unsent: failed('unclear', BEGUN, { hint: LOOKS, partial: NO_FIELDS }),
      denied: failed('unclear', BEGUN, { hint: REJECTED, partial: NO_FIELDS, runFailure: 'credentials-rejected' }),
      outage: failed('unclear', BEGUN, { hint: OUTAGE, partial: NO_FIELDS, runFailure: 'unreachable' }),
    },
  ],
  [
    'first',
    REPLACE,
    {
      done: 'send: create',
      missing: 'send: create',
      unclear: 'look: unclear, 500 Oops, 1 unclear',
      refused: failed('failed'),
      unsent: failed('aborted'),
    },
  ],
  [
    'half',
    REPLACE,
    {
      done: { outcome: 'applied, done' },
      exists: 'look: taken, 500 Oops, 0 unclear',
      unclear: 'look: unclear, 500 Oops, 1 unclear',
      missing: failed('failed', DELETED, { partial: 'nothing' }),
      refused: failed('failed', DELETED, { partial: 'nothing' }),
      unsent: failed('unclear', DELETED, { hint: LOOKS, partial: 'nothing' }),
      denied: failed('unclear', DELETED, { hint: REJECTED, partial: 'nothing', runFailure: 'credentials-rejected' }),
      outage: failed('unclear', DELETED, { hint: OUTAGE, partial: 'nothing', runFailure: 'unreachable' }),
    },
  ],
  [
    'first',
    DELETE,
    {
      done: { outcome: 'applied, done' },
      missing: { outcome: 'applied, done' },
      refused: failed('failed'),
      unsent: failed('aborted'),
      outage: { outcome: 'skipped, aborted', runFailure: 'unreachable' },
    },
  ],
  [
    'again',
    DELETE,
    {
      missing: { outcome: 'applied, done' },
      refused: 'look: refused, 500 Oops, 1 unclear',
      unsent: failed('unclear', '', { hint: LOOKS }),
    },
  ],
])('an answer at stage %s', (stage, goal, expected) => {
  test.each(Object.entries(expected) as [Answer['kind'], StepSummary | string][])(
    `to a ${goal.op}: %s`,
    (kind, ending) => {
      const before = at(stage, goal);
      const step = afterAnswer(before, answer(kind));
      expect(summaryOf(step)).toEqual(ending);
      // Earlier requests count too.
      const attempts = step.at === 'end' ? ('attempts' in step.ending ? step.ending.attempts : 0) : step.attempts;
      expect(attempts).toBe(
        kind === 'outage' && step.at === 'end' && step.ending.state === 'skipped' ? 0 : before.attempts + 2,
      );
    },
  );
});

test('the next request of an action counts as unsent, whatever happened to the previous one', () => {
  const step = afterAnswer(at('again', REPLACE), answer('done'));
  expect(step).toMatchObject({
    at: 'send',
    hasBegun: true,
    unclear: 0,
    attempts: 3,
    rest: [{ method: 'create', spec: B }],
  });
});

describe('a hint', () => {
  test('from the request itself takes precedence', () => {
    for (const kind of ['refused', 'unsent', 'denied', 'outage'] as const)
      expect(summaryOf(afterAnswer(at('half', REPLACE), answer(kind, HINTED)))).toMatchObject({ hint: 'ask them' });
  });

  test('is absent if there is none', () => {
    const step = afterAnswer(at('first', CREATE), answer('refused'));
    expect(step).toStrictEqual({
      at: 'end',
      outcome: 'failed',
      ending: { state: 'failed', attempts: 2, retries: 1, error: ERROR },
    });
  });
});

describe('a run ends early', () => {
  const endOf = (kind: Answer['kind']): Failure | undefined => {
    const step = afterAnswer(at('half', REPLACE), answer(kind));
    return step.at === 'end' && step.ending.state === 'failed' ? step.ending.runFailure : undefined;
  };

  test('if Datadog rejects the keys', () => {
    expect(endOf('denied')?.toProblem()).toEqual({
      code: 'credentials-rejected',
      severity: 'error',
      message: 'Datadog returned 500 Oops for POST /p; connsync stopped',
      hint: REJECTED,
    });
  });

  test('in an outage', () => {
    expect(endOf('outage')?.toProblem()).toEqual({
      code: 'unreachable',
      severity: 'error',
      message: '500 Oops; connsync stopped',
      hint: OUTAGE,
    });
  });
});

describe('retries', () => {
  test('count what repeats a request, and never the second request of an action', () => {
    const second = at('half', UPDATE);
    expect(second).toMatchObject({ attempts: 1, retries: 0 });
    expect(afterAnswer(second, { kind: 'done', attempts: 1 })).toMatchObject({
      ending: { state: 'applied', attempts: 2, retries: 0 },
    });
  });

  test('count the tries of the client, and a sending after an unclear outcome', () => {
    const unclear = afterAnswer(at('first', CREATE), { kind: 'unclear', attempts: 3, error: ERROR }) as Look;
    expect(unclear).toMatchObject({ at: 'look', retries: 2 });
    const again = afterLookup(unclear, { kind: 'seen', live: undefined, late: true });
    expect(afterAnswer(again as Send, { kind: 'done', attempts: 1 })).toMatchObject({
      ending: { state: 'applied', attempts: 4, retries: 3 },
    });
  });
});
