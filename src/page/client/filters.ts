import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { STATES, type PageConnection, type PageState } from '../document.ts';
import { STATE_STYLES, plural } from './words.ts';

export interface Filter {
  readonly state: PageState | undefined;
  readonly entity: string | undefined;
  readonly search: string;
}

export const ALL: Filter = { state: undefined, entity: undefined, search: '' };

/** Returns the connections that match the filter and contain every word of the search. */
export function matching(
  connections: readonly PageConnection[],
  { state, entity, search }: Filter,
): readonly PageConnection[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return connections.filter(
    (connection) =>
      (state === undefined || connection.states.includes(state)) &&
      (entity === undefined || connection.entity === entity) &&
      words.every((word) => textOf(connection).includes(word)),
  );
}

function textOf({ name, file = '', owner = '', drift, values }: PageConnection): string {
  const fields = values.map(({ field = '', same = '', git = '' }) => `${field} ${same} ${git}`).join(' ');
  return `${name} ${file} ${owner} ${drift?.by ?? ''} ${fields}`.toLowerCase();
}

export interface FiltersProps {
  readonly connections: readonly PageConnection[];
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
  /** Number of connections that match the filter. */
  readonly count: number;
}

export function Filters({ connections, filter, setFilter, count }: FiltersProps): VNode {
  const counts = new Map<PageState, number>();
  for (const { states } of connections) for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  const chip = (state: PageState | undefined, text: string, of: number, tone: string): VNode =>
    html`<button
      type="button"
      class="chip ${tone}"
      aria-pressed=${filter.state === state}
      onClick=${() => setFilter({ ...filter, state: filter.state === state ? undefined : state })}
    >
      ${text} <b>${of}</b>
    </button>`;
  return html`<div class="chips" role="group" aria-label="State">
    ${chip(undefined, 'All', connections.length, 'grey')}
    ${STATES.flatMap((state) => {
      const of = counts.get(state);
      return of === undefined ? [] : [chip(state, STATE_STYLES[state].filter, of, STATE_STYLES[state].tone)];
    })}
    <span role="status" class="count">
      ${count === connections.length ? plural(count, 'connection') : `${count} of ${connections.length}`}
    </span>
  </div>`;
}

export function Search({ connections, filter, setFilter }: Omit<FiltersProps, 'count'>): VNode {
  const entities = [...new Set(connections.flatMap(({ entity }) => entity ?? []))].sort();
  return html`<div class="search" role="search" aria-label="Search the connections">
    <input
      id="search"
      type="search"
      placeholder="Search"
      aria-label="Search, key /"
      autocomplete="off"
      spellcheck=${false}
      value=${filter.search}
      onInput=${(event: Event) => setFilter({ ...filter, search: (event.currentTarget as HTMLInputElement).value })}
    />
    <select
      aria-label="Entity"
      value=${filter.entity ?? ''}
      onChange=${(event: Event) => {
        const { value } = event.currentTarget as HTMLSelectElement;
        setFilter({ ...filter, entity: value === '' ? undefined : value });
      }}
    >
      <option value="">Every entity</option>
      ${entities.map((entity) => html`<option value=${entity}>${entity}</option>`)}
    </select>
  </div>`;
}
