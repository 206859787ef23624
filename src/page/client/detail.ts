import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { PageConnection, PageDocument, PageProblem } from '../document.ts';
import { Values } from './values.ts';
import { Problem } from './problems.ts';
import { LOOKS, nextStepOf, sentenceOf, timeText } from './words.ts';

export interface DetailProps {
  readonly document: PageDocument;
  readonly connection: PageConnection;
  readonly close: () => void;
}

/** One connection: what would be done, why, and every value as the three sides have it. */
export function Detail({ document, connection, close }: DetailProps): VNode {
  const { id, name, states, file, line, owner, protect, vanishing, after, drift, sides } = connection;
  const problems = document.problems.filter(({ of }) => of.includes(id));
  const refusals = document.refusals.filter(({ of }) => of.includes(id));
  const next = nextStepOf(connection);
  return html`<article class="detail" aria-labelledby="detail-name">
    <button type="button" class="back" onClick=${close}>← All connections</button>
    <h2 id="detail-name" class="mono" tabindex="-1">${name}</h2>
    <p class="facts">
      ${states.map((state) => html`<span class="badge ${LOOKS[state].tone}">${LOOKS[state].sign} ${LOOKS[state].title}</span>`)}
      ${refusals.length > 0 && html`<span class="badge red">refused</span>`}
      ${file !== undefined && html`<span class="mono">${file}${line === undefined ? '' : `:${line}`}</span>`}
      ${owner !== undefined && html`<span>owner ${owner}</span>`}
      ${protect === true && html`<span>protected</span>`}
    </p>
    <p>${sentenceOf(connection, document.live)}</p>
    ${
      drift !== undefined &&
      !drift.missing &&
      html`<p class="who">
        <span class="magenta">Changed in Datadog</span> by ${drift.by ?? 'somebody unknown'}${
          drift.at !== undefined && html`, <time datetime=${drift.at}>${timeText(drift.at)}</time>`
        }
      </p>`
    }
    ${after !== undefined && html`<p>Done after <span class="mono">${after.join(', ')}</span>.</p>`}
    ${
      vanishing !== undefined &&
      html`<p>With it these attributes vanish: <span class="mono">${vanishing.join(', ')}</span>.</p>`
    }
    ${next !== undefined && html`<p class="next">→ <code>${next}</code></p>`}
    ${refusals.map(
      ({ message, hint }) =>
        html`<div class="note red-edge">
          <p><strong>An apply would be refused:</strong> ${message}</p>
          <p>→ ${hint}</p>
        </div>`,
    )}
    ${problems.map((problem: PageProblem) => html`<${Problem} problem=${problem} isPlaced=${true} />`)}
    ${sides.length > 0 && html`<${Values} key=${id} connection=${connection} isLive=${document.live} />`}
  </article>`;
}
