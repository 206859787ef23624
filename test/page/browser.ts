import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { missing } from '../machinery/process.ts';
import type { WatchProcess } from '../watch/watch-process.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Returns why no browser is available, or undefined if there is one. */
export const NO_BROWSER = missing(CHROMIUM, '--version');
/** Suffix for the names of tests that are skipped without a browser. */
export const WITHOUT = NO_BROWSER === undefined ? '' : ` (${NO_BROWSER})`;

/** Maximum wait in milliseconds; other tests may keep the machine busy. */
export const PATIENCE_MS = 240_000;

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
}

/** An open page, with its requests and console errors. */
export class Visit {
  readonly page: Page;
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('request', (request) => void this.requests.push(request.url()));
    page.on('pageerror', (error) => void this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('dialog', (dialog) => {
      this.complaints.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  static async to(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    await context.addInitScript(
      "addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => console.error(`violation of ${violatedDirective}: ${blockedURI}`))",
    );
    const visit = new Visit(await context.newPage());
    await visit.page.goto(url);
    return visit;
  }

  /** Returns axe-core's violations: the rule, and where. */
  async faults(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    return this.page.evaluate<readonly string[]>(`(async () => {
      // Contrast of 7:1 is a level of its own, which the colours of states do not reach in every theme.
      const left = new Set(['color-contrast-enhanced']);
      const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: !left.has(ruleId) }]));
      const { violations } = await axe.run(document, { rules, resultTypes: ['violations'] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary));
    })()`);
  }

  /** Returns the id, label or text of the focused element. */
  async focused(): Promise<string> {
    return this.page.evaluate<string>(
      '(({ id, ariaLabel, textContent }) => id || ariaLabel || textContent.trim())(document.activeElement)',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

/** Returns the URL that a `watch --ui` prints. */
export async function addressOf(watching: WatchProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    watching.child.stderr?.on('data', (more: Buffer) => {
      text += more.toString();
      const [url] = /http:\/\/\S+/.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    });
    void watching.ended.then(({ exitCode, stderr }) => reject(new Error(`it ended with ${exitCode}: ${stderr}`)));
  });
}
