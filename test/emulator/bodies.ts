import * as fc from 'fast-check';

// Usually a valid value, and sometimes another one.
const odd = fc.constantFrom<unknown>(null, true, 7, '', 'x', [], {}, ['x'], [{}], { id: 'x' }, '__proto__');
const mostly = (right: fc.Arbitrary<unknown>, weight = 40): fc.Arbitrary<unknown> =>
  fc.oneof({ weight, arbitrary: right }, { weight: 1, arbitrary: odd });
const id = mostly(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), 80);
const words = mostly(fc.string({ maxLength: 5 }));
const some = (
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) }),
      fc.oneof(
        { weight: 40, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(undefined, ...Object.keys(required)) },
      ),
    )
    .map(([value, lost]) => Object.fromEntries(Object.entries(value).filter(([name]) => name !== lost)));

const field = mostly(
  some(
    { id, source_name: words, type: words },
    { display_name: words, description: words, groups: mostly(fc.array(words, { maxLength: 2 })), extra: odd },
  ),
);
const fields = mostly(fc.array(field, { maxLength: 3 }));
export const createRequest = mostly(
  some(
    {
      data: mostly(
        some(
          {
            type: mostly(fc.constant('connection_id')),
            attributes: mostly(
              some(
                { type: words, join_attribute: words, join_type: words },
                { fields, metadata: mostly(fc.dictionary(fc.string({ maxLength: 3 }), words, { maxKeys: 2 })) },
              ),
            ),
          },
          { id, extra: odd },
        ),
      ),
    },
    { meta: odd },
  ),
);
const fieldChange = mostly(
  some(
    { field_id: id },
    {
      updated_field_id: id,
      updated_display_name: words,
      updated_description: words,
      updated_groups: mostly(fc.array(words, { maxLength: 2 })),
    },
  ),
);
export const updateRequest = mostly(
  some(
    {
      data: mostly(
        some(
          { type: mostly(fc.constant('connection_id')), id: mostly(fc.constant('c')) },
          {
            attributes: mostly(
              some(
                {},
                {
                  fields_to_add: fields,
                  fields_to_update: mostly(fc.array(fieldChange, { maxLength: 2 })),
                  fields_to_delete: mostly(fc.array(id, { maxLength: 2 })),
                },
              ),
            ),
          },
        ),
      ),
    },
    {},
  ),
);

export interface Wire {
  readonly data: {
    readonly id?: string;
    readonly attributes?: {
      readonly fields?: readonly { readonly id: string }[];
      readonly fields_to_add?: readonly { readonly id: string }[];
      readonly fields_to_update?: readonly { readonly field_id: string; readonly updated_field_id?: string }[];
      readonly fields_to_delete?: readonly string[];
    };
  };
}

const distinct = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;

// The rules beyond the schema, implemented independently of the emulator.

export function keepsCreateRules({ data }: Wire): boolean {
  const ids = (data.attributes?.fields ?? []).map((one) => one.id);
  return data.id !== '' && !ids.includes('') && distinct(ids);
}

export function keepsUpdateRules({ data }: Wire, has: readonly string[]): boolean {
  const { fields_to_add = [], fields_to_update = [], fields_to_delete = [] } = data.attributes ?? {};
  const added = fields_to_add.map((one) => one.id);
  const needed = [...fields_to_update.map((one) => one.field_id), ...fields_to_delete];
  const renamed = fields_to_update.flatMap((one) =>
    one.updated_field_id === undefined || one.updated_field_id === one.field_id ? [] : [one.updated_field_id],
  );
  return (
    distinct([...added, ...needed, ...renamed]) &&
    needed.every((one) => has.includes(one)) &&
    [...added, ...renamed].every((one) => one !== '' && !has.includes(one))
  );
}

/** The expected field ids after an accepted update. */
export function fieldIdsAfter({ data }: Wire, has: readonly string[]): readonly string[] {
  const { fields_to_add = [], fields_to_update = [], fields_to_delete = [] } = data.attributes ?? {};
  const kept = has
    .filter((one) => !fields_to_delete.includes(one))
    .map((one) => fields_to_update.find(({ field_id }) => field_id === one)?.updated_field_id ?? one);
  return [...kept, ...fields_to_add.map((one) => one.id)].sort();
}
