import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = ['README.md', 'CHANGELOG.md', ...pagesIn('docs'), ...pagesIn('.github')];

/** `[text](to)`, `<img src="to">` and `srcset="to"`. */
const LINK = /\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g;

describe('a link', () => {
  test.each(PAGES)('in %s leads to an existing target', (page) => {
    const text = withoutBlocks(readFileSync(join(ROOT, page), 'utf8'));
    const dead = [...text.matchAll(LINK)]
      .map(([, one, other]) => one ?? other ?? '')
      .filter((to) => !/^[a-z]+:/.test(to) && !leadsSomewhere(page, to));
    expect(dead).toEqual([]);
  });
});

test('every page of docs/ is reachable from the README', () => {
  const seen = new Set<string>();
  const visit = (page: string): void => {
    if (seen.has(page) || !PAGES.includes(page)) return;
    seen.add(page);
    for (const [, one, other] of readFileSync(join(ROOT, page), 'utf8').matchAll(LINK))
      visit(relative(ROOT, join(ROOT, dirname(page), (one ?? other ?? '').replace(/#.*/, ''))));
  };
  visit('README.md');
  expect(pagesIn('docs').filter((page) => !seen.has(page))).toEqual([]);
});

function leadsSomewhere(page: string, to: string): boolean {
  const [path = '', anchor] = to.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(target).has(anchor);
}

/** Returns the anchors that GitHub makes of headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = withoutBlocks(readFileSync(join(ROOT, page), 'utf8')).matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^( *)(`{3,})[\s\S]*?^ *\2`*$/gm, '');
}

function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}
