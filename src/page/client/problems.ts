import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { PageDocument, PageProblem } from '../document.ts';

/** Renders every problem with the source lines around it. */
export function Problems({ document }: { readonly document: PageDocument }): VNode {
  const { problems, moreProblems } = document;
  if (problems.length === 0)
    return html`<div class="empty">
      <div class="big" aria-hidden="true">✓</div>
      <p>No problems found.</p>
    </div>`;
  return html`<div class="column">
    ${problems.map((problem) => html`<${ProblemItem} problem=${problem} isPlaced=${false} />`)}
    ${moreProblems > 0 && html`<p>And ${moreProblems} more; run connsync validate to list all.</p>`}
  </div>`;
}

export interface ProblemProps {
  readonly problem: PageProblem;
  /** Whether to omit the file name, because the heading already shows it. */
  readonly isPlaced: boolean;
}

export function ProblemItem({ problem, isPlaced }: ProblemProps): VNode {
  const { code, severity, message, hint, file, line, column, frame } = problem;
  const place = line === undefined ? '' : `${line}:${column ?? 1}`;
  const where = isPlaced || file === undefined ? place : `${file}${place === '' ? '' : `:${place}`}`;
  return html`<div class="note ${severity === 'error' ? 'red-edge' : 'yellow-edge'}">
    <p class="facts">
      <span class="badge ${severity === 'error' ? 'red' : 'yellow'}">${severity}</span>
      ${where !== '' && html`<span class="mono">${where}</span>`}
      <span class="code">${code}</span>
    </p>
    <p>${message}</p>
    ${
      frame === undefined
        ? hint !== undefined && html`<p>→ ${hint}</p>`
        : html`<pre class="frame" tabindex="0" role="region" aria-label="Code frame">${frame
            .split('\n')
            .map((text) => html`<span class=${isMarked(text) ? 'marked' : ''}>${`${text}\n`}</span>`)}</pre>`
    }
  </div>`;
}

/** Returns whether the line of a code frame is the marked source line, or the line below it that contains the mark. */
function isMarked(line: string): boolean {
  return line.startsWith('>') || /^ *\| *\^/.test(line);
}
