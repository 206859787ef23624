import { describe, expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { HEAD } from './marked.ts';

/** Returns the result of a plain scalar as a value of `metadata`, where text is required. */
function asValue(scalar: string): { readonly value: string | undefined; readonly codes: readonly string[] } {
  const { documents, problems } = loadManifest(`${HEAD}metadata:\n  a: ${scalar}\n`, 'a.yaml');
  return { value: documents[0]?.desired?.spec.metadata?.['a'], codes: problems.map(({ code }) => code) };
}

describe('keeps plain scalars that YAML 1.1 reads differently as text, with a warning', () => {
  test.each([
    'yes',
    'Yes',
    'YES',
    'no',
    'No',
    'NO',
    'on',
    'On',
    'ON',
    'off',
    'Off',
    'OFF',
    'y',
    'Y',
    'n',
    'N',
    '2024-01-02',
    '2001-12-14 21:59:43',
    '2001-12-14t21:59:43.10-05:00',
    '2001-12-14 21:59:43.10 -5',
    '12:30:45',
    '08:30',
    '190:20:30.15',
    '-12:30',
    '1_000',
    '-1_0',
    '1_000.5',
    '0b11',
    '-0b1_0',
    '0_7',
    '-0x1F',
    '0x1_F',
    '<<',
  ])('%s', (scalar) => {
    expect(asValue(scalar)).toEqual({ value: scalar, codes: ['ambiguous-scalar'] });
  });
});

describe('keeps plain scalars that are text in every version, without a warning', () => {
  test.each([
    'crm',
    'yess',
    'only',
    'nope',
    'note',
    'offer',
    'online',
    'Y2K',
    'o',
    'of',
    'nu',
    'tru',
    'falsey',
    'nulls',
    'v1.2.3',
    '1.2.3',
    '12.04.2024',
    '2024-01',
    '2024/01/02',
    '24-01-02',
    '12:61:00',
    ':30',
    '1-2',
    '+',
    '-x',
    '.',
    '0b12',
    '0xZZ',
    '1e',
    '1e3x',
    '30%',
    '$5',
    '5 apples',
    '~x',
    '.x',
    '=',
    '/',
    'ünï',
    '日本',
    'a: b'.replace(': ', ':'),
    'infinity',
    'NaN',
    '.nanx',
    'TRUE-ish',
  ])('%s', (scalar) => {
    expect(asValue(scalar)).toEqual({ value: scalar, codes: [] });
  });
});

describe('reports numbers, booleans and nulls, with the quoted form as a hint', () => {
  test.each([
    '0',
    '014',
    '0123',
    '0o14',
    '0x1F',
    '1e3',
    '1.10',
    '.5',
    '+1',
    '-1',
    '1.',
    '12345678901234567890',
    '.nan',
    '.NaN',
    '.inf',
    '-.Inf',
    '+.INF',
    'true',
    'True',
    'TRUE',
    'false',
    'False',
    'null',
    'Null',
    'NULL',
    '~',
  ])('%s', (scalar) => {
    const { problems } = loadManifest(`${HEAD}metadata:\n  a: ${scalar}\n`, 'a.yaml');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      code: 'wrong-type',
      message: `metadata.a must be text; write "${scalar}" with quotes`,
      hint: `write a: "${scalar}"`,
      line: 7,
      column: 6,
      endColumn: 6 + scalar.length,
    });
  });
});

describe('accepts any quoted value', () => {
  test.each(['"yes"', "'2024-01-02'", '"0123"', "'true'", '"~"', '"1_000"', "''"])('%s', (scalar) => {
    expect(asValue(scalar)).toEqual({ value: scalar.slice(1, -1), codes: [] });
  });
});

function codes(name: string): readonly string[] {
  const { problems } = loadManifest(`${HEAD}metadata:\n  ${name}: x\n`, 'a.yaml');
  return problems.map(({ code, column }) => `${code} ${column}`);
}

describe('treats names as text too', () => {
  test.each(['014', '0x1F', 'true', 'Null', '~', '1.5', '-1'])('%s would become another name', (name) => {
    expect(codes(name)).toEqual(['wrong-type 3']);
  });
  test.each(['on', 'no', 'y', '2024-01-02', '1_0'])('%s is ambiguous', (name) => {
    expect(codes(name)).toEqual(['ambiguous-scalar 3']);
  });
  test.each(['"014"', "'on'", 'owner', 'naming', 'x-1'])('%s is accepted', (name) => {
    expect(codes(name)).toEqual([]);
  });
  test('checks a name marked with ? like any other, and reports an empty one', () => {
    expect(codes('? 014\n  ')).toEqual(['wrong-type 5']);
    expect(codes('')).toEqual(['wrong-type 3']);
  });
});

function protect(scalar: string): boolean | undefined {
  return loadManifest(`${HEAD}connsync:\n  protect: ${scalar}\n`, 'a.yaml').documents[0]?.desired?.protect;
}

test('only protect is a boolean, in every spelling of YAML 1.2', () => {
  expect(['true', 'True', 'TRUE', 'false', 'yes', 'on', '1', '"true"'].map(protect)).toEqual([
    true,
    true,
    true,
    false,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
