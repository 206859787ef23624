import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InitChoices } from '../../src/init/answers.ts';
import { scaffold, type ExistingFiles, type FileStep } from '../../src/init/scaffold.ts';
import { scaffoldFiles, type ScaffoldOptions } from '../../src/init/scaffold-files.ts';
import { formatManifest } from '../../src/files/manifest-text/format.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { loadSettings } from '../../src/manifest/settings.ts';

const SHIPPED = { version: '1.2.3', schemas: { connection: '{"a":1}\n', settings: '{"b":1}\n' } };
const ANSWERS: InitChoices = {
  site: 'datadoghq.eu',
  folders: ['connections'],
  manifests: 'example',
  workflows: { branch: 'main' },
};
const LINES: ScaffoldOptions = { kind: 'lines', file: '.gitignore', lines: ['one', 'two'] };
const FILE: ScaffoldOptions = { kind: 'file', file: 'connsync.yaml', text: 'version: 1\n' };

function stepFor(wanted: ScaffoldOptions, there?: string | null): FileStep | undefined {
  return scaffold([wanted], new Map(there === undefined ? [] : [[wanted.file, there]]))[0];
}

function textOf(answers: InitChoices, file: string): string {
  const found = scaffoldFiles(answers, SHIPPED).find((one) => one.file === file);
  if (found?.kind !== 'file') throw new Error(`${file} is not among the files`);
  return found.text;
}

describe('compares the wanted files with the existing ones', () => {
  test.each<readonly [string, ScaffoldOptions, string | null | undefined, Partial<FileStep>]>([
    ['a file, nothing', FILE, undefined, { kind: 'write', text: FILE.text }],
    ['a file, the same', FILE, FILE.text, { kind: 'leave' }],
    ['a file, another', FILE, '', { kind: 'leave' }],
    ['a file, no text', FILE, null, { kind: 'leave' }],
    ['lines, nothing', LINES, undefined, { kind: 'write', text: 'one\ntwo\n' }],
    ['lines, all of them', LINES, 'zero\n two\none', { kind: 'leave' }],
    ['lines, one of them', LINES, 'two\n', { kind: 'append', text: 'two\none\n', appended: ['one'] }],
    ['lines, an empty file', LINES, '', { kind: 'append', text: 'one\ntwo\n' }],
    ['lines, no end of line', LINES, 'zero', { kind: 'append', text: 'zero\none\ntwo\n' }],
    ['lines, ends of line of Windows', LINES, 'one\r\n', { kind: 'append', text: 'one\r\ntwo\r\n', appended: ['two'] }],
    ['lines, a longer one', LINES, 'one two\n', { kind: 'append', appended: ['one', 'two'] }],
    [
      'lines, no text',
      LINES,
      null,
      { kind: 'leave', hint: 'add these lines yourself, because the file is not UTF-8 text: one, two' },
    ],
  ])('%s', (_, wanted, there, step) => {
    expect(stepFor(wanted, there)).toMatchObject({ file: wanted.file, ...step });
  });

  test('accepts editor settings with the schemas, and shows what to add to others', () => {
    const wanted: ScaffoldOptions = {
      kind: 'file',
      file: '.vscode/settings.json',
      text: textOf(ANSWERS, '.vscode/settings.json'),
    };
    expect(stepFor(wanted, '// mine\n{}')).toMatchObject({
      hint: 'add to it: "yaml.schemas":{".vscode/connsync.schema.json":["connections/**/*.yaml","connections/**/*.yml"],".vscode/connsync-settings.schema.json":["connsync.yaml"]}',
    });
    expect(stepFor(wanted, '{ "yaml.schemas": { ".vscode/connsync.schema.json": "*" } }')).not.toHaveProperty('hint');
  });

  test('never shortens an existing file, and has nothing to do the second time', () => {
    const wanted = scaffoldFiles(ANSWERS, SHIPPED);
    const somewhere = fc.constantFrom(...wanted.map(({ file }) => file));
    const line = fc.oneof(fc.constantFrom('.connsync/', '* text=auto', 'connections*.lock.lock', ''), fc.string());
    const text = fc.array(line).chain((lines) => fc.constantFrom(lines.join('\n'), lines.join('\r\n')));
    fc.assert(
      fc.property(fc.array(fc.tuple(somewhere, text)), (entries) => {
        const standing: ExistingFiles = new Map(entries);
        const steps = scaffold(wanted, standing);
        const after = new Map(standing);
        for (const step of steps) {
          const before = standing.get(step.file);
          if (step.kind === 'write') expect(before).toBeUndefined();
          if (step.kind === 'append') expect(step.text.startsWith(before ?? 'nothing')).toBe(true);
          if (step.kind !== 'leave') after.set(step.file, step.text);
        }
        expect(scaffold(wanted, after).map(({ kind }) => kind)).toEqual(wanted.map(() => 'leave'));
      }),
    );
  });
});

describe('the scaffold', () => {
  test('depends on whether manifests exist', () => {
    const manifests = (answer: InitChoices['manifests']): readonly string[] =>
      scaffoldFiles({ ...ANSWERS, manifests: answer }, SHIPPED)
        .map(({ file }) => file)
        .filter((file) => file.startsWith('connections/'));
    expect(manifests('example')).toEqual(['connections/users/crm-contacts.yaml']);
    expect(manifests('none')).toEqual(['connections/.gitkeep']);
    expect(manifests('some')).toEqual([]);
  });

  test('has settings with the answers, for any folder name', () => {
    const name = fc.oneof(
      fc.constantFrom('true', '1', "it's", 'a b', '#x', 'ä', '- x'),
      fc.stringMatching(/^[^/\0]{1,20}$/),
    );
    fc.assert(
      fc.property(name, name, (first, second) => {
        const text = textOf({ ...ANSWERS, folders: [first, second] }, 'connsync.yaml');
        expect(loadSettings(text, 'connsync.yaml')).toEqual({
          settings: { site: 'datadoghq.eu', manifests: [first, second] },
          problems: [],
        });
      }),
    );
  });

  test('has a valid, formatted example whose schema path resolves', () => {
    const file = 'data/connections/users/crm-contacts.yaml';
    const text = textOf({ ...ANSWERS, folders: ['data/connections'] }, file);
    expect(loadManifest(text, file)).toMatchObject({ documents: [{ key: 'users/crm-contacts' }], problems: [] });
    expect(formatManifest(text, file)).toBe(text);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/\.\.\/\.vscode\/connsync\.schema\.json\n/);
  });

  test('starts the apply for the chosen folders and branch', () => {
    const text = textOf(
      { ...ANSWERS, folders: ['a', "b's [c]"], workflows: { branch: 'trunk' } },
      '.github/workflows/connsync-apply.yml',
    );
    expect(text).toContain(String.raw`paths: ['a/**', 'b''s \[c\]/**', 'connsync.yaml']`);
    expect(text).toContain("branches: ['trunk']");
  });
});
