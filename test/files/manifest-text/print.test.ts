import { describe, expect, test } from 'vitest';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { parse } from 'yaml';
import { printManifest } from '../../../src/files/manifest-text/print.ts';
import { scalarText } from '../../../src/files/manifest-text/scalar.ts';
import { HOSTILE, loaded } from './samples.ts';

test('prints a manifest as a person would write it', () => {
  const text = printManifest(
    {
      entity: 'users',
      id: 'crm-contacts',
      owner: 'team-growth',
      protect: true,
      spec: {
        type: 'ref_table',
        join_attribute: 'user_email',
        join_type: 'email',
        fields: [
          {
            id: 'customer_tier',
            source_name: 'subscription_tier',
            type: 'string',
            display_name: 'Customer Tier',
            description: 'Customer subscription tier from `CRM`',
            groups: ['Commercial', 'Sales, EMEA'],
          },
          {
            id: 'ltv',
            source_name: 'ltv',
            type: 'number',
            description: 'Lifetime value.\n\n- in USD\n- net\n',
            groups: [],
          },
        ],
        metadata: { source: 'crm', version: '2', on: 'yes' },
      },
    },
    { schema: '../../schemas/connection.schema.json' },
  );
  expect(text).toBe(`# yaml-language-server: $schema=../../schemas/connection.schema.json
entity: users
id: crm-contacts
type: ref_table
join_attribute: user_email
join_type: email
fields:
  - id: customer_tier
    source_name: subscription_tier
    type: string
    display_name: Customer Tier
    description: Customer subscription tier from \`CRM\`
    groups: [Commercial, "Sales, EMEA"]
  - id: ltv
    source_name: ltv
    type: number
    description: |
      Lifetime value.

      - in USD
      - net
metadata:
  source: crm
  version: "2"
  "on": "yes"
connsync:
  protect: true
  owner: team-growth
`);
});

test('omits unset values', () => {
  const spec = { type: 'ref_table', join_attribute: 'a', join_type: 'email' };
  expect(printManifest({ entity: 'users', id: 'a', spec, protect: false }, {})).toBe(
    'entity: users\nid: a\ntype: ref_table\njoin_attribute: a\njoin_type: email\n',
  );
});

describe('quotes only what some reader needs quoted', () => {
  test.each([
    ['Customer Tier', 'Customer Tier'],
    ['tier from `CRM`', 'tier from `CRM`'],
    ["it's", "it's"],
    ['say "hi"', 'say "hi"'],
    ['a:b', 'a:b'],
    ['a#b', 'a#b'],
    ['-a', '-a'],
    ['3rd', '3rd'],
    ['2fa', '2fa'],
    ['1.2.3', '1.2.3'],
    ['https://x.y/?z=1', 'https://x.y/?z=1'],
    ['👨‍👩‍👧 Größe 名前', '👨‍👩‍👧 Größe 名前'],
    ['back\\slash', 'back\\slash'],
    ['', '""'],
    ['yes', '"yes"'],
    ['N', '"N"'],
    ['~', '"~"'],
    ['12', '"12"'],
    ['1,000', '"1,000"'],
    ['0o14', '"0o14"'],
    ['12:30', '"12:30"'],
    ['2024-01-02', '"2024-01-02"'],
    ['=', '"="'],
    [' a', '" a"'],
    ['a: b', '"a: b"'],
    ['a:', '"a:"'],
    ['a #b', '"a #b"'],
    ['- a', '"- a"'],
    ['`a`', '"`a`"'],
    ['"a"', `'"a"'`],
    ['\\: \\', "'\\: \\'"],
    [`'" `, `"'\\" "`],
    ['a\tb', '"a\\tb"'],
    ['a\u0000\u001B\u007F\u0085', '"a\\u0000\\u001b\\u007f\\u0085"'],
    ['\u202Ea\uFEFF\u2028\uFFFF', '"\\u202ea\\ufeff\\u2028\\uffff"'],
    ['a\nb', '|-\na\nb'],
    ['a\n\n  b\n', '|\na\n\n  b'],
    ['a\n\n', '"a\\n\\n"'],
    ['\na', '"\\na"'],
    [' a\nb', '" a\\nb"'],
    ['a \nb', '"a \\nb"'],
    ['a\r\nb', '"a\\r\\nb"'],
  ])('writes %j as %j', (value, source) => {
    expect(scalarText(value)).toBe(source);
  });

  test.each([
    ['a, b', '"a, b"'],
    ['[a', '"[a"'],
    ['a]', '"a]"'],
    ['a:b', '"a:b"'],
    ['a\nb', '"a\\nb"'],
    ['a b', 'a b'],
  ])('writes %j in brackets as %j', (value, source) => {
    expect(scalarText(value, { flow: true })).toBe(source);
  });
});

/** YAML 1.1 and 1.2, in two implementations. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'js-yaml, YAML 1.2': (text) => load(text, { schema: CORE_SCHEMA }),
  'js-yaml, YAML 1.1': (text) => load(text, { schema: YAML11_SCHEMA }),
  'yaml, YAML 1.2': (text) => parse(text),
  'yaml, YAML 1.1': (text) => parse(text, { version: '1.1' }),
};

describe.each(Object.entries(READERS))('%s reads back', (_, read) => {
  test.each(HOSTILE.map((text) => [text.length > 100 ? `${text.slice(0, 20)}…` : text, text]))('%j', (_, value) => {
    const spec = {
      type: 'ref_table',
      join_attribute: 'a',
      join_type: 'email',
      fields: [{ id: 'a', source_name: `x${value}`, type: 'string', description: value, groups: [value, 'b'] }],
      metadata: { [value]: value },
    };
    const name = value === '<<' ? [] : [value];
    const text = printManifest({ entity: 'users', id: 'a', spec }, {});
    expect(read(text)).toMatchObject({
      fields: [{ source_name: `x${value}`, description: value, groups: [value, 'b'] }],
      metadata: Object.fromEntries(name.map((each) => [each, value])),
    });
  });
});

test('marks a name that is too long for a reader to look ahead', () => {
  const name = 'word '.repeat(400).trim();
  const spec = { type: 'ref_table', join_attribute: 'a', join_type: 'email', metadata: { [name]: 'x' } };
  const text = printManifest({ entity: 'users', id: 'a', spec }, {});
  expect(text).toContain(`metadata:\n  ? ${name}\n  : x\n`);
  expect(loaded(text).desired[0]?.spec.metadata).toEqual({ [name]: 'x' });
});
