import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { remainingOf, type Goal, type Request } from '../../src/apply/goal.ts';
import {
  afterAnswer,
  begin,
  isShown,
  afterLookup,
  mustWait,
  resume,
  type ProtocolStep,
} from '../../src/apply/protocol.ts';
import type { Spec } from '../../src/core/connection.ts';
import type { Answer, RequestError } from '../../src/core/ports.ts';
import { field, spec } from '../core/samples.ts';

const A = spec();
const B = spec({ join_type: 'user_id' });
const C = spec({ fields: [field('plan'), field('more')] });
const ERROR: RequestError = { method: 'POST', path: '/p', message: 'no answer' };
const NO_RENAMES: Goal['renames'] = new Map();

const CREATE: Goal = { op: 'create', key: 'users/a', before: undefined, after: A, renames: NO_RENAMES };
const UPDATE: Goal = { op: 'update', key: 'users/a', before: A, after: C, renames: NO_RENAMES };
const REPLACE: Goal = { op: 'replace', key: 'users/a', before: A, after: B, renames: NO_RENAMES };
const DELETE: Goal = { op: 'delete', key: 'users/a', before: A, after: undefined, renames: NO_RENAMES };

function sending(goal: Goal): ProtocolStep & { readonly at: 'send' } {
  const remaining = remainingOf(goal, goal.before);
  const step = begin(goal, 'requests' in remaining ? remaining.requests : []);
  return step as ProtocolStep & { readonly at: 'send' };
}

const answer = (kind: Answer['kind']): Answer =>
  kind === 'done' ? { kind, attempts: 1 } : { kind, attempts: 1, error: ERROR };
const looking = (goal: Goal, kind: Answer['kind'] = 'unclear'): ProtocolStep & { readonly at: 'look' } =>
  afterAnswer(sending(goal), answer(kind)) as ProtocolStep & { readonly at: 'look' };

describe('the remaining work for a goal', () => {
  test.each<[string, Goal, Spec | undefined, readonly Request['method'][] | string]>([
    ['a create with nothing in place', CREATE, undefined, ['create']],
    ['a create that is done', CREATE, A, []],
    ['a create over another connection', CREATE, B, 'a connection with this id exists and differs in join_type'],
    ['an update of the expected connection', UPDATE, A, ['update']],
    ['an update that is done', UPDATE, C, []],
    ['an update of a connection that is gone', UPDATE, undefined, 'it no longer exists'],
    [
      'an update of a connection that can no longer be updated',
      UPDATE,
      B,
      'it changed in the meantime: join_type, fields[more]',
    ],
    ['a replace of the expected connection', REPLACE, A, ['remove', 'create']],
    ['a replace that was interrupted', REPLACE, undefined, ['create']],
    ['a replace that is done', REPLACE, B, []],
    ['a replace of a connection that was edited since', REPLACE, C, 'it changed in the meantime: join_type'],
    ['a delete of an existing connection', DELETE, C, ['remove']],
    ['a delete of a connection that is gone', DELETE, undefined, []],
  ])('%s', (_, goal, live, expected) => {
    const remaining = remainingOf(goal, live);
    expect('conflict' in remaining ? remaining.conflict : remaining.requests.map(({ method }) => method)).toEqual(
      expected,
    );
  });

  test('an update leaves fields alone that another person added meanwhile', () => {
    const live = spec({ fields: [field('plan'), field('theirs')] });
    expect(remainingOf(UPDATE, live)).toEqual({
      requests: [{ method: 'update', delta: { add: [field('more')] } }],
    });
  });

  test('a completed rename is not repeated', () => {
    const goal: Goal = {
      ...UPDATE,
      after: spec({ fields: [{ ...field('plan'), id: 'tier' }] }),
      renames: new Map([['plan', 'tier']]),
    };
    expect(remainingOf(goal, A)).toMatchObject({ requests: [{ delta: { update: [{ id: 'plan', newId: 'tier' }] } }] });
    expect(remainingOf(goal, spec({ fields: [{ ...field('plan'), id: 'tier' }] }))).toEqual({ requests: [] });
  });
});

describe('an answer', () => {
  test.each<[string, Goal, Answer['kind'], string]>([
    ['a create that is done', CREATE, 'done', 'applied done'],
    ['a create whose id is taken', CREATE, 'exists', 'look taken'],
    ['a create with an unknown outcome', CREATE, 'unclear', 'look unclear'],
    ['a create that is refused', CREATE, 'refused', 'failed failed'],
    ['a create that was not sent', CREATE, 'unsent', 'failed aborted'],
    ['a create in an outage', CREATE, 'outage', 'skipped aborted'],
    ['a create without permission', CREATE, 'denied', 'failed aborted'],
    ['a delete that finds no connection', DELETE, 'missing', 'applied done'],
    ['an update that finds no connection', UPDATE, 'missing', 'failed failed'],
    ['the first half of a replace', REPLACE, 'done', 'send'],
  ])('to %s', (_, goal, kind, expected) => {
    const step = afterAnswer(sending(goal), answer(kind));
    const summary =
      step.at === 'end' ? `${step.ending.state} ${step.outcome}` : step.at === 'look' ? `look ${step.doubt}` : step.at;
    expect(summary).toBe(expected);
  });

  test.each<[Answer['kind'], string]>([
    ['refused', 'failed'],
    ['unsent', 'unclear'],
    ['outage', 'unclear'],
    ['denied', 'unclear'],
  ])(
    '%s to the second half of a replace leaves a hole that is reported, and stays open unless Datadog refused',
    (kind, outcome) => {
      const half = afterAnswer(sending(REPLACE), answer('done')) as ProtocolStep & { readonly at: 'send' };
      const step = afterAnswer(half, answer(kind));
      expect(step).toMatchObject({ at: 'end', outcome, ending: { state: 'failed', partial: 'nothing' } });
    },
  );
});

describe('a lookup', () => {
  const late = { kind: 'seen', late: true } as const;

  test.each<[string, Goal, Spec | undefined, string]>([
    ['a create that is visible', CREATE, A, 'applied'],
    ['a create that is not visible', CREATE, undefined, 'again'],
    ['a create that is visible with other values', CREATE, B, 'failed'],
    ['a create that is visible with an extra field', CREATE, C, 'applied'],
    ['an update that is visible', UPDATE, C, 'applied'],
    ['an update that is not visible', UPDATE, A, 'again'],
    ['a delete that is visible', DELETE, undefined, 'applied'],
    ['a delete that is not visible', DELETE, A, 'again'],
    ['a replace whose delete is visible', REPLACE, undefined, 'again'],
    ['a replace whose delete is not visible', REPLACE, A, 'again'],
  ])('after %s', (_, goal, live, expected) => {
    const step = afterLookup(looking(goal), { ...late, live });
    expect(step.at === 'send' ? 'again' : step.at === 'end' ? step.ending.state : step.at).toBe(expected);
  });

  test('without a list leaves the intent open', () => {
    expect(afterLookup(looking(CREATE), { kind: 'blind' })).toMatchObject({ at: 'end', outcome: 'unclear' });
  });

  test('for an id that is taken and that no list shows ends in an error, never in another create', () => {
    expect(afterLookup(looking(CREATE, 'exists'), { ...late, live: undefined })).toMatchObject({
      at: 'end',
      ending: { state: 'failed' },
    });
  });

  test('waits for every request that may arrive late and do harm, and for no other', () => {
    expect(mustWait(looking(CREATE), false)).toBe(true);
    expect(mustWait(looking(CREATE), true), 'a second create would be refused').toBe(false);
    expect(mustWait(looking(CREATE, 'exists'), true), 'a list may lag').toBe(true);
    expect(mustWait(looking(REPLACE), true)).toBe(true);
    expect(mustWait(looking(UPDATE), false)).toBe(false);
    expect(mustWait(looking(DELETE), true), 'a late delete would remove the recreated connection').toBe(true);
    const move = { ...UPDATE, after: spec({ fields: [field('plan', { type: 'number' })] }) };
    expect(mustWait(looking(move), true), 'a late update would remove the re-added field').toBe(true);
  });

  test('detects when a request is visible', () => {
    expect(isShown(looking(CREATE), A)).toBe(true);
    expect(isShown(looking(CREATE), undefined)).toBe(false);
    expect(isShown(looking(DELETE), undefined)).toBe(true);
    expect(isShown(looking(UPDATE), A)).toBe(false);
    expect(isShown(looking(UPDATE), C)).toBe(true);
    expect(isShown(resume(UPDATE, 'update'), A), 'of an open intent of an earlier run').toBe(false);
    expect(isShown(resume(UPDATE, 'update'), C)).toBe(true);
    expect(isShown(resume(REPLACE, 'remove'), undefined), 'its delete may be on its way').toBe(false);
    expect(isShown(resume(REPLACE, 'create'), undefined), 'its create may be on its way').toBe(false);
  });
});

test('for any behaviour of Datadog, no unclear request is repeated before a lookup or more than four times, and the action ends', () => {
  const kinds: readonly Answer['kind'][] = [
    'done',
    'exists',
    'missing',
    'refused',
    'denied',
    'unsent',
    'unclear',
    'outage',
  ];
  const facts = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(undefined, A, B, C), fc.boolean()), {
    minLength: 30,
    maxLength: 30,
  });
  fc.assert(
    fc.property(fc.constantFrom(CREATE, UPDATE, REPLACE, DELETE), facts, (goal, list) => {
      const remaining = remainingOf(goal, goal.before);
      let step: ProtocolStep = begin(goal, 'requests' in remaining ? remaining.requests : []);
      let inDoubt = false;
      let creates = 0;
      for (const [kind, live, blind] of list) {
        if (step.at === 'end') break;
        if (step.at === 'send') {
          expect(inDoubt, 'a lookup precedes every retry').toBe(false);
          if (step.rest[0]?.method === 'create') creates += 1;
          step = afterAnswer(step, answer(kind));
          inDoubt = kind === 'unclear';
        } else {
          inDoubt = false;
          step = afterLookup(step, blind ? { kind: 'blind' } : { kind: 'seen', live, late: true });
        }
      }
      expect(step.at, 'it ends').toBe('end');
      expect(creates).toBeLessThanOrEqual(4);
    }),
    { numRuns: 2_000 },
  );
});
