import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, canonicalSpec } from '../../src/core/canonical.ts';
import type { Field, Spec } from '../../src/core/connection.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import { createBody, updateBody } from '../../src/core/wire/bodies.ts';
import { parseList, parseOrganisation } from '../../src/datadog/wire.ts';
import { BILLING, listOf } from './loopback.ts';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'é', '✓', '🔑', '\u202e', '"', '\\', '\n'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});
const field = fc.record(
  { id: text, source_name: text, type: text, display_name: text, description: text, groups: fc.array(text) },
  { requiredKeys: ['id', 'source_name', 'type'] },
) as fc.Arbitrary<Field>;
const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', '1', '0'));
const spec: fc.Arbitrary<Spec> = fc
  .record(
    {
      type: text,
      join_attribute: text,
      join_type: text,
      fields: fc.uniqueArray(field, { selector: ({ id }) => id }),
      metadata: fc.array(fc.tuple(name, text)).map((entries) => Object.fromEntries(entries)),
    },
    { requiredKeys: ['type', 'join_attribute', 'join_type'] },
  )
  .map(canonicalSpec);

describe('a created connection', () => {
  test('is parsed from the list as it was sent, in any order and with additional members', () => {
    fc.assert(
      fc.property(
        spec,
        text.filter((id) => id !== ''),
        fc.boolean(),
        (wanted, id, noisy) => {
          const sent = JSON.stringify(createBody({ entity: 'users', id, spec: wanted }));
          const [live] = parseList('users', JSON.parse(JSON.stringify(listOf(shownFor(JSON.parse(sent), noisy)))));
          expect(live).toMatchObject({ key: `users/${id}`, entity: 'users', id });
          expect(canonicalJson(live?.spec)).toBe(canonicalJson(wanted));
          expect(live?.spec).toEqual(wanted);
        },
      ),
    );
  });

  test('is sent as Datadog documents it', () => {
    const fields = [
      { id: 'plan', source_name: 'plan_code', type: 'string', display_name: 'Plan', groups: ['Billing'] },
    ];
    const wanted = {
      type: 'ref_table',
      join_type: 'email',
      join_attribute: 'user_email',
      metadata: { owner: 'growth' },
      fields,
    };
    expect(createBody({ entity: 'users', id: 'billing-accounts', spec: canonicalSpec(wanted) })).toEqual({
      data: { type: 'connection_id', id: 'billing-accounts', attributes: wanted },
    });
  });
});

// Converts what a create sent to what the list shows. A noisy server adds members and nulls, and reverses the order.
function shownFor(body: { data: { id: string; attributes: Record<string, unknown> } }, noisy: boolean): unknown {
  const { id, attributes } = body.data;
  const { type, join_attribute, join_type, ...rest } = attributes;
  const shown = { id, type, join: { attribute: join_attribute, type: join_type }, ...rest };
  if (!noisy) return shown;
  const fields = (rest['fields'] as Field[] | undefined)?.map((one) => ({
    description: null,
    display_name: null,
    groups: null,
    ...one,
    extra: 1,
  }));
  return { extra: { deep: [] }, metadata: null, ...shown, fields: fields?.reverse() ?? null, updated_by: 7 };
}

/** Returns the Failure of a list, or undefined if it could be parsed. Rethrows anything else. */
function misreading(answer: unknown): Failure | undefined {
  try {
    parseList('users', answer);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  return undefined;
}

function withField(more: object): unknown {
  return listOf({ ...BILLING, fields: [{ id: 'f', source_name: 's', type: 't', ...more }] });
}

describe('an update', () => {
  test('is sent as Datadog documents it', () => {
    const delta = {
      add: [{ id: 'region', source_name: 'sales_region', type: 'string' }],
      update: [{ id: 'plan', newId: 'tier', display_name: '', description: 'D', groups: [] }, { id: 'mrr' }],
      remove: ['seats'],
    };
    expect(updateBody({ entity: 'users', id: 'billing', delta })).toEqual({
      data: {
        type: 'connection_id',
        id: 'billing',
        attributes: {
          fields_to_add: [{ id: 'region', source_name: 'sales_region', type: 'string' }],
          fields_to_update: [
            {
              field_id: 'plan',
              updated_field_id: 'tier',
              updated_display_name: '',
              updated_description: 'D',
              updated_groups: [],
            },
            { field_id: 'mrr' },
          ],
          fields_to_delete: ['seats'],
        },
      },
    });
  });

  test('omits empty lists', () => {
    expect(updateBody({ entity: 'users', id: 'b', delta: { add: [], remove: ['x'] } })).toEqual({
      data: { type: 'connection_id', id: 'b', attributes: { fields_to_delete: ['x'] } },
    });
  });
});

describe('a list', () => {
  test('may be empty', () => {
    expect(parseList('users', listOf())).toEqual([]);
  });

  test('gives the author and the time of a change, unless they are placeholders', () => {
    const known = {
      created_at: '2026-05-04T09:30:00Z',
      created_by: 'a1',
      updated_at: '2026-05-05T09:30:00Z',
      updated_by: 'b2',
    };
    const unset = {
      created_at: '0001-01-01T00:00:00Z', updated_at: '0001-01-01T00:00:00.000Z',
      created_by: '00000000-0000-0000-0000-000000000000', updated_by: null,
    }; // prettier-ignore
    const [first, second] = parseList('users', listOf({ ...BILLING, ...known }, { ...BILLING, id: 'two', ...unset }));
    expect(first).toMatchObject({
      createdAt: known.created_at,
      createdBy: 'a1',
      updatedAt: known.updated_at,
      updatedBy: 'b2',
    });
    expect(Object.keys(second ?? {}).toSorted()).toEqual(['entity', 'id', 'key', 'spec']);
  });

  test('accepts an id that no manifest could have', () => {
    expect(parseList('users', listOf({ ...BILLING, id: 'a/../b' }))[0]).toMatchObject({
      key: 'users/a/../b',
      id: 'a/../b',
    });
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'data.attributes.connections'],
    ['a text', 'no', 'data.attributes.connections'],
    ['a list', [], 'data.attributes.connections'],
    ['an empty object', {}, 'data.attributes.connections'],
    ['null data', { data: null }, 'data.attributes.connections'],
    ['data that is a list', { data: [BILLING] }, 'data.attributes.connections'],
    ['no attributes', { data: {} }, 'data.attributes.connections'],
    ['no connections', { data: { attributes: {} } }, 'data.attributes.connections'],
    ['null connections', { data: { attributes: { connections: null } } }, 'data.attributes.connections'],
    [
      'connections that are a map',
      { data: { attributes: { connections: { length: 0 } } } },
      'data.attributes.connections',
    ],
    ['null for a connection', listOf(BILLING, null), 'connections[1]'],
    ['a text for a connection', listOf('billing'), 'connections[0]'],
    ['no id', listOf({ ...BILLING, id: undefined }), 'connections[0] has an invalid id: it must be text'],
    ['an id that is a number', listOf({ ...BILLING, id: 7 }), 'connections[0] has an invalid id: it must be text'],
    ['an empty id', listOf({ ...BILLING, id: '' }), 'connections[0].id'],
    ['no type', listOf({ ...BILLING, type: null }), 'connections[0] has an invalid type: it must be text'],
    [
      'no join',
      listOf({ ...BILLING, join: undefined }),
      'connections[0].join has an invalid attribute: it must be text',
    ],
    [
      'no join type',
      listOf({ ...BILLING, join: { attribute: 'a' } }),
      'connections[0].join has an invalid type: it must be text',
    ],
    ['an id twice', listOf(BILLING, { ...BILLING, id: 'x' }, BILLING), '"billing" appears twice'],
    ['fields that are a map', listOf({ ...BILLING, fields: {} }), 'fields'],
    ['a field that is a text', listOf({ ...BILLING, fields: ['f'] }), 'fields[0]'],
    ['a field without id', withField({ id: null }), 'fields[0] has an invalid id: it must be text'],
    ['a field without source', withField({ source_name: 1 }), 'source_name'],
    ['a field without type', withField({ type: null }), 'fields[0] has an invalid type: it must be text'],
    ['a display name that is a number', withField({ display_name: 1 }), 'display_name'],
    ['a description that is a list', withField({ description: [] }), 'description'],
    ['groups that are a text', withField({ groups: 'Billing' }), 'groups'],
    ['a group that is null', withField({ groups: [null] }), 'groups'],
    [
      'a field id twice',
      listOf({ ...BILLING, fields: [1, 2].map(() => ({ id: 'f', source_name: 's', type: 't' })) }),
      '"f"',
    ],
    ['metadata that is a list', listOf({ ...BILLING, metadata: [] }), 'metadata'],
    ['metadata with a number', listOf({ ...BILLING, metadata: { a: 1 } }), 'metadata'],
  ])('with %s is an invalid response, never an empty list', (_, answer, place) => {
    const error = misreading(answer);
    expect(error).toMatchObject({ code: 'invalid-response', exitCode: 4 });
    expect(error?.message).toContain(place);
  });

  test('reads null as unset for an optional member', () => {
    const bare = { id: 'f', source_name: 's', type: 't' };
    const fields = [{ ...bare, display_name: null, description: null, groups: null }];
    const [live] = parseList('users', listOf({ ...BILLING, fields, metadata: { a: null, b: 'c' } }));
    expect(live?.spec).toEqual({
      type: 'ref_table',
      join_attribute: 'user_email',
      join_type: 'email',
      fields: [bare],
      metadata: { b: 'c' },
    });
  });

  test('with any contents is a list or a Failure', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(misreading(listOf(value))?.code ?? 'invalid-response').toBe('invalid-response');
      }),
    );
  });
});

test.each<[unknown, string | undefined]>([
  [
    { data: { id: '9c1c2a4e-0000-4000-8000-000000000001', attributes: { valid: true } } },
    '9c1c2a4e-0000-4000-8000-000000000001',
  ],
  [{ data: { id: '00000000-0000-0000-0000-000000000000' } }, undefined],
  [{ data: { id: '' } }, undefined],
  [{ data: { id: 7 } }, undefined],
  [{ data: null }, undefined],
  [{ valid: true }, undefined],
  [undefined, undefined],
])('the organisation of %j is %s', (answer, org) => {
  expect(parseOrganisation(answer)).toBe(org);
});
