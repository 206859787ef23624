import fc from 'fast-check';
import { constructFromEvents, dump, load, parseEvents } from 'js-yaml';
import { expect, test } from 'vitest';
import { canonicalSpec } from '../../src/core/canonical.ts';
import type { Field } from '../../src/core/connection.ts';
import type { Problem } from '../../src/core/diagnostic.ts';
import { examine, splitDocuments } from '../../src/manifest/document.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { MANIFEST } from '../../src/manifest/manifest.ts';
import { outline, pointerStep } from '../../src/manifest/outline.ts';
import { plainDocuments } from '../../src/manifest/plain.ts';
import { loadSettings } from '../../src/manifest/settings.ts';
import { Source } from '../../src/manifest/source.ts';
import { parseYaml } from '../../src/manifest/yaml.ts';
import { lineAndColumn } from './marked.ts';

type Value = string | readonly Value[] | { readonly [name: string]: Value };

const words = fc.oneof(
  fc.constantFrom(
    'a',
    'plan',
    'it is',
    "o'clock",
    'x: y',
    '# no',
    '- a',
    'two\nlines',
    'yes',
    '12',
    '',
    'ünï 😀',
    '|',
    '>',
    '~1/',
  ),
  fc.string({ maxLength: 12 }),
);

const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    words,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(words, tie('value'), { maxKeys: 4 }),
  ),
}));

const styles = fc.record({
  indent: fc.integer({ min: 2, max: 4 }),
  flowLevel: fc.integer({ min: -1, max: 3 }),
  seqNoIndent: fc.boolean(),
  quoteStyle: fc.constantFrom('single' as const, 'double' as const),
  forceQuotes: fc.boolean(),
  lineWidth: fc.constantFrom(-1, 20, 80),
});

/** Every value in a document with its pointer and its name. */
function walk(value: Value, pointer = '', name?: string): readonly { pointer: string; value: Value; name?: string }[] {
  const here = { pointer, value, ...(name === undefined ? {} : { name }) };
  if (typeof value === 'string') return [here];
  const members = Array.isArray(value)
    ? value.map((item: Value, index) => [`/${index}`, item, undefined] as const)
    : Object.entries(value).map(([member, item]) => [pointerStep(member), item, member] as const);
  return [here, ...members.flatMap(([step, item, member]) => walk(item, pointer + step, member))];
}

test('finds the value and name of every pointer, in any style', () => {
  fc.assert(
    fc.property(values, styles, fc.constantFrom('', '# first\n\n', '---\n'), (value, style, before) => {
      const text = before + dump(value, style);
      const { nodes } = outline(text, parseEvents(text, {}), 0);
      const expected = walk(value);
      expect([...nodes.keys()].toSorted()).toEqual(expected.map(({ pointer }) => pointer).toSorted());
      for (const { pointer, value, name } of expected) {
        const node = nodes.get(pointer);
        const { start, end } = node?.value ?? { start: 0, end: 0 };
        const written = text.slice(start, end);
        if (typeof value !== 'string') expect(written.startsWith(collectionStart(value, written))).toBe(true);
        else if (/^[|>]/.test(written)) expect(node?.text).toBe(value);
        else expect(load(written)).toEqual(value);
        const span = node?.name?.span;
        expect(span === undefined ? undefined : load(text.slice(span.start, span.end))).toEqual(name);
      }
    }),
    { numRuns: 500 },
  );
});

function collectionStart(value: Exclude<Value, string>, written: string): string {
  if (written.startsWith('[') && Array.isArray(value)) return '[';
  if (written.startsWith('{') && !Array.isArray(value)) return '{';
  return Array.isArray(value) ? '-' : (/^[^:]/.exec(written)?.[0] ?? '');
}

test('the fast path gives the same values as js-yaml, or none', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 3 }), styles, (documents, style) => {
      const text = documents.map((value) => `---\n${dump(value, style)}`).join('');
      const events = parseEvents(text, {});
      const plain = plainDocuments(text, events);
      if (plain !== undefined) expect(plain.values).toEqual(constructFromEvents(events, { source: text }));
    }),
    { numRuns: 500 },
  );
});

const ids = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,11}$/);
const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
const some = fc.string({ minLength: 1, maxLength: 12 });

const fields: fc.Arbitrary<Field> = fc.record(
  {
    id: ids,
    source_name: some,
    type: fc.constantFrom('string', 'number'),
    display_name: texts,
    description: texts,
    groups: fc.array(some, { maxLength: 3 }),
  },
  { requiredKeys: ['id', 'source_name', 'type'] },
);

const manifests = fc.record(
  {
    entity: fc.constantFrom('users', 'accounts'),
    id: ids,
    type: fc.constant('ref_table'),
    join_attribute: some,
    join_type: fc.constantFrom('email', 'user_id'),
    fields: fc.uniqueArray(fields, { selector: ({ id }) => id, maxLength: 5 }),
    metadata: fc.dictionary(
      texts.filter((name) => !['__proto__', 'constructor', 'prototype', '<<'].includes(name)),
      texts,
      { maxKeys: 3 },
    ),
  },
  { requiredKeys: ['entity', 'id', 'type', 'join_attribute', 'join_type'] },
);

test('a manifest has one canonical form, in any style and order', () => {
  fc.assert(
    fc.property(manifests, styles, fc.boolean(), (manifest, style, asJson) => {
      const wanted = canonicalSpec(manifest);
      const reversed = Object.fromEntries(Object.entries(manifest).toReversed());
      const text = asJson ? JSON.stringify(reversed, undefined, '\t') : dump(reversed, style);
      const [document] = loadManifest(text, 'a.yaml').documents;
      expect(document?.desired?.key).toBe(`${manifest.entity}/${manifest.id}`);
      expect(document?.desired?.spec).toEqual(wanted);
      // Canonical contents that are printed read back the same.
      const again = dump({ entity: manifest.entity, id: manifest.id, ...wanted }, style);
      expect(loadManifest(again, 'a.yaml').documents[0]?.desired?.spec).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test('the slow path agrees with the fast path', () => {
  fc.assert(
    fc.property(manifests, styles, (manifest, style) => {
      const text = dump(manifest, style);
      const short = loadManifest(`---\n${text}`, 'a.yaml');
      const long = loadManifest(`%YAML 1.1\n---\n${text}`, 'a.yaml');
      expect(long.problems.map(({ code }) => code)).toEqual([
        'yaml-version',
        ...short.problems.map(({ code }) => code),
      ]);
      const place = { file: 'a.yaml', line: (short.documents[0]?.desired?.place.line ?? 0) + 1 };
      expect(long.documents[0]?.desired).toEqual({ ...short.documents[0]?.desired, place });
    }),
    { numRuns: 200 },
  );
});

const tokens = fc.constantFrom(
  'entity',
  'id',
  'type',
  'join_attribute',
  'join_type',
  'fields',
  'metadata',
  'connsync',
  'protect',
  'source_name',
  'users',
  'ref_table',
  'string',
  'yes',
  '0123',
  '"x"',
  "'y'",
  '~',
  '1e3',
  '|',
  '>-',
  '%YAML 1.1',
  '\\ud800',
  '"\\ud800"',
  ': ',
  ':',
  '- ',
  ', ',
  '[',
  ']',
  '{',
  '}',
  '? ',
  '#',
  ' ',
  '  ',
  '\t',
  '\n',
  '\n  ',
  '\r\n',
  '\r',
  '---\n',
  '...\n',
  '&a ',
  '*a',
  '!!str ',
  '!',
  '<<',
  '__proto__',
  '@',
  '`',
  '\0',
  '\uFEFF',
  '\u2028',
  '\ud800',
  '😀',
  '<<<<<<< x\n',
);

const soups = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(tokens, { maxLength: 30 }).map((parts) => parts.join('')),
  fc
    .array(fc.oneof(tokens, fc.constantFrom('entity: users\n', 'id: a\n', 'fields:\n', '  - id: b\n')), {
      maxLength: 20,
    })
    .map((parts) => parts.join('')),
);

test('the slow path finds nothing in a text that the fast path accepts', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), tokens), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(manifests, styles, edits, (manifest, style, edits) => {
      const text = edits.reduce(
        (text, [at, length, token]) => {
          const start = at % (text.length + 1);
          return text.slice(0, start) + token + text.slice(start + length);
        },
        dump(manifest, style),
      );
      const { problems, documents } = loadManifest(text, 'a.yaml');
      fc.pre(problems.length === 0);
      const { events } = parseYaml(text);
      const examined = splitDocuments(events, text).map((part) =>
        examine(part, text, new Source('a.yaml', text), MANIFEST),
      );
      expect(examined.flatMap(({ problems }) => problems)).toEqual([]);
      expect(examined.map(({ valid }) => valid?.id)).toEqual(documents.map(({ desired }) => desired?.id));
    }),
    { numRuns: 300 },
  );
});

test('any text gives connections or problems, and every position is inside the text', () => {
  fc.assert(
    fc.property(soups, (text) => {
      const { documents, problems } = loadManifest(text, 'a.yaml');
      const isReported = problems.some(({ severity }) => severity === 'error');
      expect(isReported || (documents.length > 0 && documents.every(({ desired }) => desired !== undefined))).toBe(
        true,
      );
      for (const problem of problems) expectInside(problem, text);
      const settings = loadSettings(text, 'connsync.yaml');
      expect(settings.settings !== undefined || settings.problems.length > 0).toBe(true);
      for (const problem of settings.problems) expectInside(problem, text);
    }),
    { numRuns: 3000 },
  );
});

function expectInside({ line = 0, column = 0, endLine, endColumn = 0, hint, message }: Problem, text: string): void {
  const last = lineAndColumn(text, text.length);
  const length = text.split(/\r\n|\r|\n/)[line - 1]?.length ?? -1;
  expect(line).toBeLessThanOrEqual(last.line);
  expect(endLine).toBe(line);
  expect(column).toBeGreaterThanOrEqual(1);
  expect(endColumn).toBeGreaterThanOrEqual(column);
  expect(endColumn).toBeLessThanOrEqual(length + 1);
  expect(`${message} ${hint}`).not.toContain('undefined');
}
