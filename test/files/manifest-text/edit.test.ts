import { describe, expect, test } from 'vitest';
import { canonicalSpec } from '../../../src/core/canonical.ts';
import type { Field, Spec } from '../../../src/core/connection.ts';
import { Failure } from '../../../src/core/diagnostic.ts';
import { editManifest } from '../../../src/files/manifest-text/edit.ts';
import { loaded } from './samples.ts';

/** A handwritten manifest in an unusual format. */
const WRITTEN = `# yaml-language-server: $schema=x
# What this is.
id:    crm
entity: users   # which
connsync: {owner: team}   # ours
fields: # all

  # Section: who

  # the plan they pay for
  - id:           plan          # aligned
    source_name:  plan_code     # too
    type:         string
    display_name: 'Plan'        # as in the app
    description: |   # long
      one
      two

    # below the plan


  # the seats
  - id: seats
    # counted at night
    source_name: seat_count
    type: number
    groups: [Billing, "Growth, EMEA"] # two

  - groups:
      - Old   # why
      - Kept  # why not
    id: mrr
    source_name: mrr
    type: number
  # - id: later
type: ref_table

join_attribute: user_email # the join
join_type: "email"
metadata:
  source: crm   # where from

  # how often
  refreshed: nightly
# the end
`;

const FROM = loaded(WRITTEN).desired[0]?.spec ?? canonicalSpec({ type: '', join_attribute: '', join_type: '' });

/** Returns the spec with a change to one of its fields; undefined removes a member, or the whole field. */
function withField(
  id: string,
  change: { readonly [member in keyof Field]?: Field[member] | undefined } | undefined,
): Spec {
  const fields = (FROM.fields ?? []).flatMap((field) =>
    field.id !== id ? [field] : change === undefined ? [] : [{ ...field, ...change } as Field],
  );
  return canonicalSpec({ ...FROM, fields: fields.map((field) => JSON.parse(JSON.stringify(field)) as Field) });
}

describe('touches only what changes', () => {
  test.each<[string, Spec, readonly [string, string][]]>([
    ['nothing', FROM, []],
    ['a plain text', withField('seats', { source_name: 'seats' }), [['source_name: seat_count', 'source_name: seats']]],
    [
      'a text in quotes keeps them',
      withField('plan', { display_name: "It's" }),
      [["'Plan'        # as", "'It''s'       # as"]],
    ],
    [
      'a text in quotes becomes a block where it must',
      withField('plan', { display_name: 'a\nb' }),
      [["'Plan'        # as in the app\n", '|-            # as in the app\n      a\n      b\n']],
    ],
    [
      'a plain text that needs quotes now',
      withField('seats', { source_name: 'yes' }),
      [['source_name: seat_count', 'source_name: "yes"']],
    ],
    [
      'a block keeps its comment',
      withField('plan', { description: 'three\nfour\n' }),
      [['      one\n      two\n', '      three\n      four\n']],
    ],
    [
      'a block that becomes a line',
      withField('plan', { description: 'one' }),
      [['description: |   # long\n      one\n      two\n', 'description: one # long\n']],
    ],
    [
      'a line that becomes a block',
      withField('seats', { source_name: 'a\nb' }),
      [['source_name: seat_count\n', 'source_name: |-\n      a\n      b\n']],
    ],
    [
      'a list between brackets',
      withField('seats', { groups: ['Growth, EMEA', 'x: y'] }),
      [['[Billing, "Growth, EMEA"]', '["Growth, EMEA", "x: y"]']],
    ],
    [
      'a list with comments',
      withField('mrr', { groups: ['Kept', 'New'] }),
      [
        ['      - Old   # why\n', ''],
        ['# why not\n', '# why not\n      - New\n'],
      ],
    ],
    [
      'no list any more',
      withField('seats', { groups: undefined }),
      [['    groups: [Billing, "Growth, EMEA"] # two\n', '']],
    ],
    [
      'a new name has its place',
      withField('seats', { display_name: 'Seats', description: 'a: b' }),
      [
        [
          'type: number\n    groups: [B',
          'type: number\n    display_name: Seats\n    description: "a: b"\n    groups: [B',
        ],
      ],
    ],
    [
      'a new list has its place',
      withField('plan', { groups: ['A'] }),
      [['      two\n', '      two\n    groups: [A]\n']],
    ],
    [
      'a name goes with its comments',
      withField('plan', { description: undefined }),
      [['    description: |   # long\n      one\n      two\n', '']],
    ],
    [
      'a list on the line of the dash',
      withField('mrr', { groups: undefined }),
      [['  - groups:\n      - Old   # why\n      - Kept  # why not\n    id: mrr', '  - id: mrr']],
    ],
    [
      'a field goes with its own comments',
      withField('seats', undefined),
      [
        [
          `

  # the seats
  - id: seats
    # counted at night
    source_name: seat_count
    type: number
    groups: [Billing, "Growth, EMEA"] # two
`,
          '',
        ],
      ],
    ],
    [
      'the first field goes, and not the heading above it',
      withField('plan', undefined),
      [[/ {2}# the plan they pay for[^]*# below the plan\n\n\n/.exec(WRITTEN)?.[0] ?? '', '']],
    ],
    [
      'a renamed field',
      withField('plan', { id: 'tier' }),
      [['id:           plan          # aligned', 'id: tier                    # aligned']],
    ],
    [
      'a new field comes last',
      canonicalSpec({
        ...FROM,
        fields: [...(FROM.fields ?? []), { id: 'a', source_name: '1', type: 'string', groups: ['x', 'y, z'] }],
      }),
      [
        [
          '    type: number\n  # - id: later',
          '    type: number\n  - id: a\n    source_name: "1"\n    type: string\n    groups: [x, "y, z"]\n  # - id: later',
        ],
      ],
    ],
    [
      'no field any more',
      canonicalSpec({ ...FROM, fields: [] }),
      [[/fields:[^]*# - id: later\n/.exec(WRITTEN)?.[0] ?? '', '']],
    ],
    [
      'the join',
      canonicalSpec({ ...FROM, join_attribute: 'id', join_type: 'user_id' }),
      [
        ['user_email # the', 'id # the'],
        ['"email"', '"user_id"'],
      ],
    ],
    [
      'metadata',
      canonicalSpec({ ...FROM, metadata: { source: 'erp', on: '1' } }),
      [
        ['  source: crm   # where', '  source: erp   # where'],
        ['\n  # how often\n  refreshed: nightly\n', '  "on": "1"\n'],
      ],
    ],
    [
      'no metadata any more',
      canonicalSpec({ ...FROM, metadata: {} }),
      [[/metadata:[^]*nightly\n/.exec(WRITTEN)?.[0] ?? '', '']],
    ],
  ])('%s', (_, to, changes) => {
    const expected = changes.reduce((text, [old, next]) => {
      expect(text.split(old)).toHaveLength(2);
      return text.replace(old, () => next);
    }, WRITTEN);
    const edited = editManifest(WRITTEN, 0, FROM, to);
    expect(edited).toBe(expected);
    expect(loaded(edited).desired[0]?.spec).toEqual(to);
  });
});

const SMALL = 'entity: users\nid: a\ntype: t\njoin_attribute: a\njoin_type: email\n';
const small = canonicalSpec({ type: 't', join_attribute: 'a', join_type: 'email' });
const filled = canonicalSpec({
  ...small,
  fields: [{ id: 'x', source_name: 'col', type: 'string' }],
  metadata: { a: 'b' },
});
const FILLED = `${SMALL}fields:\n  - id: x\n    source_name: col\n    type: string\nmetadata:\n  a: b\n`;

describe('layouts', () => {
  test.each([
    ['to nothing', SMALL, small, filled, FILLED],
    ['and back', FILLED, filled, small, SMALL],
    [
      'above what is ours',
      `${SMALL}connsync: {protect: true} # x\n`,
      small,
      filled,
      FILLED + 'connsync: {protect: true} # x\n',
    ],
    [
      'into empty brackets',
      `${SMALL}fields: [] # none\nmetadata: {}\n`,
      small,
      filled,
      FILLED.replace('fields:', 'fields: # none'),
    ],
    ['without a line end at the end', SMALL.trimEnd(), small, filled, FILLED.trimEnd()],
    ['with line ends of Windows', SMALL.replaceAll('\n', '\r\n'), small, filled, FILLED.replaceAll('\n', '\r\n')],
    ['below a byte order mark', `\uFEFF${SMALL}`, small, filled, `\uFEFF${FILLED}`],
    [
      'in a list without indentation',
      FILLED.replace(/^ {2}([- ])/gm, '$1'),
      filled,
      canonicalSpec({ ...filled, fields: [...(filled.fields ?? []), { id: 'z', source_name: 'z', type: 'number' }] }),
      FILLED.replace(/^ {2}([- ])/gm, '$1').replace('metadata', '- id: z\n  source_name: z\n  type: number\nmetadata'),
    ],
    [
      'in braces',
      `${SMALL}fields: [{id: x, source_name: col, type: string}]\nmetadata: {a: b} # x\n`,
      filled,
      canonicalSpec({
        ...filled,
        fields: [{ id: 'x', source_name: 'z', type: 'string' }],
        metadata: { a: 'b', c: 'd' },
      }),
      `${FILLED.replace(': col', ': z').replace('metadata:', 'metadata: # x')}  c: d\n`,
    ],
    [
      'all in braces',
      '# 1\n---\n{entity: users, id: a, # 2\n type: t, join_attribute: a, join_type: email} # 3\n',
      small,
      { ...small, type: 'u' },
      '# 1\n---\nentity: users\nid: a # 2\ntype: u\njoin_attribute: a\njoin_type: email\n# 3\n',
    ],
    [
      'on the line of a separator',
      '--- {entity: users, id: a, type: t, join_attribute: a, join_type: email}\n',
      small,
      { ...small, type: 'u' },
      '--- \nentity: users\nid: a\ntype: u\njoin_attribute: a\njoin_type: email\n',
    ],
  ])('%s', (_, text, from, to, expected) => {
    expect(editManifest(text, 0, from, to)).toBe(expected);
  });
});

test('removes a first field with its comments, but keeps the colon of `fields` between them', () => {
  const field = (id: string): string => `  - {id: ${id}, # of ${id}\n     source_name: ${id}, type: string}\n`;
  const head = 'entity: users\nid: a\ntype: t\njoin_attribute: a\njoin_type: email\n';
  const text = `${head}? fields # behind\n      # above the colon\n:\n # above x\n${field('x')}${field('y')}`;
  const [x, y] = ['x', 'y'].map((id): Field => ({ id, source_name: id, type: 'string' }));
  const of = (fields: readonly (Field | undefined)[]): Spec =>
    canonicalSpec({ ...small, fields: fields.filter((one) => one !== undefined) });
  const edited = editManifest(text, 0, of([x, y]), of([y]));
  expect(edited).toBe(`${head}? fields # behind\n      # above the colon\n:\n${field('y')}`);
  expect(loaded(edited).desired.map(({ spec }) => spec)).toEqual([of([y])]);
});

test('keeps the other documents of a file byte for byte', () => {
  const untidy = 'id:   b # x\nentity:   users\n\n\njoin_type: email\ntype: t\njoin_attribute: "a"   \n';
  const text = `${untidy}\n\n---\n# mine\n${SMALL}...\n--- # next\n${untidy.replace('b #', 'c #')}`;
  const edited = editManifest(text, 1, small, filled);
  expect(edited).toBe(text.replace(SMALL, FILLED));
});

test('rewrites a comment above `...` with its document, not with the next one', () => {
  const braces = '{entity: users, id: a, type: t, join_attribute: a, join_type: email}\n';
  const below = `...\n%YAML 1.2\n---\n${SMALL.replace('id: a', 'id: b')}`;
  const edited = editManifest(`${braces}\n  # indented\n${below}`, 0, small, { ...small, join_type: 'a\nb' });
  expect(edited).toBe(`${SMALL.replace('email', '|-\n  a\n  b')}\n# indented\n${below}`);
});

describe('JSON stays JSON', () => {
  const value = {
    id: 'a',
    entity: 'users',
    join_type: 'email',
    join_attribute: 'a',
    type: 't',
    connsync: { protect: true },
  };
  test.each([undefined, 2, 4, '\t'])('indented by %j', (step) => {
    const text = `${JSON.stringify(value, null, step)}\n`;
    const edited = editManifest(text, 0, small, filled);
    const expected = { ...value, fields: filled.fields, metadata: filled.metadata };
    expect(JSON.parse(edited)).toEqual(expected);
    expect(Object.keys(JSON.parse(edited) as object)).toEqual([
      'id',
      'entity',
      'join_type',
      'join_attribute',
      'type',
      'fields',
      'metadata',
      'connsync',
    ]);
    const again = editManifest(edited, 0, filled, small);
    expect(again).toBe(step === undefined ? text.replaceAll(/[,:](?=["{t])/g, '$& ') : text);
  });
});

test('keeps values that were edited after the manifest was read', () => {
  const text = FILLED.replace(': col', ': written since') + '  c: too\n';
  const edited = editManifest(text, 0, filled, canonicalSpec({ ...filled, type: 'u', metadata: {} }));
  expect(edited).toBe(text.replace('type: t\n', 'type: u\n').replace('  a: b\n', ''));
});

test("rejects a text that can't be split, and a missing document", () => {
  const odd = `${SMALL}connsync:\n  protect:\n   \n \n# why\n     # oh\n     false\n  owner: me\n`;
  expect(() => editManifest(odd, 0, small, filled)).toThrow(Failure);
  expect(() => editManifest(SMALL, 1, small, filled)).toThrow(Failure);
  expect(() => editManifest(SMALL, -1, small, filled)).toThrow(Failure);
});
