import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';
import { WatchProcess } from '../watch/watch-process.ts';
import { addressOf, NO_BROWSER, openBrowser, PATIENCE_MS, Visit, WITHOUT } from './browser.ts';

const NAMED = (name: string): string => `    display_name: ${name}\n`;

describe.skipIf(NO_BROWSER !== undefined)(`the page of watch --ui${WITHOUT}`, { timeout: 300_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** Connections a and b, applied. */
  const APPLIED = {
    'connections/a.yaml': manifest('users/a', ['a'], NAMED('A')),
    'connections/b.yaml': manifest('users/b', ['b']),
  };
  const LIMITED = { rateLimit: { limit: 100, periodMs: 60_000 } };

  test('shows a save without a reload, with its difference and cause', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    await using watching = new WatchProcess(rig, '--ui');
    await using visit = await Visit.to(browser, await addressOf(watching));
    const { page } = visit;
    await page.getByRole('heading', { name: 'No changes' }).waitFor();
    await page.evaluate("document.documentElement.dataset.mark = 'the same page'");

    rig.write('connections/a.yaml', manifest('users/a', ['a'], NAMED('Another')));
    await page.getByRole('heading', { name: '1 to change' }).waitFor();
    await page.getByRole('option', { name: 'users/a' }).click();
    const row = page.getByRole('row', { name: /^display_name git/ });
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(['Another', 'A', 'A']);

    await page.getByRole('tab', { name: 'Runs' }).click();
    await page.getByText('connections/a.yaml').waitFor();
    expect(await page.getByRole('listitem').count()).toBe(2);
    expect(await page.locator('html').getAttribute('data-mark')).toBe('the same page');
    expect(await page.locator('footer').innerText()).toMatch(/next drift check .*rate limit \d+\/100/s);
    expect(visit.complaints).toEqual([]);
    await watching.stop();
  });

  test('shows an invalid manifest with its lines, keeps the last plan next to it, and removes the error when it is fixed', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    rig.write('connections/b.yaml', manifest('users/b', ['b'], NAMED('B')));
    await using watching = new WatchProcess(rig, '--ui');
    await using visit = await Visit.to(browser, await addressOf(watching));
    const { page } = visit;
    await page.getByRole('heading', { name: '1 to change' }).waitFor();

    rig.write('connections/a.yaml', `${manifest('users/a', ['a'])}oops: 1\n`);
    await page.getByRole('option', { name: 'users/a invalid' }).click();
    expect(await page.getByRole('option', { name: 'users/b' }).innerText()).toContain('will change');
    expect(await page.getByRole('region', { name: 'Code frame' }).innerText()).toMatch(/> \d+ \| oops: 1/);
    await page.getByRole('heading', { level: 1, name: '1 error: nothing is planned' }).waitFor();
    await page.getByText('Valid connections are shown as of the last plan: 1 to change').waitFor();
    expect(await page.title()).toBe('1 error: nothing is planned · connsync');
    // The recorded and live values are still shown.
    expect(
      await page
        .getByRole('row', { name: /^join_attribute/ })
        .getByRole('cell')
        .allInnerTexts(),
    ).toEqual(['–', 'user_email', 'user_email']);
    expect(await visit.faults()).toEqual([]);

    rig.write('connections/a.yaml', manifest('users/a', ['a'], NAMED('A')));
    await page.getByRole('heading', { level: 1, name: '1 to change' }).waitFor();
    await page.getByRole('option', { name: 'users/a in sync' }).waitFor();
    expect(await page.getByText('as of the last plan').count()).toBe(0);
    await watching.stop();
  });

  test('shows drift when it appears, with its author', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    await using watching = new WatchProcess(rig, '--ui --interval 1s');
    await using visit = await Visit.to(browser, await addressOf(watching));
    const { page } = visit;
    await page.getByRole('heading', { name: 'No changes' }).waitFor();
    rig.datadog.edit('users', 'a', (connection) => ({ ...connection, fields: [] }), 'ana@acme.example');
    await page.getByRole('option', { name: 'users/a drifted' }).click();
    await page.getByText('Changed in Datadog by ana@acme.example').waitFor();
    expect(
      await page
        .getByRole('row', { name: /^type drift/ })
        .getByRole('cell')
        .allInnerTexts(),
    ).toEqual(['string', 'string', 'unset']);
    await page.getByRole('tab', { name: 'Runs' }).click();
    await page.getByText('users/a 1 value changed in Datadog by ana@acme.example').waitFor();
    await watching.stop();
  });

  test('says that Datadog is unreachable, and keeps its last state', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    await using watching = new WatchProcess(rig, '--ui --interval 1s --max-retries 0');
    await using visit = await Visit.to(browser, await addressOf(watching));
    const { page } = visit;
    await page.getByRole('heading', { name: 'No changes' }).waitFor();
    rig.datadog.setFaults({ rules: [{ kind: 'drop-before', methods: ['GET'] }] });
    await page.getByRole('tab', { name: /^Problems [1-9]/ }).click();
    await page.getByText('unreachable').first().waitFor();
    await page.getByRole('tab', { name: 'Connections' }).click();
    expect(await page.getByRole('option', { name: 'users/a in sync' }).count()).toBe(1);
    rig.datadog.setFaults(undefined);
    await page.getByRole('tab', { name: 'Problems 0' }).click();
    await page.getByText('No problems found.').waitFor();
    expect(await visit.faults()).toEqual([]);
    await watching.stop();
  });

  test('shows the result of an apply', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    await using watching = new WatchProcess(rig, '--ui --apply --yes');
    await using visit = await Visit.to(browser, await addressOf(watching));
    const { page } = visit;
    await page.getByRole('heading', { name: 'No changes' }).waitFor();
    await page.getByRole('tab', { name: 'Runs' }).click();
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    await page.getByText('1 applied').waitFor();
    await page.getByRole('heading', { name: 'No changes' }).waitFor();
    expect(await page.getByRole('listitem').allInnerTexts()).toMatchObject([
      expect.stringContaining('No changes'),
      expect.stringContaining('1 applied'),
      expect.stringContaining('1 to add'),
      expect.stringContaining('No changes'),
    ]);
    await watching.stop();
  });

  test('says when the watch has ended or is lost, and resumes when it is back', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    await using first = new WatchProcess(rig, '--ui');
    const url = await addressOf(first);
    await using visit = await Visit.to(browser, url);
    const { page } = visit;
    await page.getByText('Watching').waitFor();
    first.child.kill('SIGKILL');
    await page.getByText('Reconnecting…').waitFor();

    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    await using second = new WatchProcess(rig, `--ui --port ${new URL(url).port}`);
    await addressOf(second);
    await page.getByRole('option', { name: 'users/c will create' }).waitFor();
    await page.getByText('Watching').waitFor();
    await second.stop();
    await page.getByText('Watch ended').waitFor();
    // The last state is still readable.
    expect(await page.getByRole('option', { name: 'users/c will create' }).count()).toBe(1);
  });

  test('exits, however many pages are open', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    await using watching = new WatchProcess(rig, '--ui');
    const url = await addressOf(watching);
    const visits = await Promise.all(Array.from({ length: 4 }, () => Visit.to(browser, url)));
    for (const { page } of visits) await page.getByText('Watching').waitFor();
    const { exitCode } = await Promise.race([
      watching.stop(),
      new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error('it stays')), PATIENCE_MS);
      }),
    ]);
    expect(exitCode).toBe(130);
    await Promise.all(visits.map((visit) => visit[Symbol.asyncDispose]()));
  });

  test('connects only to its own server, and violates no policy', async () => {
    await using rig = await Rig.applied(APPLIED, LIMITED);
    await using watching = new WatchProcess(rig, '--ui');
    const url = await addressOf(watching);
    await using visit = await Visit.to(browser, url);
    await visit.page.getByRole('heading', { name: 'No changes' }).waitFor();
    for (const name of ['Problems', 'Runs', 'Connections']) await visit.page.getByRole('tab', { name }).click();
    await visit.page.getByRole('button', { name: 'Theme' }).click();
    expect(visit.requests).toEqual([url, `${url}events`]);
    expect(visit.complaints).toEqual([]);
    await watching.stop();
  });
});
