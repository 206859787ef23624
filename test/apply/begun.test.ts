import { describe, expect, test } from 'vitest';
import { answered, afterLookup } from '../../src/apply/protocol.ts';
import { field, spec } from '../core/samples.ts';
import { answer, at, B, REPLACE, summaryOf, UPDATE, type Look, type Send } from './steps.ts';

const seen = { kind: 'seen', late: true } as const;
const withoutFields = spec({ fields: [] });

describe('a first request that deletes something permanently and that a lookup finds done', () => {
  test('starts the action, so that a refused second request keeps the deletion in the record', () => {
    const step = afterLookup(answered(at('first', UPDATE), answer('unclear')) as Look, {
      ...seen,
      there: withoutFields,
    });
    expect(step).toMatchObject({ at: 'send', begun: true });
    expect(summaryOf(answered(step as Send, answer('refused')))).toMatchObject({ left: { without: ['more', 'plan'] } });
  });

  test('was done by an earlier attempt if its second attempt was refused: an update continues', () => {
    const step = afterLookup(answered(at('again', UPDATE), answer('refused')) as Look, {
      ...seen,
      there: withoutFields,
    });
    expect(step).toMatchObject({ at: 'send', begun: true, unclear: 0 });
  });

  test('was done by an earlier attempt if its second attempt was refused: a replace continues with its create', () => {
    const step = afterLookup(answered(at('again', REPLACE), answer('refused')) as Look, {
      ...seen,
      there: undefined,
    });
    expect(step).toMatchObject({ at: 'send', begun: true, unclear: 0, rest: [{ method: 'create', spec: B }] });
  });
});

test('a first request that was refused has failed if everything it would delete still exists', () => {
  const there = spec({ fields: [field('plan'), field('more')] });
  expect(
    summaryOf(afterLookup(answered(at('again', UPDATE), answer('refused')) as Look, { ...seen, there })),
  ).toMatchObject({
    outcome: 'failed, failed',
  });
});
