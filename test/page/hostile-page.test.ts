import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { WatchProcess } from '../watch/watch-process.ts';
import { addressOf, NO_BROWSER, openBrowser, Visit, WITHOUT } from './browser.ts';

const BIDI = '\u202E';
/** Texts that would run, load something or change text direction if they were not escaped. */
const TEXTS = [
  '</script><script>alert(1)</script>',
  '<!--<script>alert(2)',
  '<img src=x onerror=alert(3)>',
  '"><svg onload=alert(4)>',
  "' onfocus=alert(5) autofocus='",
  '<style>body{display:none}</style>',
  '<a href="javascript:alert(6)">x</a>',
  '&lt;b&gt; ${alert(7)} {{alert(8)}}',
  `${BIDI}live\u200B\u2028`,
];

/** Every place that can contain text from outside. */
async function hostile(): Promise<Rig> {
  const rig = await Rig.start();
  const quoted = TEXTS.map((text) => JSON.stringify(text));
  const fields = quoted.map(
    (text, index) =>
      `  - id: f${index}\n    source_name: ${text}\n    type: string\n    display_name: ${text}\n    description: ${text}\n    groups: [${text}]\n`,
  );
  rig.write(
    'connections/<img src=x onerror=alert(9)>.yaml',
    `entity: users\nid: bad\nconnsync:\n  owner: ${quoted[2]}\ntype: ref_table\njoin_attribute: ${quoted[0]}\njoin_type: email\nfields:\n${fields.join('')}metadata:\n  ${quoted[3]}: ${quoted[4]}\n`,
  );
  rig.datadog.seed(
    'users',
    {
      id: '<img src=x onerror=alert(10)>',
      type: 'ref_table',
      join_attribute: TEXTS[0] ?? '',
      join_type: TEXTS[8] ?? '',
      fields: TEXTS.map((text, index) => ({ id: `${text}${index}`, source_name: text, type: text })),
    },
    `<b>ana</b>${BIDI}`,
  );
  return rig;
}

/** Nothing ran or was requested, and all text is readable. */
async function expectInert({ page, requests, complaints }: Visit, expected: readonly string[]): Promise<void> {
  for (const name of ['Problems', 'Runs', 'Connections']) await page.getByRole('tab', { name }).click();
  for (const row of await page.getByRole('listbox').getByRole('option').all()) {
    await row.click();
    const all = page.getByRole('button', { name: /equal values? too/ });
    if ((await all.count()) > 0) await all.click();
  }
  expect(complaints).toEqual([]);
  expect(requests.map((url) => new URL(url).pathname.split('/').at(-1))).toEqual(expected);
  expect(
    await page.locator('#page :is(img, svg, script, style, a, b:not(button b), [onfocus], [onerror])').count(),
  ).toBe(0);
  expect(await page.locator('#page').innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2028]/);
}

describe.skipIf(NO_BROWSER !== undefined)(`hostile texts${WITHOUT}`, { timeout: 300_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('stay text in a report', async () => {
    await using rig = await hostile();
    expect(await rig.live('report')).toMatchObject({ exitCode: 0, stderr: '' });
    await using visit = await Visit.to(browser, pathToFileURL(join(rig.folder, 'report.html')).href);
    const { page } = visit;
    await page.getByRole('listbox').getByRole('option', { name: 'users/bad' }).click();
    const shown = await page.getByRole('article').innerText();
    for (const text of TEXTS.slice(0, 8)) expect(shown).toContain(text);
    expect(shown).toContain(String.raw`\u{202e}live\u{200b}\u{2028}`);
    await expectInert(visit, ['report.html']);
    // The file's source has no bidirectional control characters either.
    expect(rig.read('report.html')).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2028]/);
  });

  test('stay text in the page of a watch, including in code frames', async () => {
    await using rig = await hostile();
    await using watching = new WatchProcess(rig, '--ui');
    await using visit = await Visit.to(browser, await addressOf(watching));
    const { page } = visit;
    await page.getByRole('listbox').getByRole('option', { name: 'users/bad' }).waitFor();
    await expectInert(visit, ['', 'events']);
    rig.write('connections/wrong.yaml', `entity: users\nid: wrong\n# ${TEXTS[0]}${BIDI}\n"${TEXTS[2]}": 1\n`);
    await page.getByRole('listbox').getByRole('option', { name: 'users/wrong invalid' }).click();
    const frames = (await page.getByRole('region', { name: 'Code frame' }).allInnerTexts()).join('\n');
    expect(frames).toContain(`# ${TEXTS[0]}\uFFFD`);
    expect(frames).toContain(TEXTS[2]);
    await expectInert(visit, ['', 'events']);
    await watching.stop();
  });
});
