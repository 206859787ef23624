import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalSpec } from '../../src/core/canonical.ts';
import type { Field, Spec } from '../../src/core/connection.ts';
import { updateSteps } from '../../src/core/delta.ts';
import type { Delta } from '../../src/core/ports.ts';
import { arbitrarySpec, field, spec } from './samples.ts';

/**
 * Applies a PUT as strictly as Datadog might: it rejects an unknown field, a field that already exists, and a field
 * that is named twice.
 */
function put(before: Spec, { add = [], update = [], remove = [] }: Delta): Spec {
  const fields = new Map((before.fields ?? []).map((item) => [item.id, item]));
  const named = [
    ...add.map(({ id }) => id),
    ...update.flatMap(({ id, newId }) => (newId === undefined ? [id] : [id, newId])),
    ...remove,
  ];
  if (new Set(named).size !== named.length) throw new Error(`an id in two lists: ${named.join()}`);
  const taken = (id: string): Field => {
    const existing = fields.get(id);
    if (existing === undefined) throw new Error(`no field ${id}`);
    fields.delete(id);
    return existing;
  };
  const gone = remove.map(taken);
  const changed = update.map(({ id, newId, ...rest }) => ({ ...taken(id), ...rest, id: newId ?? id }));
  for (const item of [...add, ...changed]) {
    if (fields.has(item.id)) throw new Error(`field ${item.id} exists`);
    fields.set(item.id, item);
  }
  expect(gone).toHaveLength(remove.length);
  return canonicalSpec({ ...before, fields: [...fields.values()] });
}

/** A reader sees no difference between `''` and an unset value. */
function read(of: Spec): unknown {
  return (of.fields ?? []).map((item) => ({
    ...item,
    display_name: item.display_name ?? '',
    description: item.description ?? '',
    groups: item.groups ?? [],
  }));
}

/**
 * Returns the smallest number of entries that turns one set of fields into another: one for each field that differs,
 * two if its column differs.
 */
function fewest(from: Spec, to: Spec): number {
  const ids = new Set([...(from.fields ?? []), ...(to.fields ?? [])].map(({ id }) => id));
  return [...ids].reduce((sum, id) => {
    const a = from.fields?.find((item) => item.id === id);
    const b = to.fields?.find((item) => item.id === id);
    if (a === undefined || b === undefined) return sum + 1;
    if (a.source_name !== b.source_name || a.type !== b.type) return sum + 2;
    return sum + (JSON.stringify(a) === JSON.stringify(b) ? 0 : 1);
  }, 0);
}

function entries(steps: readonly Delta[]): number {
  return steps.reduce(
    (sum, { add = [], update = [], remove = [] }) => sum + add.length + update.length + remove.length,
    0,
  );
}

describe('the PUTs that bridge two connections', () => {
  test('produce the second connection from the first, with the fewest entries and at most two requests', () => {
    fc.assert(
      fc.property(arbitrarySpec, arbitrarySpec, (from, other) => {
        const to = canonicalSpec({ ...from, fields: other.fields });
        const steps = updateSteps(from, to, new Map());
        expect(read(steps.reduce(put, from))).toEqual(read(to));
        expect(entries(steps)).toBe(fewest(from, to));
        expect(steps.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 1_000 },
    );
  });

  test('send nothing if nothing differs', () => {
    expect(updateSteps(spec(), spec(), new Map())).toEqual([]);
  });

  test('send only the changed values of a field', () => {
    const to = spec({ fields: [field('plan', { display_name: 'Plan', description: 'same' })] });
    expect(updateSteps(spec({ fields: [field('plan', { description: 'same' })] }), to, new Map())).toEqual([
      { update: [{ id: 'plan', display_name: 'Plan' }] },
    ]);
  });

  test('rename and relabel a field in one entry', () => {
    const from = spec({ fields: [field('tier', { source_name: 'c' })] });
    const to = spec({ fields: [field('level', { source_name: 'c', display_name: 'Level' })] });
    expect(updateSteps(from, to, new Map([['tier', 'level']]))).toEqual([
      { update: [{ id: 'tier', newId: 'level', display_name: 'Level' }] },
    ]);
  });
});
