import fc from 'fast-check';
import { canonicalSpec } from '../../src/core/canonical.ts';
import {
  keyOf,
  splitKey,
  type DesiredConnection,
  type Field,
  type Key,
  type LiveConnection,
  type RecordedConnection,
  type Spec,
} from '../../src/core/connection.ts';

export function field(id: string, rest: Partial<Field> = {}): Field {
  return { id, source_name: `${id}_column`, type: 'string', ...rest };
}

export function spec(rest: Partial<Spec> = {}): Spec {
  return canonicalSpec({
    type: 'ref_table',
    join_attribute: 'user_email',
    join_type: 'email',
    fields: [field('plan')],
    ...rest,
  });
}

export function desired(key: Key, to: Spec = spec(), rest: Partial<DesiredConnection> = {}): DesiredConnection {
  return {
    key,
    ...splitKey(key),
    spec: to,
    place: { file: `connections/${key}.yaml`, line: 1 },
    protect: false,
    allowReplace: false,
    renamedFields: new Map(),
    ...rest,
  };
}

export function recorded(key: Key, of: Spec = spec(), rest: Partial<RecordedConnection> = {}): RecordedConnection {
  return { key, spec: of, ...rest };
}

export function live(key: Key, of: Spec = spec()): LiveConnection {
  return { key, ...splitKey(key), spec: of };
}

export function byKey<T extends { readonly key: Key }>(...items: readonly T[]): ReadonlyMap<Key, T> {
  return new Map(items.map((item) => [item.key, item]));
}

/**
 * Text as people and machines write it: words, Unicode, and characters that are special in YAML and JSON, without
 * lone surrogates.
 */
const text = fc.oneof(
  fc.constantFrom('Plan', 'yes', '0123', '', ' ', '"', '#', 'Größe', '名前', '\u{1F600}'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const id = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.stringMatching(/^[A-Za-z0-9._-]{1,8}$/).filter((value) => value !== '.' && value !== '..'),
);

const arbitraryField: fc.Arbitrary<Field> = fc.record(
  {
    id,
    source_name: text,
    type: fc.constantFrom('string', 'number', 'boolean'),
    display_name: text,
    description: text,
    groups: fc.array(text, { maxLength: 3 }),
  },
  { requiredKeys: ['id', 'source_name', 'type'] },
);

/** Any canonical connections, some of them similar, so that pairs share fields. */
export const arbitrarySpec: fc.Arbitrary<Spec> = fc
  .record(
    {
      type: fc.constantFrom('ref_table', 'other'),
      join_attribute: text,
      join_type: fc.constantFrom('email', 'user_id'),
      fields: fc.uniqueArray(arbitraryField, { selector: (item) => item.id, maxLength: 6 }),
      metadata: fc.dictionary(id, text, { maxKeys: 3 }),
    },
    { requiredKeys: ['type', 'join_attribute', 'join_type'] },
  )
  .map(canonicalSpec);

export const arbitraryKey: fc.Arbitrary<Key> = fc
  .tuple(fc.constantFrom('users', 'accounts'), id)
  .map(([entity, name]) => keyOf(entity, name));
