import fc from 'fast-check';
import { dump } from 'js-yaml';
import { canonicalSpec } from '../../../src/core/canonical.ts';
import type { DesiredConnection, Field, Spec } from '../../../src/core/connection.ts';
import { hasErrors, type Problem } from '../../../src/core/diagnostic.ts';
import { loadManifest } from '../../../src/manifest/load.ts';

/** Texts that some version of YAML misreads or rejects. */
export const HOSTILE: readonly string[] = [
  ['yes', 'No', 'ON', 'off', 'y', 'N', 'true', 'False', 'null', 'NULL', '~', '<<', '=', '-', '.', '..', '--', '---'],
  ['0', '-1', '+1', '007', '0123', '0x1F', '0o14', '0b11', '1_000', '1,000', '1e3', '1.', '.5', '-.5', '6.02e+23'],
  ['.inf', '-.Inf', '.NaN', '12:30', '12:30:45', '190:20:30.15', '2024-01-02', '2024-1-2', '2001-12-14t21:59:43Z'],
  ['2001-12-14 21:59:43.10 -5', '1__0', '0_8', '0.1_0', '_1', '1e', '3rd', '1.2.3', '2fa'],
  ['', ' ', '  lead', 'trail ', '\t', 'tab\there', 'a: b', 'a:', ':a', 'a :b', 'a #b', 'a# b', '#', '# a', '? a', '?a'],
  ['- a', '-a', '--a', '---a', '...', '*a', '&a', '!a', '!!str', '|', '>', '|-', '%YAML', '@a', '`a`', "'", '"', "'a'"],
  [
    '"a"',
    "it's",
    `both ' and "`,
    'back\\slash',
    '\\',
    '[a]',
    'a]',
    '{a}',
    'a}',
    'a, b',
    'a,b',
    ',',
    '[',
    ']',
    '{',
    '}',
  ],
  ['a\nb', 'a\nb\n', 'a\n\nb', '\na', 'a\n\n', '\n', ' a\nb', 'a \nb', 'a\n b', 'a\n# b', 'a\n--- b', 'a\r\nb', 'a\rb'],
  [
    'a\n\tb',
    'a\n...\nb',
    'a: b\nc: d',
    '<<<<<<< HEAD\na\n=======',
    '=======',
    'x'.repeat(2000),
    `${'word '.repeat(300)}.`,
  ],
  [
    'Größe',
    '名前',
    '😀',
    '👨‍👩‍👧',
    'é',
    'e\u0301',
    '\u202Eabc',
    '\u200Ba',
    'a\u200Dz',
    '\uFEFF',
    'a\uFEFFb',
    '\u0085',
    'a\u2028b',
  ],
  [
    '\u00A0',
    'a\u00A0b',
    '\u0000',
    '\u001B[31m',
    '\u007F',
    '\uFFFE',
    '\uFFFF',
    '\uD7FF',
    '\uE000',
    '\u{10FFFF}',
    '\u2066',
  ],
  ['constructor', 'toString', 'entity', 'connsync:', '::set-output', '${{ x }}', '$schema=x', '<a href="x">', 'a & b'],
].flat();

export const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\n', ':', '#', '-', '"', "'", ',', '[', '0', '\\', '|', '{', '\t', '.'),
    maxLength: 8,
  }),
  fc
    .array(fc.constantFrom('word', 'two words', '', ' indented', '# no comment', 'a: b', '- x'), { maxLength: 4 })
    .map((lines) => lines.join('\n')),
);
const someText = hostileText.filter((text) => text !== '');
const id = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'c',
    'd',
    'yes',
    '12',
    '0x1F',
    '1e3',
    'n',
    '-',
    '--a',
    '.a',
    '~',
    'a b',
    ' ',
    'ä',
    '😀',
    'a: b',
    '"',
    '[x',
  ),
  someText.filter((text) => text !== '.' && text !== '..' && text.length <= 256 && !/[/\\?#%\p{Control}]/u.test(text)),
);
/** Names that no manifest may use. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype', '<<']);

const hostileField: fc.Arbitrary<Field> = fc.record(
  {
    id,
    source_name: someText,
    type: fc.constantFrom('string', 'number', 'yes', '12'),
    display_name: hostileText,
    description: hostileText,
    groups: fc.array(someText, { maxLength: 3 }),
  },
  { requiredKeys: ['id', 'source_name', 'type'] },
);

/** Any canonical connection that a manifest can describe. */
export const hostileSpec: fc.Arbitrary<Spec> = fc
  .record(
    {
      type: fc.oneof(fc.constant('ref_table'), someText),
      join_attribute: someText,
      join_type: fc.oneof(fc.constant('email'), someText),
      fields: fc.uniqueArray(hostileField, { selector: (field) => field.id, maxLength: 5 }),
      metadata: fc.dictionary(
        hostileText.filter((name) => !FORBIDDEN.has(name)),
        hostileText,
        { maxKeys: 3 },
      ),
    },
    { requiredKeys: ['type', 'join_attribute', 'join_type'] },
  )
  .map(canonicalSpec);

export interface Whole {
  readonly entity: string;
  readonly id: string;
  readonly spec: Spec;
  readonly owner?: string;
  readonly protect?: boolean;
}

export const hostileConnection: fc.Arbitrary<Whole> = fc.record(
  {
    entity: fc.oneof(fc.constantFrom('users', 'accounts'), id),
    id,
    spec: hostileSpec,
    owner: someText,
    protect: fc.boolean(),
  },
  { requiredKeys: ['entity', 'id', 'spec'] },
);

/** Returns the documents of a text, which must have no error, and its warnings. */
export function loaded(text: string): {
  readonly desired: readonly DesiredConnection[];
  readonly warnings: readonly Problem[];
} {
  const { documents, problems } = loadManifest(text, 'x.yaml');
  if (hasErrors(problems)) throw new Error(`${problems.map(({ message }) => message).join('; ')} in:\n${text}`);
  return { desired: documents.flatMap(({ desired }) => desired ?? []), warnings: problems };
}

/** Returns the contents of a text, without positions. */
export function saidBy(text: string): readonly unknown[] {
  return loaded(text).desired.map(({ key, spec, ...rest }) => ({ key, spec, ...ours(rest) }));
}

/** The same without the parts that Datadog stores. */
export function besideSpec(text: string): readonly unknown[] {
  return loaded(text).desired.map(({ key, ...rest }) => ({ key, ...ours(rest) }));
}

function ours({
  owner,
  protect,
  allowReplace,
  renamedFields,
}: Pick<DesiredConnection, 'owner' | 'protect' | 'allowReplace' | 'renamedFields'>): object {
  return { owner, protect, allowReplace, renamed: [...renamedFields] };
}

/** A manifest as another tool or person may have written it: any style, any order of names, comments anywhere. */
export const writtenManifest: fc.Arbitrary<string> = fc
  .record({
    documents: fc.array(
      fc.record({
        connection: hostileConnection,
        style: dumpStyle(),
        seed: fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    lineBreak: fc.constantFrom('\n', '\n', '\r\n'),
    marked: fc.boolean(),
    between: fc.constantFrom(
      '',
      '',
      '...\n',
      '... #behind 90\n# comment 90\n',
      '# comment 91\n...\n%YAML 1.2\n# comment 92\n',
    ),
  })
  .map(({ documents, lineBreak, marked, between }) => {
    const texts = documents.map(({ connection, style, seed }) => write(connection, style, seed));
    const text = `${marked ? '--- # mark\n' : ''}${texts.join(`${between}---\n`)}`;
    return lineBreak === '\n' ? text : text.replace(/\n/g, lineBreak);
  });

type Style = NonNullable<Parameters<typeof dump>[1]>;

function dumpStyle(): fc.Arbitrary<Style> {
  return fc.record({
    indent: fc.integer({ min: 2, max: 5 }),
    flowLevel: fc.constantFrom(-1, -1, -1, 0, 1, 2, 3, 4),
    seqNoIndent: fc.boolean(),
    quoteStyle: fc.constantFrom('single' as const, 'double' as const),
    forceQuotes: fc.boolean(),
    lineWidth: fc.constantFrom(-1, 20, 80),
  });
}

function write({ entity, id, spec, owner, protect }: Whole, style: Style, seed: readonly number[]): string {
  const fields = spec.fields?.map((field, index) => shuffled(field, seed.slice(index)));
  const connsync = { owner, protect: protect === true, renamed_fields: { old: 'new' } };
  const value = {
    entity,
    id,
    ...spec,
    ...(fields === undefined ? {} : { fields }),
    ...(owner === undefined ? {} : { connsync }),
  };
  return commented(dump(shuffled(value, seed), style), seed);
}

function shuffled<T extends object>(value: T, seed: readonly number[]): T {
  const entries = Object.entries(value).map((entry, index) => [seed[index] ?? 0, entry] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => a - b).map(([, entry]) => entry)) as T;
}

/** Inserts comments and blank lines between lines where they don't change the contents. */
function commented(text: string, seed: readonly number[]): string {
  const said = JSON.stringify(saidBy(text));
  let lines: readonly string[] = text.replace(/\n$/, '').split('\n');
  for (const [index, number] of seed.slice(0, 14).entries()) {
    const at = number % (lines.length + 1);
    const margin = ' '.repeat((number >> 4) % 7);
    const line = lines[at] ?? '';
    const inside = `\n  ${margin}# comment ${index}\n  ${margin}`;
    const changed = [
      lines.toSpliced(at, 0, `${margin}# comment ${index}`),
      lines.toSpliced(at, 1, `${line}${margin} #behind ${index}`),
      lines.toSpliced(at, 0, margin),
      lines.toSpliced(at, 1, line.replace(/, /, `, #behind ${index}\n ${margin}`)),
      lines.toSpliced(at, 1, ...line.replace(/(?<=[[{,:] ?)(?=[^ ])/, inside).split('\n')),
      lines.toSpliced(at, 1, ...line.replace(/^( *)([\w"']+): */, `$1? $2 #behind ${index}\n$1: `).split('\n')),
      lines.toSpliced(
        at,
        1,
        ...line.replace(/(?<=- )(?=[^ ]+:)/, `#behind ${index}\n${' '.repeat(line.indexOf('-') + 2)}`).split('\n'),
      ),
    ][number % 7];
    if (changed !== undefined && says(changed, said)) lines = changed;
  }
  return `${lines.join('\n')}\n`;
}

function says(lines: readonly string[], said: string): boolean {
  try {
    return JSON.stringify(saidBy(`${lines.join('\n')}\n`)) === said;
  } catch {
    return false;
  }
}

/** Returns every comment of a text, sorted. Only for comments like those above. */
export function commentsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/#(?: comment|behind) \d+/g), ([comment]) => comment).toSorted();
}
