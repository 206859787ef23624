import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PageValue, PageConnection, PageView } from '../document.ts';
import { plural, SIDE_NAMES } from './words.ts';

const SIDES = ['git', 'lockfile', 'live'] as const satisfies readonly PageView[];
/** Number of values displayed at first, and added by each click. A connection may have thousands of values. */
const PAGE_SIZE = 400;

export interface ValuesProps {
  readonly connection: PageConnection;
  readonly isLive: boolean;
}

/** Renders values in Git, the lockfile and Datadog side by side: only the values that differ, or all of them. */
export function Values({ connection, isLive }: ValuesProps): VNode {
  const { values, sides } = connection;
  const differing = values.filter(({ cause }) => cause !== undefined);
  const [isAll, setAll] = useState(differing.length === 0);
  const [limit, setLimit] = useState(PAGE_SIZE);
  const selected = isAll || differing.length === 0 ? values : differing;
  const displayed = selected.slice(0, limit);
  const equal = values.length - differing.length;
  return html`<section class="values" aria-label="Git, lockfile and Datadog side by side">
    <div class="bar">
      <h3>${differing.length === 0 ? plural(values.length, 'value') : plural(differing.length, 'difference')}</h3>
      ${
        differing.length > 0 &&
        equal > 0 &&
        html`<button type="button" aria-pressed=${isAll} onClick=${() => setAll(!isAll)}>
          ${isAll ? 'Only differences' : `Show ${plural(equal, 'equal value')} too`}
        </button>`
      }
    </div>
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">Value</th>
          ${SIDES.map(
            (side) =>
              html`<th role="columnheader" scope="col">
                ${SIDE_NAMES[side]}${!sides.includes(side) && html`<span class="absent">${absentText(side, connection, isLive)}</span>`}
              </th>`,
          )}
        </tr>
      </thead>
      ${groupsOf(displayed).map(
        ([title, list]) =>
          html`<tbody role="rowgroup" key=${title}>
            <tr role="row" class="group">
              <th role="rowheader" scope="rowgroup" colspan="4">${title}</th>
            </tr>
            ${list.map((leaf) => html`<${ValueRow} leaf=${leaf} sides=${sides} />`)}
          </tbody>`,
      )}
    </table>
    ${
      selected.length > limit &&
      html`<button type="button" onClick=${() => setLimit(limit + PAGE_SIZE)}>
        Show more (${selected.length - limit} remaining)
      </button>`
    }
  </section>`;
}

function ValueRow({ leaf, sides }: { readonly leaf: PageValue; readonly sides: readonly PageView[] }): VNode {
  const { name, cause } = leaf;
  return html`<tr role="row" class=${cause === undefined ? '' : `differs ${cause}`}>
    <th role="rowheader" scope="row">
      <span class="mono">${name}</span>
      ${cause === 'git' && html`<span class="badge yellow">git</span>`}
      ${cause === 'drift' && html`<span class="badge magenta">drift</span>`}
      ${cause === 'none' && sides.length > 1 && html`<span class="badge grey">ignored</span>`}
    </th>
    ${SIDES.map((side) => {
      const value = sides.includes(side) ? (leaf.same ?? leaf[side]) : undefined;
      return html`<td role="cell" class=${`mono ${side}`}>
        <span class="side" aria-hidden="true">${SIDE_NAMES[side]}</span>
        <span>${value ?? html`<span class="absent">${sides.includes(side) ? 'unset' : '–'}</span>`}</span>
      </td>`;
    })}
  </tr>`;
}

function groupsOf(values: readonly PageValue[]): readonly (readonly [string, readonly PageValue[]])[] {
  const groups = new Map<string, PageValue[]>();
  for (const leaf of values) {
    const title =
      leaf.field === undefined ? (leaf.metadata === true ? 'Metadata' : 'Connection') : `Field ${leaf.field}`;
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [leaf]);
    else group.push(leaf);
  }
  return [...groups];
}

function absentText(side: PageView, { states, drift }: PageConnection, isLive: boolean): string {
  switch (side) {
    case 'git':
      return states[0] === 'invalid' ? 'not valid' : 'no manifest';
    case 'lockfile':
      return 'not recorded';
    case 'live':
      if (!isLive || states[0] === 'unplanned') return 'not read';
      return drift?.missing === true ? 'deleted' : 'does not exist';
    default:
      return side satisfies never;
  }
}
