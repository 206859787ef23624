import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { PageConnection, PageDocument, PageProblem } from '../document.ts';
import { Values } from './values.ts';
import { ProblemItem } from './problems.ts';
import { STATE_STYLES, nextStepOf, sentenceOf, timeText } from './words.ts';

export interface DetailProps {
  readonly document: PageDocument;
  readonly connection: PageConnection;
  readonly close: () => void;
}

/**
 * Renders one connection: its planned action, the reason, and every value in the manifest, the lockfile and Datadog.
 */
export function Detail({ document, connection, close }: DetailProps): VNode {
  const { id, name, states, file, line, owner, protect, vanishing, after, drift, sides } = connection;
  const problems = document.problems.filter(({ of }) => of.includes(id));
  const refusals = document.refusals.filter(({ of }) => of.includes(id));
  const command = nextStepOf(connection);
  return html`<article class="detail" aria-labelledby="detail-name">
    <button type="button" class="back" onClick=${close}>← All connections</button>
    <h2 id="detail-name" class="mono" tabindex="-1">${name}</h2>
    <p class="facts">
      ${states.map((state) => html`<span class="badge ${STATE_STYLES[state].tone}">${STATE_STYLES[state].sign} ${STATE_STYLES[state].title}</span>`)}
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
        <span class="magenta">Changed in Datadog</span> by ${drift.by ?? 'an unknown user'}${
          drift.at !== undefined && html`, <time datetime=${drift.at}>${timeText(drift.at)}</time>`
        }
      </p>`
    }
    ${after !== undefined && html`<p>Runs after <span class="mono">${after.join(', ')}</span>.</p>`}
    ${
      vanishing !== undefined &&
      html`<p>Attributes that disappear from Datadog: <span class="mono">${vanishing.join(', ')}</span>.</p>`
    }
    ${command !== undefined && html`<p class="next">→ <code>${command}</code></p>`}
    ${refusals.map(
      ({ message, hint }) =>
        html`<div class="note red-edge">
          <p><strong>An apply would be refused:</strong> ${message}</p>
          <p>→ ${hint}</p>
        </div>`,
    )}
    ${problems.map((problem: PageProblem) => html`<${ProblemItem} problem=${problem} isPlaced=${true} />`)}
    ${sides.length > 0 && html`<${Values} key=${id} connection=${connection} isLive=${document.live} />`}
  </article>`;
}
