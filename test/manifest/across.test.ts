import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combine, loadManifest } from '../../src/manifest/load.ts';
import { HEAD, marked, placeOf } from './marked.ts';

const manifest = (id: string, fields: readonly string[] = [], entity = 'users') =>
  `entity: ${entity}\nid: ${id}\ntype: ref_table\njoin_attribute: user_email\njoin_type: email\nfields: [${fields
    .map((field) => `{id: ${field}, source_name: x, type: string}`)
    .join(', ')}]\n`;

function problemsIn(files: Readonly<Record<string, string>>) {
  const loaded = Object.entries(files).map(([file, text]) => loadManifest(text.replace(/[‹›]/g, ''), file));
  return combine(loaded).problems.map(({ code, file, message, ...place }) => ({
    code,
    file,
    message,
    ...placeOf({ code, message, ...place }),
  }));
}

describe('two documents with the same key', () => {
  test('give an error at each document, which names the other', () => {
    const a = manifest('‹crm›');
    const b = `# far\n# down\n${manifest('other')}---\n${manifest('‹"crm"›')}`;
    expect(problemsIn({ 'a.yaml': a, 'b.yaml': b })).toEqual([
      {
        code: 'duplicate-key',
        file: 'a.yaml',
        message: '"users/crm" is also defined in b.yaml:11',
        ...marked(a).place,
      },
      {
        code: 'duplicate-key',
        file: 'b.yaml',
        message: '"users/crm" is also defined in a.yaml:2',
        ...marked(b).place,
      },
    ]);
  });

  test('may be in one file', () => {
    const text = `${manifest('crm')}---\n${manifest('crm')}`;
    expect(problemsIn({ 'a.yaml': text }).map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 "users/crm" is also defined in a.yaml:9',
      '9 "users/crm" is also defined in a.yaml:2',
    ]);
  });

  test('give three errors if there are three', () => {
    const messages = problemsIn({
      'a.yaml': manifest('crm'),
      'b.yaml': manifest('crm'),
      'c.yaml': manifest('crm'),
    }).map(({ message }) => message);
    expect(messages).toEqual([
      '"users/crm" is also defined in b.yaml:2, and 1 more',
      '"users/crm" is also defined in a.yaml:2, and 1 more',
      '"users/crm" is also defined in a.yaml:2, and 1 more',
    ]);
  });

  test('are also reported if one has another error, or is next to a broken document', () => {
    const broken = `entity: [\n---\n${manifest('crm')}typo: x\n`;
    expect(
      problemsIn({ 'a.yaml': manifest('crm'), 'b.yaml': broken }).map(
        ({ code, file, line }) => `${code} ${file}:${line}`,
      ),
    ).toEqual([
      'duplicate-key a.yaml:2',
      'yaml-syntax b.yaml:1',
      'duplicate-key b.yaml:4',
      'unknown-property b.yaml:9',
    ]);
  });

  test('are no error if the entities differ', () => {
    expect(problemsIn({ 'a.yaml': manifest('crm'), 'b.yaml': manifest('crm', [], 'accounts') })).toEqual([]);
  });

  test('are all found, without false positives', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 8 }), (ids) => {
        const loaded = ids.map((id, index) => loadManifest(manifest(id), `${index}.yaml`));
        const twins = ids.filter((id) => ids.indexOf(id) !== ids.lastIndexOf(id));
        const { problems, desired } = combine(loaded);
        expect(problems.map(({ code }) => code)).toEqual(twins.map(() => 'duplicate-key'));
        expect([...desired.keys()].toSorted()).toEqual([...new Set(ids.map((id) => `users/${id}`))].toSorted());
      }),
    );
  });
});

describe('one field id in two connections of an entity', () => {
  test('gives a warning at the second, which names the first', () => {
    const second = manifest('billing', ['seats', '‹plan›']);
    const problems = problemsIn({ 'a.yaml': manifest('crm', ['tier', 'plan']), 'b.yaml': second });
    expect(problems).toEqual([
      {
        code: 'shared-field',
        file: 'b.yaml',
        message: 'the field "plan" of users is also defined in users/crm (a.yaml:6)',
        ...marked(second).place,
      },
    ]);
  });

  test('is reported once per id, however many connections share it', () => {
    const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [`${id}.yaml`, manifest(id, ['plan', 'tier'])]));
    expect(problemsIn(files).map(({ file, message }) => `${file} ${message}`)).toEqual([
      'b.yaml the field "plan" of users is also defined in users/a (a.yaml:6), and 2 more',
      'b.yaml the field "tier" of users is also defined in users/a (a.yaml:6), and 2 more',
    ]);
  });

  test('is allowed if the entities differ, and is not reported for a connection that is defined twice', () => {
    expect(problemsIn({ 'a.yaml': manifest('a', ['plan']), 'b.yaml': manifest('b', ['plan'], 'accounts') })).toEqual(
      [],
    );
    const twice = problemsIn({ 'a.yaml': manifest('a', ['plan']), 'b.yaml': manifest('a', ['plan']) });
    expect(twice.map(({ code }) => code)).toEqual(['duplicate-key', 'duplicate-key']);
  });

  test('is also reported if one of the connections has an error', () => {
    const broken = `${manifest('b', ['plan', 'plan'])}typo: x\n`;
    expect(problemsIn({ 'a.yaml': manifest('a', ['plan']), 'b.yaml': broken }).map(({ code }) => code)).toEqual([
      'shared-field',
      'duplicate-field',
      'unknown-property',
    ]);
  });
});

test('counts files and documents, and returns the valid connections', () => {
  const files = [
    loadManifest(`${manifest('a')}---\n${manifest('b')}`, 'a.yaml'),
    loadManifest(`${HEAD}typo: x\n---\nid: [\n`, 'b.yaml'),
    loadManifest('', 'c.yaml'),
  ];
  const { manifests, connections, desired } = combine(files);
  expect({ manifests, connections }).toEqual({ manifests: 3, connections: 4 });
  expect([...desired.keys()]).toEqual(['users/a', 'users/b']);
});

test('orders problems by file, then by position', () => {
  const order = problemsIn({
    'a.yaml': `${manifest('x', ['plan'])}typo: x\n`,
    'b.yaml': `${manifest('z', ['plan'])}typo: x\n---\n${manifest('x')}`,
  });
  expect(order.map(({ code, file, line }) => `${file}:${line} ${code}`)).toEqual([
    'a.yaml:2 duplicate-key',
    'a.yaml:7 unknown-property',
    'b.yaml:6 shared-field',
    'b.yaml:7 unknown-property',
    'b.yaml:10 duplicate-key',
  ]);
});
