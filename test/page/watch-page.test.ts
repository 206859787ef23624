import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';
import { WatchProcess } from '../watch/watching.ts';
import { addressOf, NO_BROWSER, openBrowser, PATIENCE_MS, Visit, WITHOUT } from './browser.ts';

const NAMED = (name: string): string => `    display_name: ${name}\n`;

describe.skipIf(NO_BROWSER !== undefined)(`the page of watch --ui${WITHOUT}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** Connections a and b, applied. */
  async function applied(): Promise<Rig> {
    const rig = await Rig.start({ rateLimit: { limit: 100, periodMs: 60_000 } });
    rig.write('connections/a.yaml', manifest('users/a', ['a'], NAMED('A')));
    rig.write('connections/b.yaml', manifest('users/b', ['b']));
    expect((await rig.live('apply')).exitCode).toBe(0);
    return rig;
  }

  test('shows a save on disk without being loaded again, with its difference and its cause', async () => {
    await using rig = await applied();
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

  test('shows what is invalid with its lines, keeps the last plan beside it, and forgets it when it is mended', async () => {
    await using rig = await applied();
    rig.write('connections/b.yaml', manifest('users/b', ['b'], NAMED('B')));
    await using watching = new WatchProcess(rig, '--ui');
    await using visit = await Visit.to(browser, await addressOf(watching));
    const { page } = visit;
    await page.getByRole('heading', { name: '1 to change' }).waitFor();

    rig.write('connections/a.yaml', `${manifest('users/a', ['a'])}oops: 1\n`);
    await page.getByRole('option', { name: 'users/a invalid' }).click();
    expect(await page.getByRole('option', { name: 'users/b' }).innerText()).toContain('will change');
    expect(await page.getByRole('region', { name: 'The lines around it' }).innerText()).toMatch(/> \d+ \| oops: 1/);
    await page.getByRole('heading', { level: 1, name: '1 error: nothing is planned' }).waitFor();
    await page.getByText('what is valid is shown as of the last plan: 1 to change').waitFor();
    expect(await page.title()).toBe('1 error: nothing is planned · connsync');
    // What is recorded and live of it goes on to be seen.
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

  test('shows drift as it appears, with who', async () => {
    await using rig = await applied();
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

  test('says that Datadog can’t be asked, and shows what it said last', async () => {
    await using rig = await applied();
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
    await page.getByText('No problem was found.').waitFor();
    expect(await visit.faults()).toEqual([]);
    await watching.stop();
  });

  test('tells what an apply did', async () => {
    await using rig = await applied();
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

  test('says when the watch has ended, when it is lost, and goes on when it is back', async () => {
    await using rig = await applied();
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
    // What it showed last is still there to read.
    expect(await page.getByRole('option', { name: 'users/c will create' }).count()).toBe(1);
  });

  test('leaves, however many pages are open', async () => {
    await using rig = await applied();
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

  test('asks nobody but its own server, and finds nothing that the policy forbids', async () => {
    await using rig = await applied();
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
