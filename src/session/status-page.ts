import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compact } from '../core/compact.ts';
import { redactor } from '../core/redact.ts';
import { openHtml, type Html } from '../page/html.ts';
import { openPage, type Page, type PageOptions } from '../page/page.ts';
import { secretsIn } from '../runtime/secrets.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Pass } from '../page/page.ts';
import type { PassResult } from '../reconcile/make-plan.ts';
import type { PlanningOptions } from './planning-options.ts';

/** Returns the page template that the build wrote to the package. */
export function loadHtml({ packageFolder }: Pick<Runtime, 'packageFolder'>): Html {
  return openHtml(readFileSync(join(packageFolder, 'dist', 'page.html'), 'utf8'));
}

/** Returns a page that redacts every secret of this environment, even if it is in a manifest or in a response. */
export function openStatusPage(
  { version, env, clock }: Pick<Runtime, 'version' | 'env' | 'clock'>,
  rest: Pick<PageOptions, 'kind' | 'draw'>,
): Page {
  return openPage({ version, now: clock.now, redact: redactor(secretsIn(env)), ...rest });
}

/** Converts the result of a pass for the status page. Returns undefined if the pass made no plan. */
export function passForPage(
  { plan, gathered, refusals }: PassResult,
  { includes }: Pick<PlanningOptions, 'includes'>,
): Pass | undefined {
  if (plan === undefined || gathered === undefined) return undefined;
  const { manifests, snapshot, live } = gathered;
  const { desired } = manifests;
  return { planned: { plan, desired, recorded: snapshot.records, live, ...compact({ includes }) }, refusals };
}
