import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { PageLimit, PageRun, PageStatus } from '../document.ts';
import { runText, timeText, type Tone } from './words.ts';

/** Renders the recent runs, newest first, and the remaining rate limits. */
export function Runs({ status }: { readonly status: PageStatus }): VNode {
  const { runs, limits } = status;
  return html`<div class="column">
    ${
      limits.length > 0 &&
      html`<section class="limits" aria-label="Rate limits">
        <h2>Rate limit</h2>
        ${limits.map((limit) => html`<${Limit} limit=${limit} />`)}
      </section>`
    }
    <section aria-label="Runs">
      <h2>Runs</h2>
      ${
        runs.length === 0
          ? html`<p class="absent">No runs yet.</p>`
          : html`<ol class="runs" reversed>
              ${runs.map((run) => html`<${Run} run=${run} />`)}
            </ol>`
      }
    </section>
  </div>`;
}

const KINDS: Readonly<Record<PageRun['kind'], { readonly title: string; readonly tone: Tone }>> = {
  plan: { title: 'plan', tone: 'blue' },
  'plan-skipped': { title: 'no plan', tone: 'red' },
  apply: { title: 'apply', tone: 'green' },
  drift: { title: 'drift', tone: 'magenta' },
};

function Run({ run }: { readonly run: PageRun }): VNode {
  const { title, tone } = KINDS[run.kind];
  return html`<li class="run">
    <time datetime=${run.at}>${timeText(run.at)}</time>
    <span class="badge ${tone}">${title}</span>
    <span class="what">
      ${run.kind === 'drift' && html`<span class="mono">${run.name}</span> `}${runText(run)}${
        run.kind === 'plan' && run.refused > 0 && html`, <span class="red">would be refused</span>`
      }
      ${run.kind === 'drift' && run.on !== undefined && html`<span class="absent">, ${timeText(run.on)}</span>`}
      ${
        run.kind === 'plan' &&
        run.files.length > 0 &&
        html`<span class="below mono">
          ${run.files.join(', ')}${run.moreFiles > 0 ? ` and ${run.moreFiles} more` : ''}
        </span>`
      }
      ${
        run.kind === 'plan' &&
        run.again > 0 &&
        run.until !== undefined &&
        html`<span class="below">
          repeated ${run.again === 1 ? 'once' : `${run.again} times`}, last at${' '}
          <time datetime=${run.until}>${timeText(run.until)}</time>
        </span>`
      }
    </span>
  </li>`;
}

function Limit({ limit }: { readonly limit: PageLimit }): VNode {
  const { name, remaining, limit: of, resetsAt } = limit;
  return html`<p class="limit">
    <span class="mono">${name}</span>
    <meter min="0" max=${of} low=${of / 10} value=${remaining} aria-label=${`Remaining in ${name}`}></meter>
    <span>${remaining} of ${of} remaining, resets <time datetime=${resetsAt}>${timeText(resetsAt)}</time></span>
  </p>`;
}
