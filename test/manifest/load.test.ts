import { describe, expect, test } from 'vitest';
import { CODES, type Code } from '../../src/core/codes.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { HEAD, marked, placeOf } from './marked.ts';

const FIELDS = `${HEAD}fields:\n`;
const BLOCK = 'entity: users\nid: crm\ntype: ref_table\njoin_attribute: user_email\n';

/** Each text has exactly one problem of the code, at the position of the ‹marks›. */
const CASES: readonly (readonly [Code, string, string])[] = [
  ['conflict-markers', '‹<<<<<<<› HEAD\nid: a\n=======\nid: b\n>>>>>>> branch\n', 'merge conflict'],
  ['conflict-markers', `${HEAD}‹<<<<<<<› a\n||||||| base\nx\n=======\ny\n>>>>>>> b\n`, 'merge conflict'],
  ['conflict-markers', `${HEAD}‹=======›\n`, 'merge conflict'],
  ['stray-bom', `${HEAD}metadata: {a: "‹\uFEFF›"}\n`, 'U+FEFF'],
  ['empty-manifest', '‹›', 'the file is empty'],
  ['empty-manifest', '‹# nothing but a comment›\n\n', 'the file is empty'],
  ['empty-manifest', '‹›\n\n', 'the file is empty'],
  ['empty-manifest', '‹---›\n', 'this document is empty'],
  ['empty-manifest', `${HEAD}‹---›\n`, 'this document is empty'],
  ['empty-manifest', `${HEAD}‹---›\n# only a comment\n`, 'this document is empty'],
  ['empty-manifest', `# first\n‹---›\n---\n${HEAD}`, 'this document is empty'],
  ['yaml-syntax', `${HEAD}metadata: {a: b, c: d e‹:› f}\n`, 'comma'],
  ['yaml-syntax', `${HEAD}  metadata‹:› {}\n`, 'indentation'],
  ['yaml-syntax', `‹entity users›\n${HEAD.slice(HEAD.indexOf('\n') + 1)}`, 'this line has no colon'],
  ['yaml-syntax', `${HEAD}‹metadata›\n# why\n`, 'no colon'],
  ['yaml-syntax', `${HEAD}fields:\n  - id: plan\n    ‹type string›\n`, 'no colon'],
  ['yaml-syntax', `${HEAD}fields:\n  - ‹id:plan›\n    type: string\n`, 'no colon'],
  ['yaml-syntax', `${HEAD}metadata: {a: "never close‹d›\n`, 'the document ends inside a quote'],
  ['yaml-syntax', `entity: ‹[›\n---\n${HEAD}`, 'the document ends inside'],
  ['yaml-syntax', `${HEAD}metadata: {a: "‹\0›"}\n`, 'null byte'],
  ['yaml-syntax', `${HEAD}metadata: {? ‹[›x] : y}\n`, 'a name must be text'],
  ['yaml-depth', `${HEAD}metadata: ${'['.repeat(31)}‹[›${']'.repeat(32)}\n`, 'more than 32 levels deep'],
  ['yaml-alias', `${HEAD}metadata: {a: ‹&x› "1"}\n`, 'anchors'],
  ['yaml-alias', `${HEAD}metadata: {a: ‹*x›}\n`, 'aliases'],
  ['yaml-alias', `${HEAD}metadata: ‹*x›\n`, 'aliases'],
  ['yaml-alias', `${HEAD}metadata: {‹*x› : "1"}\n`, 'aliases'],
  ['yaml-tag', `${HEAD}metadata: {a: ‹!!str› "1"}\n`, 'tags'],
  ['yaml-tag', `${HEAD}metadata: ‹!unheard› {}\n`, 'tags'],
  ['yaml-merge-key', `${HEAD}metadata: {‹<<›: {}}\n`, 'merge keys'],
  ['yaml-merge-key', `${HEAD}‹<<›: {}\n`, 'merge keys'],
  ['yaml-version', `# first\n‹%YAML 1.1›\n---\n${HEAD}`, 'always uses YAML 1.2'],
  ['duplicate-property', `${HEAD}‹id›: other\n`, '"id" is repeated'],
  ['duplicate-property', `${HEAD}metadata: {a: "1", b: "2", ‹"a"›: "3"}\n`, '"a" is repeated'],
  ['lone-surrogate', `${HEAD}metadata: {a: ‹"\\ud800"›}\n`, 'half of a character'],
  ['lone-surrogate', `${HEAD}metadata: {‹"\\udc00x"›: "1"}\n`, 'half of a character'],
  ['lone-surrogate', `${HEAD}metadata: {a: ‹'x\ud800y'›}\n`, 'half of a character'],
  ['ambiguous-scalar', `${HEAD}metadata: {a: ‹yes›}\n`, '"yes" is text in YAML 1.2, but a boolean'],
  ['ambiguous-scalar', `${HEAD}metadata: {‹on›: "1"}\n`, '"on" is text in YAML 1.2, but a boolean'],
  ['unknown-property', `${HEAD}‹join_atribute›: x\n`, '"join_atribute" is not allowed here'],
  ['unknown-property', `${FIELDS}  - {id: a, source_name: b, type: string, ‹"displayName"›: c}\n`, 'not allowed here'],
  ['unknown-property', `${HEAD}connsync:\n  ‹Protect›: true\n`, 'not allowed here'],
  [
    'missing-property',
    `# first\n‹id›: crm\ntype: ref_table\njoin_attribute: a\njoin_type: email\n`,
    '"entity" is missing',
  ],
  ['missing-property', `${FIELDS}  - ‹id›: a\n    type: string\n`, '"source_name" is missing in fields[0]'],
  [
    'missing-property',
    `${FIELDS}  - id: a\n    source_name: b\n    type: string\n  - {‹id›: b, type: string}\n`,
    'fields[1]',
  ],
  [
    'missing-property',
    `${FIELDS}  - {id: x, source_name: x, type: number}\n  - {‹id›: b, source_name: c}\n`,
    '"type" is',
  ],
  [
    'wrong-type',
    `${FIELDS}  - id: a\n    source_name: ‹0123›\n    type: string\n`,
    'must be text; write "0123" with quotes',
  ],
  ['wrong-type', `${HEAD}metadata: {a: ‹true›}\n`, 'metadata.a must be text; write "true" with quotes'],
  ['wrong-type', `${HEAD}metadata: {a: ‹~›}\n`, 'write "~" with quotes'],
  ['wrong-type', `${HEAD}metadata:\n  ‹a›:\n`, 'but it is empty'],
  ['wrong-type', `${FIELDS}  ‹-›\n`, 'fields[0] must be a mapping'],
  [
    'wrong-type',
    `${FIELDS}  - {id: a, source_name: b, type: string}\n  # - no\n  ‹-›\n`,
    'fields[1] must be a mapping',
  ],
  ['wrong-type', `${HEAD}metadata: {a: ‹[b, c›]}\n`, 'metadata.a must be text, not a list'],
  ['wrong-type', `${HEAD}metadata:\n  a:\n    ‹b: "1"›\n    c: "2"\n`, 'metadata.a must be text, not a mapping'],
  ['wrong-type', `${HEAD}metadata: {‹014›: "1"}\n`, 'a name must be text; write "014" with quotes'],
  ['wrong-type', `${HEAD}fields: ‹none›\n`, 'fields must be a list, not "none"'],
  ['wrong-type', `${HEAD}connsync: {protect: ‹yes›}\n`, 'connsync.protect must be true or false, not "yes"'],
  ['wrong-type', `${HEAD}connsync: {protect: ‹"true"›}\n`, 'must be true or false, without quotes'],
  ['wrong-type', '‹just text›\n', 'a manifest must be a mapping'],
  ['wrong-type', '‹- a›\n- b\n', 'a manifest must be a mapping of names to values, not a list'],
  ['wrong-type', '‹null›\n', 'a manifest must be a mapping'],
  ['not-allowed', `${HEAD}connsync: {allow: [‹replce›]}\n`, 'connsync.allow[0] must be replace'],
  ['bad-length', `${BLOCK}join_type: ‹""›\n`, 'join_type is empty'],
  [
    'bad-length',
    `entity: users\nid: ‹${'a'.repeat(257)}›\ntype: ref_table\njoin_attribute: a\njoin_type: email\n`,
    '256',
  ],
  ['bad-length', `${HEAD}connsync: {renamed_fields: {a: ‹''›}}\n`, 'connsync.renamed_fields.a is empty'],
  ['forbidden-name', `${HEAD}metadata: {‹__proto__›: "1"}\n`, '"__proto__" can\'t be used as a name'],
  ['forbidden-name', `${HEAD}metadata: {‹"constructor"›: "1"}\n`, '"constructor" can\'t be used as a name'],
  ['forbidden-name', `${HEAD}connsync: {renamed_fields: {‹prototype›: a}}\n`, '"prototype" can\'t be used as a name'],
  ['forbidden-name', `${HEAD}‹"__pr\\u006fto__"›: {}\n`, "can't be used as a name"],
  ['unsafe-id', `entity: ‹users/x›\nid: crm\ntype: ref_table\njoin_attribute: a\njoin_type: email\n`, '"/"'],
  ['unsafe-id', `${FIELDS}  - {id: ‹"a?b"›, source_name: b, type: string}\n`, 'fields[0].id "a?b" contains "?"'],
  ['unsafe-id', `entity: users\nid: ‹|›\n  crm\ntype: ref_table\njoin_attribute: a\njoin_type: email\n`, '"\\n"'],
  [
    'unusual-id',
    `entity: users\nid: ‹crm contacts›\ntype: ref_table\njoin_attribute: a\njoin_type: email\n`,
    'characters other than',
  ],
  ['unusual-id', `${FIELDS}  - {id: ‹größe›, source_name: b, type: string}\n`, 'characters other than'],
  [
    'duplicate-field',
    `${FIELDS}${field('a')}${field('b')}${field('‹a›')}`,
    'fields[2] has the id "a", which fields[0] also has',
  ],
  [
    'unknown-entity',
    `entity: ‹user›\nid: crm\ntype: ref_table\njoin_attribute: a\njoin_type: email\n`,
    'users, accounts',
  ],
  ['unknown-type', `entity: users\nid: crm\ntype: ‹ref_tabel›\njoin_attribute: a\njoin_type: email\n`, 'ref_table'],
  ['unknown-join-type', `${BLOCK}join_type: ‹>-›\n  phone\n`, 'email, user_id, account_id'],
  ['unknown-field-type', `${FIELDS}  - {id: a, source_name: b, type: ‹nubmer›}\n`, 'string, number'],
];

function field(id: string): string {
  return `  - {id: ${id}, source_name: x, type: string}\n`;
}

describe('reports every problem at its position', () => {
  test.each(CASES)('%s in %j', (code, text, words) => {
    const { text: source, place } = marked(text);
    const { problems } = loadManifest(source, 'connections/users/crm.yaml');
    const found = problems.filter((problem) => problem.code === code);
    expect(found.map(placeOf)).toEqual([place]);
    expect(found[0]).toMatchObject({ severity: CODES[code].severity, file: 'connections/users/crm.yaml' });
    expect(found[0]?.message).toContain(words);
    expect(found[0]?.hint).toMatch(/\w/);
  });
});

test.each(CASES)('reports nothing but %s in %j', (code, text) => {
  const { problems } = loadManifest(marked(text).text, 'a.yaml');
  const others = problems.filter((problem) => problem.code !== code);
  expect(others).toEqual([]);
});

function hints(text: string): readonly (string | undefined)[] {
  return loadManifest(text, 'a.yaml').problems.map(({ hint }) => hint);
}

test('suggests what was probably meant', () => {
  expect(hints(`${HEAD}join_atribute: x\n`)).toEqual(['did you mean "join_attribute"?']);
  expect(hints(`${FIELDS}  - {id: a, source_name: b, type: string, displayName: c}\n`)).toEqual([
    'did you mean "display_name"?',
  ]);
  expect(hints(`${HEAD}connsync: {allow: [replce]}\n`)).toEqual(['did you mean "replace"?']);
  expect(hints(`${BLOCK}join_type: emial\n`)).toEqual(['did you mean "email"?']);
  expect(hints(`${HEAD}zzz: x\n`)).toEqual([
    'use one of: entity, id, type, join_attribute, join_type, fields, metadata, connsync',
  ]);
  expect(hints(`${HEAD}metadata: {a: 1_0}\n`)).toEqual(['write "1_0" with quotes']);
  expect(hints(`${HEAD}metadata: {a: 10}\n`)).toEqual(['write a: "10"']);
  expect(hints(`${BLOCK}jion_type: email\n`), 'a misspelled required name is one problem').toEqual([
    'did you mean "join_type"?',
  ]);
  expect(hints(`${HEAD}metadata: {a: 'Bob's tier'}\n`)).toEqual([
    "double an apostrophe inside single quotes: 'Bob''s tier'",
  ]);
  expect(hints(`${HEAD}metadata:\n  a: "5" pipe"\n`)).toEqual([
    'put a backslash before a quote inside double quotes: "5\\" pipe"',
  ]);
  expect(hints(`${FIELDS}  - id: a\n    source_name: b\n    type:\u00a0string\n`)).toEqual([
    'replace it with an ordinary space',
  ]);
  expect(hints(`${HEAD}metadata:\n  a: Tier #1\n`)).toEqual([
    'write "Tier #1" with quotes, or put a space after the #',
  ]);
  expect(hints(`${HEAD}metadata:\n  a: Tier # the first\n  b: "x" #1\n  c: 'x' #1\n`)).toEqual([]);
  expect(hints(`${HEAD}\tx: y\n`)).toEqual(['indent with spaces instead of tabs']);
});

test('reports all problems of a document at once, in text order', () => {
  const text = `entity: 12
id: crm
id: crm2
typ: ref_table
join_attribute: &a user_email
join_type: off
fields:
  - source_name: 0x10
    type: text
`;
  expect(loadManifest(text, 'a.yaml').problems.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
    'wrong-type 1:9',
    'duplicate-property 3:1',
    'unknown-property 4:1',
    'yaml-alias 5:17',
    'unknown-join-type 6:12',
    'ambiguous-scalar 6:12',
    'missing-property 8:5',
    'wrong-type 8:18',
    'unknown-field-type 9:11',
  ]);
});

test("a document that can't be parsed hides none of the others", () => {
  const text = `${HEAD}---\nentity: {\n---\n${HEAD.replace('crm', 'billing')}---\nid: "open\n---\nid: 1\n`;
  const { documents, problems, documentCount } = loadManifest(text, 'a.yaml');
  expect(documents.map(({ key }) => key)).toEqual(['users/crm', 'users/billing', undefined]);
  expect(documents[1]?.desired?.place).toEqual({ file: 'a.yaml', line: 9 });
  expect(problems.filter(({ code }) => code === 'yaml-syntax').map(({ line }) => line)).toEqual([7, 15]);
  expect(problems.filter(({ code }) => code === 'wrong-type').map(({ line }) => line)).toEqual([17]);
  expect(documentCount).toBe(5);
});

test('a document with an error keeps its key and its valid field ids', () => {
  const text = `${FIELDS}${field('a')}  - {id: 12, source_name: x, type: string}\n${field('b/c')}`;
  const [document] = loadManifest(text, 'a.yaml').documents;
  expect(document).toMatchObject({ key: 'users/crm', entity: 'users', fieldIds: ['a'] });
  expect(document?.desired).toBeUndefined();
  expect(loadManifest(`entity: users\nid: 12\n`, 'a.yaml').documents[0]?.key).toBeUndefined();
});

test('converts a manifest to a desired connection in canonical form', () => {
  const text = `# a comment\n${FIELDS}  - {id: b, source_name: x, type: number}
  - {id: a, source_name: z, type: string, display_name: A, description: "", groups: [Z, A]}
  - {id: c, source_name: z, type: string, groups: []}
metadata: {z: "1", a: "2"}
connsync: {protect: true, owner: me, allow: [replace], renamed_fields: {old: a}}
`;
  expect(loadManifest(text, 'connections/a.yaml')).toMatchObject({ problems: [], documentCount: 1 });
  expect(loadManifest(text, 'connections/a.yaml').documents[0]?.desired).toEqual({
    key: 'users/crm',
    entity: 'users',
    id: 'crm',
    place: { file: 'connections/a.yaml', line: 2 },
    spec: {
      fields: [
        { description: '', display_name: 'A', groups: ['Z', 'A'], id: 'a', source_name: 'z', type: 'string' },
        { id: 'b', source_name: 'x', type: 'number' },
        { id: 'c', source_name: 'z', type: 'string' },
      ],
      join_attribute: 'user_email',
      join_type: 'email',
      metadata: { a: '2', z: '1' },
      type: 'ref_table',
    },
    protect: true,
    owner: 'me',
    allowReplace: true,
    renamedFields: new Map([['old', 'a']]),
  });
});

test('settings that connsync: lacks default to false', () => {
  const desired = loadManifest(`${HEAD}connsync: {allow: []}\n`, 'a.yaml').documents[0]?.desired;
  expect(desired).toMatchObject({ protect: false, allowReplace: false, renamedFields: new Map() });
  expect(desired).not.toHaveProperty('owner');
});

test.each([
  ['line feeds', HEAD],
  ['carriage returns and line feeds', HEAD.replaceAll('\n', '\r\n')],
  ['carriage returns', HEAD.replaceAll('\n', '\r')],
  [
    'JSON',
    '{\n\t"entity": "users", "id": "crm",\n\t"type": "ref_table", "join_attribute": "a",\n\t"join_type": "email"\n}\n',
  ],
  ['a document end', `${HEAD}...\n`],
  ['a document end and a comment', `${HEAD}...\n# the end\n`],
  ['a document start', `# first\n---\n${HEAD}`],
  ['a %YAML directive that is true', `%YAML 1.2\n---\n${HEAD}`],
  ['whole characters as escapes', `${HEAD}metadata: {a: "\\ud83d\\ude00"}\n`],
  ['numbers in quotes', `${HEAD}metadata: {"1": '2'}\n`],
])('accepts %s without a problem', (_, text) => {
  const { problems, documents } = loadManifest(text, 'a.yaml');
  expect(problems).toEqual([]);
  expect(documents.map(({ key }) => key)).toEqual(['users/crm']);
});

test('counts lines from 1 after each kind of line break', () => {
  const { problems } = loadManifest('entity: users\r\nid: crm\rtype: ref_table\n\rjoin_type: 4', 'a.yaml');
  expect(problems.filter(({ code }) => code === 'wrong-type').map(placeOf)).toEqual([
    { line: 5, column: 12, endLine: 5, endColumn: 13 },
  ]);
});

test('an excerpt has two lines before the position and one after it, and no very long line', () => {
  const [first] = loadManifest(`${HEAD}zzz: 1\n# after\n# far\n`, 'a.yaml').problems;
  expect(first?.excerpt).toEqual({ line: 4, text: 'join_attribute: user_email\njoin_type: email\nzzz: 1\n# after' });
  const [atEnd] = loadManifest(`${HEAD}zzz: 1\n`, 'a.yaml').problems;
  expect(atEnd?.excerpt?.text).toBe('join_attribute: user_email\njoin_type: email\nzzz: 1');
  const [long] = loadManifest(`${HEAD}# ${'x'.repeat(400)}\nzzz: 1\n`, 'a.yaml').problems;
  expect(long).toMatchObject({ line: 7 });
  expect(long).not.toHaveProperty('excerpt');
});

test('limits the problems of one document, and reports how many more there are', () => {
  const names = Array.from({ length: 250 }, (_, index) => `n${index}: x\n`).join('');
  const { problems } = loadManifest(HEAD + names, 'a.yaml');
  expect(problems).toHaveLength(101);
  expect(problems[100]).toMatchObject({ code: 'unknown-property', line: 106 });
  expect(problems[100]?.message).toBe('150 more problems in this document are not shown');
});

test('omitted problems count as an error if one of them is', () => {
  const warnings = Array.from({ length: 150 }, (_, index) => `  n${index}: yes\n`).join('');
  const { problems, documents } = loadManifest(`${HEAD}metadata:\n${warnings}  last: 1\n`, 'a.yaml');
  expect(problems).toHaveLength(101);
  expect(problems[100]).toMatchObject({ code: 'wrong-type', severity: 'error', line: 157 });
  expect(documents[0]?.desired).toBeUndefined();
});

test('limits the broken documents of one file, and reports the limit', () => {
  const { problems } = loadManifest('---\nid: [\n'.repeat(50), 'a.yaml');
  expect(problems).toHaveLength(20);
  expect(problems[19]?.message).toContain('the rest of the file was not read');
  const empty = loadManifest('---\n'.repeat(1500), 'a.yaml');
  expect(empty.problems).toHaveLength(1001);
  expect(empty.problems[1000]?.message).toBe('500 more problems in this file are not shown');
  expect(empty.documentCount).toBe(1500);
});

test('special names of JavaScript never reach a prototype', () => {
  loadManifest(`${HEAD}__proto__: {polluted: "yes"}\nmetadata: {__proto__: {polluted: "yes"}}\n`, 'a.yaml');
  loadManifest('{"__proto__": {"polluted": "yes"}, "constructor": {"prototype": {"polluted": "yes"}}}', 'a.json');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

const UNSAFE_IDS = ['.', '..', '%2e', '%2E%2e', 'a/b', '/', '\\', 'a?b', 'a#b', '%', 'a\tb', '\u007f', '\u0085', 'a\n'];

test.each(UNSAFE_IDS)('rejects %j as an id of entity, connection and field', (id) => {
  const json = JSON.stringify({
    entity: id,
    id,
    type: 'ref_table',
    join_attribute: 'a',
    join_type: 'email',
    fields: [],
  });
  const withField = json.replace(
    '"fields":[]',
    `"fields":[{"id":${JSON.stringify(id)},"source_name":"a","type":"string"}]`,
  );
  const { problems, documents } = loadManifest(withField, 'a.json');
  expect(problems.filter(({ code }) => code === 'unsafe-id').map(({ column }) => column)).toHaveLength(3);
  expect(problems.filter(({ code }) => code === 'unusual-id')).toEqual([]);
  expect(documents[0]?.key).toBeUndefined();
});

test.each(['...', 'a.b', '-', '_', 'A-Z_0.9', '2024'])('accepts %j as an id', (id) => {
  const json = JSON.stringify({ entity: 'users', id, type: 'ref_table', join_attribute: 'a', join_type: 'email' });
  expect(loadManifest(json, 'a.json')).toMatchObject({ problems: [], documents: [{ key: `users/${id}` }] });
});
