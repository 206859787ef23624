import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PageValue, PageConnection, PageView } from '../document.ts';
import { plural, SIDE_NAMES } from './words.ts';

const SIDES = ['git', 'lockfile', 'live'] as const satisfies readonly PageView[];
/** Values that are shown at first, and more at each wish: a connection may have thousands. */
const AT_ONCE = 400;

export interface ValuesProps {
  readonly connection: PageConnection;
  readonly isLive: boolean;
}

/** Git, lockfile and Datadog side by side: what differs, or everything. */
export function Values({ connection, isLive }: ValuesProps): VNode {
  const { leaves, sides } = connection;
  const differing = leaves.filter(({ cause }) => cause !== undefined);
  const [isAll, setAll] = useState(differing.length === 0);
  const [most, setMost] = useState(AT_ONCE);
  const wanted = isAll || differing.length === 0 ? leaves : differing;
  const shown = wanted.slice(0, most);
  const equal = leaves.length - differing.length;
  return html`<section class="leaves" aria-label="Git, lockfile and Datadog side by side">
    <div class="bar">
      <h3>${differing.length === 0 ? plural(leaves.length, 'value') : plural(differing.length, 'difference')}</h3>
      ${
        differing.length > 0 &&
        equal > 0 &&
        html`<button type="button" aria-pressed=${isAll} onClick=${() => setAll(!isAll)}>
          ${isAll ? 'Only what differs' : `Show ${plural(equal, 'equal value')} too`}
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
                ${SIDE_NAMES[side]}${!sides.includes(side) && html`<span class="absent">${absence(side, connection, isLive)}</span>`}
              </th>`,
          )}
        </tr>
      </thead>
      ${groupsOf(shown).map(
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
      wanted.length > most &&
      html`<button type="button" onClick=${() => setMost(most + AT_ONCE)}>
        Show more of the ${wanted.length - most} that are left
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
      ${cause === 'none' && sides.length > 1 && html`<span class="badge grey">left alone</span>`}
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

function groupsOf(leaves: readonly PageValue[]): readonly (readonly [string, readonly PageValue[]])[] {
  const groups = new Map<string, PageValue[]>();
  for (const leaf of leaves) {
    const title =
      leaf.field === undefined ? (leaf.metadata === true ? 'Metadata' : 'Connection') : `Field ${leaf.field}`;
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [leaf]);
    else group.push(leaf);
  }
  return [...groups];
}

function absence(side: PageView, { states, drift }: PageConnection, isLive: boolean): string {
  switch (side) {
    case 'git':
      return states[0] === 'invalid' ? 'not valid' : 'no manifest';
    case 'lockfile':
      return 'not recorded';
    case 'live':
      if (!isLive || states[0] === 'unplanned') return 'not asked';
      return drift?.missing === true ? 'deleted' : 'not there';
    default:
      return side satisfies never;
  }
}
