import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { redactor } from '../core/redact.ts';
import { openHtml, type Html } from '../page/html.ts';
import { openPage, type Page, type PageOptions } from '../page/page.ts';
import { secretsIn } from '../runtime/secrets.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** The page as the build left it beside the program. */
export function loadHtml({ packageFolder }: Pick<Runtime, 'packageFolder'>): Html {
  return openHtml(readFileSync(join(packageFolder, 'dist', 'page.html'), 'utf8'));
}

/** A page that can hold no secret of this environment, whoever wrote it into a manifest or an answer. */
export function openPageOf(
  { version, env, now }: Pick<Runtime, 'version' | 'env' | 'now'>,
  rest: Pick<PageOptions, 'kind' | 'draw'>,
): Page {
  return openPage({ version, now, redact: redactor(secretsIn(env)), ...rest });
}
