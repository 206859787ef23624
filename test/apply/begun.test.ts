import { describe, expect, test } from 'vitest';
import { answered, afterLookup } from '../../src/apply/protocol.ts';
import { field, spec } from '../core/samples.ts';
import { answer, at, B, REPLACE, told, UPDATE, type Look, type Send } from './steps.ts';

const seen = { kind: 'seen', late: true } as const;
const withoutFields = spec({ fields: [] });

describe('a first request that takes something away for good, and that a look finds done', () => {
  test('has begun the action, so that a refusal of the second leaves what was taken away in the record', () => {
    const step = afterLookup(answered(at('first', UPDATE), answer('unclear')) as Look, {
      ...seen,
      there: withoutFields,
    });
    expect(step).toMatchObject({ at: 'send', begun: true });
    expect(told(answered(step as Send, answer('refused')))).toMatchObject({ left: { without: ['more', 'plan'] } });
  });

  test('was done by an earlier sending, where its second sending was refused: an update goes on', () => {
    const step = afterLookup(answered(at('again', UPDATE), answer('refused')) as Look, {
      ...seen,
      there: withoutFields,
    });
    expect(step).toMatchObject({ at: 'send', begun: true, unclear: 0 });
  });

  test('was done by an earlier sending, where its second sending was refused: a replace goes on with its create', () => {
    const step = afterLookup(answered(at('again', REPLACE), answer('refused')) as Look, {
      ...seen,
      there: undefined,
    });
    expect(step).toMatchObject({ at: 'send', begun: true, unclear: 0, rest: [{ method: 'create', spec: B }] });
  });
});

test('a first request that was refused, with all that it would take away still there, has failed', () => {
  const there = spec({ fields: [field('plan'), field('more')] });
  expect(told(afterLookup(answered(at('again', UPDATE), answer('refused')) as Look, { ...seen, there }))).toMatchObject(
    {
      outcome: 'failed, failed',
    },
  );
});
