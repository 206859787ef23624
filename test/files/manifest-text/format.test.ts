import { describe, expect, test } from 'vitest';
import { formatManifest } from '../../../src/files/manifest-text/format.ts';
import { commentsIn, saidBy } from './samples.ts';

const REST = 'type: ref_table\njoin_attribute: a\njoin_type: email\n';
/** Returns a manifest with these fields. */
const withFields = (fields: string): string => `entity: users\nid: a\n${REST}fields:\n${fields}`;
const KEYS = '    source_name: x\n    type: string\n';

test("formats the manual's example, down to the columns of its comments", () => {
  const text = `# yaml-language-server: $schema=../../schemas/connection.schema.json
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
    groups: [Commercial]
metadata:
  source: crm
connsync:                    # ours, never sent
  protect: true              # never delete or replace it
  owner: team-growth         # shown in plans and reports
  allow: [replace]           # consent, reviewed with the change
  renamed_fields: {tier: customer_tier}   # old id: new id, renamed in place
`;
  expect(formatManifest(text, 'x.yaml')).toBe(text);
});

test('moves everything to its place, with its comments', () => {
  const text = `# yaml-language-server: $schema=x
# What this is.


id: a
entity: users   # which
connsync:
    # the people
    owner: team
    protect: true
fields: # all of them

  # the first

  - {id: one, # as in the CRM
     type: string, source_name: "x",
     groups: [A, B,]} # flow
  - groups:
    - Foo, bar
    - B
    # where from
    source_name: 'it''s'
    description: long
      text over lines
    id: two
    type:
      # why a string
      string
  -
    groups: [ # why
      A, # the first group
      B
      # the last group
      ]
    id: three
    type: number
    source_name: z
    description: >-   # folded
        folded
        text

        para


    # below three
  # below all
type: ref_table

# about the join
join_attribute: user_email
join_type: email
# the end
---   # the other
{"entity" : users, id: b, "type": ref_table, # why
 join_attribute: 'a', join_type: "email"} # behind`;
  const formatted = formatManifest(text, 'x.yaml');
  expect(formatted).toBe(`# yaml-language-server: $schema=x
# What this is.

entity: users   # which
id: a
type: ref_table

# about the join
join_attribute: user_email
join_type: email
fields: # all of them
  # the first

  # flow
  - id: one # as in the CRM
    source_name: "x"
    type: string
    groups: [A, B]
  - id: two
    # where from
    source_name: 'it''s'
    # why a string
    type: string
    description: long
      text over lines
    groups: ["Foo, bar", B]
  - id: three
    source_name: z
    type: number
    description: >-   # folded
      folded
      text

      para
    groups: # why
      - A # the first group
      - B
      # the last group

    # below three
  # below all
connsync:
  protect: true
  # the people
  owner: team
# the end
---   # the other
"entity": users
id: b
"type": ref_table # why
join_attribute: 'a'
join_type: "email"
# behind
`);
  expect(saidBy(formatted)).toEqual(saidBy(text));
  expect(formatManifest(formatted, 'x.yaml')).toBe(formatted);
});

describe('kept as written', () => {
  test.each([
    ['the order of fields', withFields(`  - id: b\n${KEYS}  - id: a\n${KEYS}`)],
    ['the order of metadata', `entity: users\nid: a\n${REST}metadata:\n  z: a\n  a: z\n`],
    ['quotes', withFields(`  - id: "a"\n    source_name: 'x'\n    type: string\n    groups: ["A", 'B', C]\n`)],
    ['one blank line', withFields(`  - id: a\n${KEYS}\n  - id: b\n${KEYS}\n# end\n`)],
    ['a list with comments', withFields(`  - id: a\n${KEYS}    groups:\n      - A # why\n      # and\n      - B\n`)],
    ['a comment as the last thing of a field', withFields(`  - id: a\n${KEYS}    # no: more\n  - id: b\n${KEYS}`)],
    ['fields in comments', withFields(`  - id: a\n${KEYS}  # - id: b\n  #   type: string\nconnsync:\n  owner: me\n`)],
    ['a comment without a space', `#a\nentity: users\nid: a # b#c\n${REST}#d\n`],
    [
      'separators, and comments at both sides',
      `# 1\n---\n# 2\nentity: users\nid: a\n${REST}# 3\n---\n# 4\nentity: users\nid: b\n${REST}`,
    ],
    ['renamed fields, either way', `entity: users\nid: a\n${REST}connsync:\n  renamed_fields:\n    a: b\n    c: d\n`],
    [
      'blocks of every kind',
      withFields(`  - id: a\n${KEYS}    display_name: |2-\n        a\n       b\n    description: |+\n      c\n\n`),
    ],
    ['an emptied list', `entity: users\nid: a\n${REST}fields: []\nmetadata: {}\n`],
    ['hash signs that begin no comment', withFields(`  - id: a\n    source_name: "a # b"\n    type: c#d\n`)],
    [
      'directives',
      `%YAML 1.2\n---\nentity: users\nid: a\n${REST}...\n# why\n%YAML 1.2\n---\nentity: users\nid: b\n${REST}`,
    ],
  ])('%s', (_, text) => {
    expect(formatManifest(text, 'x.yaml')).toBe(text);
  });
});

describe('normalised', () => {
  const formatted = withFields(`  - id: a\n${KEYS}    groups: [A, "b, c"]\n`);
  test.each([
    ['line ends of Windows', formatted.replaceAll('\n', '\r\n')],
    ['lone carriage returns', formatted.replaceAll('\n', '\r')],
    ['a byte order mark', `\uFEFF${formatted}`],
    ['no line end at the end', formatted.trimEnd()],
    ['blank lines at the ends', `\n\n${formatted}\n\n\n`],
    ['spaces at the ends of lines', formatted.replaceAll('\n', '  \n')],
    [
      'spaces behind colons and dashes',
      formatted
        .replaceAll(': ', ':   ')
        .replace('- id', '-   id')
        .replaceAll(/^ {4}(?=[st])/gm, '      ')
        .replace('    groups', '      groups'),
    ],
    ['other indentation', formatted.replace(/^ +/gm, (margin) => margin.repeat(2)).replace('- id', '-   id')],
    ['lists without indentation', formatted.replace(/^ {2}/gm, '')],
    ['lists of lines', formatted.replace('[A, "b, c"]', '\n      - A\n      - b, c')],
    ['brackets over lines', formatted.replace('[A, "b, c"]', '[\n      A,\n      "b, c",\n      ]')],
    ['braces', formatted.replace(/- id[^]*$/, '- { id: a, source_name: x, type: string, groups: [ A , "b, c" ] }')],
    ['marks before names', formatted.replace('id: a', '? id\n: a')],
    ['an end mark', `${formatted}...\n`],
  ])('%s', (_, text) => {
    expect(saidBy(text.replace('\uFEFF', ''))).toEqual(saidBy(formatted));
    expect(formatManifest(text, 'x.yaml')).toBe(formatted);
  });
});

test('keeps a comment above `...` with its document', () => {
  const next = `...\n%YAML 1.2\n---\nentity: users\nid: b\n${REST}`;
  const text = `{entity: users, id: a, type: ref_table, join_attribute: a, join_type: email}\n\n  # below\n${next}`;
  expect(formatManifest(text, 'x.yaml')).toBe(`entity: users\nid: a\n${REST}\n# below\n${next}`);
});

describe('moves a comment above if it no longer fits after its value', () => {
  test.each([
    ['behind a dash', `  - # why\n    id: a\n${KEYS}`, `  # why\n  - id: a\n${KEYS}`],
    ['below a dash', `  -\n    # why\n    id: a\n${KEYS}`, `  # why\n  - id: a\n${KEYS}`],
    [
      'above the first name of a field that moves',
      `  - type: string\n    # why\n    id: a\n    source_name: x\n`,
      `  # why\n  - id: a\n${KEYS}`,
    ],
    [
      'inside of empty brackets',
      `  - id: a\n${KEYS}    groups: [\n      # none\n      ]\n`,
      `  - id: a\n${KEYS}    # none\n    groups: []\n`,
    ],
    [
      'two behind one value',
      `  - id: a\n${KEYS}    groups: [ # one\n      A] # two\n`,
      `  - id: a\n${KEYS}    # one\n    groups: [A] # two\n`,
    ],
  ])('%s', (_, written, expected) => {
    const text = withFields(written);
    const formatted = formatManifest(text, 'x.yaml');
    expect(formatted).toBe(withFields(expected));
    expect(commentsIn(formatted)).toEqual(commentsIn(text));
  });
});

describe('JSON', () => {
  test('stays JSON in a .json file: names in order, two spaces, escapes as written', () => {
    const text =
      '{"id":"a","entity":"users","join_attribute":"\\u00e9\\/","type":"ref_table","join_type":"email","metadata":{"9":"a","10":"b","1":"c"},"connsync":{"allow":[],"protect":true}}';
    expect(formatManifest(text, 'x.json')).toBe(`{
  "entity": "users",
  "id": "a",
  "type": "ref_table",
  "join_attribute": "\\u00e9\\/",
  "join_type": "email",
  "metadata": {
    "9": "a",
    "10": "b",
    "1": "c"
  },
  "connsync": {
    "protect": true,
    "allow": []
  }
}
`);
  });

  test('becomes YAML in a .yaml file, and YAML in a .json file stays YAML', () => {
    const json = '{"entity": "users", "id": "a", "type": "t", "join_attribute": "a", "join_type": "email"}';
    expect(formatManifest(json, 'x.yaml')).toBe(
      '"entity": "users"\n"id": "a"\n"type": "t"\n"join_attribute": "a"\n"join_type": "email"\n',
    );
    const yaml = `entity: users\nid: a\n${REST}`;
    expect(formatManifest(yaml, 'x.json')).toBe(yaml);
  });
});

test('leaves a text unchanged if the two parsers read it differently', () => {
  // `yaml` reads `false` and the next name as one name of two lines.
  const text = `entity: users\nid: a\n${REST}connsync:\n  protect:\n   \n \n# why\n     # oh\n     false\n  owner: me\n`;
  expect(saidBy(text)).toMatchObject([{ owner: 'me', protect: false }]);
  expect(formatManifest(text, 'x.yaml')).toBe(text);
});
