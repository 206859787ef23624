// Takes the screenshots of the status page for the README, from the built `connsync watch --ui` and `connsync report`.
//
//   node .ci/screenshots.mjs           writes docs/page-*.png, and a digest of each to docs/pictures.json
//   node .ci/screenshots.mjs --check   writes nothing, and exits with 1 if a screenshot is stale
//
// Fonts, and so pixels, differ between machines. The digests therefore cover the page's accessibility tree and its style, not the
// pixels.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { breakOne, command, stage } from './screenshot-fixture.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'dist', 'cli.cjs');
const RECORD = join(ROOT, 'docs', 'pictures.json');
const CHROMIUM = '/usr/bin/chromium';
const NOW = '2026-11-25T10:42:41.000Z';

await main(process.argv.includes('--check'));

async function main(isCheck) {
  if (!existsSync(CLI)) return fail('dist/ is missing: npm run build');
  if (!existsSync(CHROMIUM)) return console.log(`skipped: ${CHROMIUM} not found`);
  const pictures = await take();
  const record = Object.fromEntries(pictures.map(({ name, shows }) => [name, digestOf(shows)]));
  if (!isCheck) {
    for (const { name, png } of pictures) writeFileSync(join(ROOT, 'docs', name), png);
    writeFileSync(RECORD, `${JSON.stringify(record, undefined, 2)}\n`);
    return console.log(`wrote ${Object.keys(record).join(', ')}`);
  }
  const known = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : {};
  const stale = Object.keys(record).filter(
    (name) => known[name] !== record[name] || !existsSync(join(ROOT, 'docs', name)),
  );
  if (stale.length > 0)
    fail(`stale: ${stale.map((name) => `docs/${name}`).join(', ')} (run npm run build && node .ci/screenshots.mjs)`);
}

function fail(why) {
  console.error(why);
  process.exitCode = 1;
}

async function take() {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-pictures-'));
  const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
  const { options, run } = command(CLI, folder, NOW);
  try {
    stage(folder, run);
    run('report', '--site', 'local', '--out', 'report.html', '--quiet');
    const report = pathToFileURL(join(folder, 'report.html')).href;
    const narrow = await picture(browser, 'page-narrow.png', report, { width: 360, height: 740 });
    const watching = spawn(process.execPath, [CLI, 'watch', '--ui', '--site', 'local', '--quiet'], options);
    try {
      const url = await addressOf(watching);
      const size = { width: 1280, height: 800 };
      const light = await picture(browser, 'page-light.png', url, size, async (page) => {
        await page.getByRole('option', { name: 'accounts/firmographics' }).click();
      });
      breakOne(folder);
      const dark = await picture(browser, 'page-dark.png', url, { ...size, colorScheme: 'dark' }, async (page) => {
        await page.getByRole('option', { name: 'users/newsletter' }).getByText('invalid').click();
      });
      return [light, dark, narrow];
    } finally {
      watching.kill('SIGKILL');
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function picture(browser, name, url, { width, height, colorScheme = 'light' }, steps = async () => {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    deviceScaleFactor: 2,
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await steps(page);
  await page.mouse.move(0, 0);
  const png = await page.screenshot();
  // Make the page high enough that every row of the list is rendered, whatever the font.
  await page.setViewportSize({ width, height: 4000 });
  const [count] = /\d+/.exec(await page.getByText(/^\d+ connections$/).textContent());
  await page
    .getByRole('listbox', { name: 'Connections' })
    .getByRole('option')
    .nth(Number(count) - 1)
    .waitFor();
  const shows = [await page.locator('body').ariaSnapshot(), await page.locator('style').textContent()];
  await context.close();
  return { name, png, shows: shows.join('\n') };
}

function addressOf(watching) {
  return new Promise((resolve, reject) => {
    let text = '';
    watching.stderr.on('data', (more) => {
      text += more;
      const [url] = /http:\S+/.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    });
    watching.on('close', () => reject(new Error(`watch exited: ${text}`)));
  });
}

/** Returns a digest that ignores the version, so that a release doesn't make every screenshot stale. */
function digestOf(text) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return `sha256:${createHash('sha256')
    .update(text.replaceAll(`connsync ${version}`, 'connsync'))
    .digest('hex')}`;
}
