import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizeOf } from '../machinery/figures.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { NO_BROWSER, openBrowser, Visit, WITHOUT } from './browser.ts';

const NAMED = (name: string): string => `    display_name: ${name}\n`;

/** A folder with one connection in every state, and the URL of its report. */
async function everything(): Promise<{ readonly rig: Rig; readonly url: string }> {
  const rig = await Rig.start({ rateLimit: { limit: 100, periodMs: 60_000 } });
  for (const id of ['changed', 'drifted', 'replaced', 'orphan', 'same', 'gone'])
    rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`of_${id}`], NAMED(id)));
  expect((await rig.live('apply')).exitCode).toBe(0);
  rig.write('connections/changed.yaml', manifest('users/changed', ['new', 'of_changed'], NAMED('Anew')));
  rig.write('connections/replaced.yaml', manifest('users/replaced', ['of_replaced']).replace('user_email', 'mail'));
  rig.write('connections/created.yaml', manifest('users/created', ['of_created']));
  rig.remove('connections/orphan.yaml');
  rig.datadog.drop('users', 'gone', 'ben@acme.example');
  rig.datadog.edit(
    'users',
    'drifted',
    (connection) => ({
      ...connection,
      fields: (connection.fields ?? []).map((field) => ({ ...field, display_name: 'By hand' })),
    }),
    'ana@acme.example',
  );
  rig.datadog.seed('users', {
    id: 'stranger',
    type: 'ref_table',
    join_attribute: 'user_email',
    join_type: 'email',
    fields: [],
  });
  return { rig, url: await reportOf(rig) };
}

async function reportOf(rig: Rig, args = ''): Promise<string> {
  const { stdout } = await rig.live(`report ${args}`);
  expect(stdout).toContain('wrote report.html\n');
  return pathToFileURL(join(rig.folder, 'report.html')).href;
}

function rowsOf(page: Page): Locator {
  return page.getByRole('listbox').getByRole('option');
}

function rowOf(page: Page, how: { readonly name?: string; readonly selected?: true }): Locator {
  return page.getByRole('listbox').getByRole('option', how);
}

async function names(page: Page): Promise<readonly string[]> {
  return rowsOf(page).locator('.name').allInnerTexts();
}

/** Each theme and each width once; all combinations in the long run. */
const LOOKS = [
  ['light', 1280],
  ['dark', 360],
  ...(sizeOf('LONG', 0) === 1
    ? ([
        ['light', 360],
        ['dark', 1280],
      ] as const)
    : []),
] as const;

describe.skipIf(NO_BROWSER !== undefined)(`the page of a report${WITHOUT}`, { timeout: 300_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('opens from disk, makes no requests, and has every connection with its state', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url);
    const { page } = visit;
    await page.getByRole('heading', { level: 1, name: '3 to add, 2 to change, 1 to destroy' }).waitFor();
    const shown = await rowsOf(page).allInnerTexts();
    expect(shown.map((text) => text.split(' · ')[0]?.split('\n').slice(1).join(' '))).toEqual([
      'users/created will create',
      'users/gone will create',
      'users/changed will change',
      'users/replaced will replace',
      'users/drifted drifted',
      'users/orphan orphaned',
      'users/stranger unmanaged',
      'users/same in sync',
    ]);
    expect(visit.requests).toEqual([url]);
    expect(visit.complaints).toEqual([]);
  });

  test('shows date, time and the reader’s time zone of the plan', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url, { timezoneId: 'UTC', locale: 'en-GB' });
    const { page } = visit;
    const at = (await page.locator('.headline time').getAttribute('datetime')) ?? '';
    expect(await page.locator('.headline').innerText()).toContain(`planned ${at.slice(0, 16).replace('T', ' ')} UTC`);
    await using east = await Visit.to(browser, url, { timezoneId: 'Asia/Kathmandu', locale: 'en-GB' });
    expect(await east.page.locator('.headline time').innerText()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d GMT\+5:45$/);
  });

  test('shows in each view only the keys that work there', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url);
    const { page } = visit;
    const keys = async (): Promise<string> => page.locator('footer .keys').innerText();
    expect(await keys()).toMatch(/move · Enter details · Esc back · \/ search/);
    for (const name of ['Problems', 'Runs']) {
      await page.getByRole('tab', { name }).click();
      expect(await keys()).toBe('←→ on a tab: the other views');
    }
  });

  test('is filtered by state, by entity and by words', async () => {
    const { rig } = await everything();
    await using _ = rig;
    rig.write('connections/accounts.yaml', manifest('accounts/billing', ['of_accounts']));
    await using visit = await Visit.to(browser, await reportOf(rig));
    const { page } = visit;
    await page.getByRole('button', { name: 'Drifted' }).click();
    expect(await names(page)).toEqual(['users/gone', 'users/drifted']);
    await page.getByRole('button', { name: 'All' }).click();
    await page.getByRole('combobox', { name: 'Entity' }).selectOption('accounts');
    expect(await names(page)).toEqual(['accounts/billing']);
    await page.getByRole('combobox', { name: 'Entity' }).selectOption('');
    await page.getByRole('searchbox').fill('ANA@ drift');
    expect(await names(page)).toEqual(['users/drifted']);
    // The filter stays when the view changes.
    await page.getByRole('tab', { name: 'Runs' }).click();
    await page.getByRole('tab', { name: 'Connections' }).click();
    expect(await names(page)).toEqual(['users/drifted']);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('Select a connection').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await page.getByText('Select a connection').count()).toBe(0);
    expect(await names(page)).toHaveLength(9);
  });

  test('distinguishes a change in Git from drift, and shows its author and refusals', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url);
    const { page } = visit;
    await rowOf(page, { name: 'users/drifted' }).click();
    await page.getByText('Changed in Datadog by ana@acme.example').waitFor();
    const values = async (name: RegExp): Promise<readonly string[]> =>
      page.getByRole('row', { name }).getByRole('cell').allInnerTexts();
    expect(await values(/^display_name drift/)).toEqual(['drifted', 'drifted', 'By hand']);
    await rowOf(page, { name: 'users/changed' }).click();
    expect(await values(/^display_name git Anew changed/)).toEqual(['Anew', 'changed', 'changed']);
    expect(await values(/^source_name git/)).toEqual(['new_column', 'unset', 'unset']);
    await rowOf(page, { name: 'users/replaced will replace · refused' }).click();
    expect(await page.getByRole('article').innerText()).toMatch(/would be refused: users\/replaced would be replaced/);
    expect(await values(/^join_attribute git/)).toEqual(['mail', 'user_email', 'user_email']);
    await page.getByRole('button', { name: /equal values? too/ }).click();
    expect(await values(/^join_type/)).toEqual(['email', 'email', 'email']);
    // The URL selects the same connection.
    await using again = await Visit.to(browser, page.url());
    await rowOf(again.page, { name: 'users/replaced', selected: true }).waitFor();
  });

  test.each(LOOKS)('has no axe-core violations, %s and %i px wide', async (colorScheme, width) => {
    const { rig, url } = await everything();
    await using _ = rig;
    rig.write('connections/same.yaml', `${manifest('users/same', ['of_same'])}oops: 1\n`);
    await using visit = await Visit.to(browser, url, { colorScheme, viewport: { width, height: 740 } });
    const { page } = visit;
    for (const id of ['changed', 'drifted', 'replaced', 'stranger', 'gone']) {
      await rowOf(page, { name: `users/${id}` }).click();
      expect([id, ...(await visit.faults())]).toEqual([id]);
      if (width === 360) await page.getByRole('button', { name: 'All connections' }).click();
    }
    expect(await visit.faults()).toEqual([]);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('No connection matches the filter.').waitFor();
    expect(await visit.faults()).toEqual([]);
    for (const name of ['Problems', 'Runs']) {
      await page.getByRole('tab', { name }).click();
      expect([name, ...(await visit.faults())]).toEqual([name]);
    }
    // The page never scrolls sideways.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);

    await using invalid = await Visit.to(browser, await reportOf(rig), {
      colorScheme,
      viewport: { width, height: 740 },
    });
    await rowOf(invalid.page, { name: 'users/same invalid' }).click();
    expect(await invalid.faults()).toEqual([]);

    rig.write('connections/same.yaml', manifest('users/same', ['of_same'], NAMED('same')));
    const url2 = await reportOf(rig, '--max-deletes 0');
    await using refused = await Visit.to(browser, url2, { colorScheme, viewport: { width, height: 740 } });
    await refused.page.getByText('for 2 reasons').click();
    expect(await refused.faults()).toEqual([]);

    await using bare = await Rig.start();
    bare.write('connections/.keep', '');
    await using empty = await Visit.to(browser, await reportOf(bare), {
      colorScheme,
      viewport: { width, height: 740 },
    });
    await empty.page.getByText('There is no connection yet.').waitFor();
    expect(await empty.faults()).toEqual([]);
  });

  test('follows the system’s colours, and the switch overrides them', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url, { colorScheme: 'dark' });
    const { page } = visit;
    const ground = async (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    const light = await ground();
    expect([dark, light]).toEqual(['rgb(13, 17, 23)', 'rgb(255, 255, 255)']);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await ground()).toBe(dark);
    await page.getByRole('button', { name: 'Theme: dark' }).click();
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe(light);
  });

  test('works with the keyboard alone', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url);
    const { page } = visit;
    const { keyboard } = page;
    const chosen = async (): Promise<string> => rowOf(page, { selected: true }).locator('.name').innerText();

    // Tab reaches every control, and the focus is visible.
    const reached: string[] = [];
    for (let step = 0; step < 20 && !reached.includes('list'); step += 1) {
      await keyboard.press('Tab');
      reached.push(await visit.focused());
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    }
    expect(reached).toEqual([
      'tab-connections',
      '◐ Theme: auto',
      'All 8',
      'Create 2',
      'Change 1',
      'Replace 1',
      'Drifted 2',
      'Orphaned 1',
      'Unmanaged 1',
      'In sync 1',
      'search',
      'Entity',
      'list',
    ]);
    await keyboard.press('ArrowDown');
    expect(await chosen()).toBe('users/gone');
    await keyboard.press('j');
    await keyboard.press('j');
    await keyboard.press('k');
    expect(await chosen()).toBe('users/changed');
    await keyboard.press('Enter');
    expect(await visit.focused()).toBe('detail-name');
    await keyboard.press('Escape');
    expect(await visit.focused()).toBe('list');
    await keyboard.press('End');
    expect(await chosen()).toBe('users/same');
    await keyboard.press('Home');
    expect(await chosen()).toBe('users/created');
    await keyboard.press('PageDown');
    expect(await chosen()).toBe('users/same');
    await keyboard.press('PageUp');
    expect(await chosen()).toBe('users/created');
    await keyboard.press('/');
    expect(await visit.focused()).toBe('search');
    await keyboard.type('jk/');
    expect(await page.getByRole('searchbox').inputValue()).toBe('jk/');
    await keyboard.press('Escape');
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
    expect(await visit.focused()).toBe('list');
    await page.getByRole('tab', { name: 'Connections' }).focus();
    await keyboard.press('ArrowRight');
    expect(await visit.focused()).toBe('tab-problems');
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowLeft');
    expect(await visit.focused()).toBe('tab-runs');
    await page.getByText('1 to destroy').first().waitFor();
  });

  test('works 360 px wide: the list, a connection, and back', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url, { viewport: { width: 360, height: 740 } });
    const { page } = visit;
    expect(await page.getByRole('article').isVisible()).toBe(false);
    await rowOf(page, { name: 'users/changed' }).click();
    expect(await page.getByRole('listbox').isVisible()).toBe(false);
    expect(await page.getByRole('row', { name: /^display_name git/ }).innerText()).toMatch(
      /Git\s+Anew\s+Lockfile\s+changed\s+Datadog\s+changed/,
    );
    await page.getByRole('button', { name: 'All connections' }).click();
    expect(await page.getByRole('listbox').isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('article').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('listbox').isVisible()).toBe(true);
  });

  test('of two thousand connections renders only the visible rows, and scrolls to the last one', async () => {
    await using rig = await Rig.start();
    const text = Array.from({ length: 2_000 }, (_, index) =>
      manifest(`users/c${String(index).padStart(4, '0')}`, [`f${index}`]),
    ).join('---\n');
    rig.write('connections/all.yaml', text);
    await using visit = await Visit.to(browser, await reportOf(rig, '--offline'));
    const { page } = visit;
    const rows = rowsOf(page);
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(40);
    await page.getByRole('listbox').evaluate((list) => {
      list.scrollTop = list.scrollHeight;
    });
    await rowOf(page, { name: 'users/c1999' }).waitFor();
    expect(await rows.count()).toBeLessThan(40);
    expect(await rows.last().getAttribute('aria-posinset')).toBe('2000');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Home');
    await rowOf(page, { name: 'users/c0000', selected: true }).waitFor();
    await page.keyboard.press('End');
    await rowOf(page, { name: 'users/c1999', selected: true }).waitFor();
    await page.getByRole('searchbox').fill('c1234');
    expect(await names(page)).toEqual(['users/c1234']);
  });

  test('shows a message without JavaScript', async () => {
    const { rig, url } = await everything();
    await using _ = rig;
    await using visit = await Visit.to(browser, url, { javaScriptEnabled: false });
    expect(await visit.page.locator('body').innerText()).toContain('This page needs JavaScript');
  });
});
