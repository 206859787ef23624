import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TEMPLATE_NAMES } from '../../src/init/templates.ts';
import { template } from './workflow.ts';

const ROOT = join(import.meta.dirname, '../..');
const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Readonly<Record<'inputs' | 'outputs', object>>;
const text = readFileSync(join(ROOT, 'docs/github-action.md'), 'utf8');

describe('the page about the action', () => {
  test('lists every input and every output, and no other', () => {
    const rows = (name: string): readonly (string | undefined)[] => {
      const table = text.split(`<!-- generated:${name} -->`)[1]?.split('<!-- /generated')[0] ?? '';
      return [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, cell]) => cell);
    };
    expect(rows('inputs')).toEqual(Object.keys(action.inputs));
    expect(rows('outputs')).toEqual(Object.keys(action.outputs));
  });

  test('links every template', () => {
    for (const name of TEMPLATE_NAMES) expect(text).toContain(`](../src/init/templates/${name})`);
  });

  test('names every secret and the environment that the templates need', () => {
    for (const name of TEMPLATE_NAMES)
      for (const [, secret] of JSON.stringify(template(name)).matchAll(/secrets\.(\w+)/g))
        expect(text).toContain(`\`${secret}\``);
    expect(text).toContain('`production`');
  });

  test('links only to headings that exist', () => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => `#${anchor(title)}`);
    const links = [...text.matchAll(/\]\((#[^)]*)\)/g)].map(([, link]) => link);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });
});

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
