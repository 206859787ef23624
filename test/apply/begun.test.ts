import { describe, expect, test } from 'vitest';
import { afterAnswer, afterLookup } from '../../src/apply/protocol.ts';
import { field, spec } from '../core/samples.ts';
import { answer, at, B, REPLACE, summaryOf, UPDATE, type Look, type Send } from './steps.ts';

const seen = { kind: 'seen', late: true } as const;
const withoutFields = spec({ fields: [] });

describe('a first request that deletes something permanently and that a lookup finds done', () => {
  test('starts the action, so that a refused second request keeps the deletion in the record', () => {
    const step = afterLookup(afterAnswer(at('first', UPDATE), answer('unclear')) as Look, {
      ...seen,
      live: withoutFields,
    });
    expect(step).toMatchObject({ at: 'send', hasBegun: true });
    expect(summaryOf(afterAnswer(step as Send, answer('refused')))).toMatchObject({
      partial: { without: ['more', 'plan'] },
    });
  });

  test('was done by an earlier attempt if its second attempt was refused: an update continues', () => {
    const step = afterLookup(afterAnswer(at('again', UPDATE), answer('refused')) as Look, {
      ...seen,
      live: withoutFields,
    });
    expect(step).toMatchObject({ at: 'send', hasBegun: true, unclear: 0 });
  });

  test('was done by an earlier attempt if its second attempt was refused: a replace continues with its create', () => {
    const step = afterLookup(afterAnswer(at('again', REPLACE), answer('refused')) as Look, {
      ...seen,
      live: undefined,
    });
    expect(step).toMatchObject({ at: 'send', hasBegun: true, unclear: 0, rest: [{ method: 'create', spec: B }] });
  });
});

test('a first request that was refused has failed if everything it would delete still exists', () => {
  const live = spec({ fields: [field('plan'), field('more')] });
  expect(
    summaryOf(afterLookup(afterAnswer(at('again', UPDATE), answer('refused')) as Look, { ...seen, live })),
  ).toMatchObject({
    outcome: 'failed, failed',
  });
});
