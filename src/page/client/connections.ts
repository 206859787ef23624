import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { PageConnection, PageDocument } from '../document.ts';
import { Detail } from './detail.ts';
import { ALL, Filters, matching, Search, type Filter } from './filters.ts';
import { isTyping, moveOf } from './keys.ts';
import { List } from './list.ts';

/** The element to focus. Each request is a new object, so that the focus effect runs again. */
interface Focus {
  readonly on: 'list' | 'search' | 'detail-name';
}

interface Selection {
  /** The row of the selected connection, or -1 if no connection is visible. */
  readonly index: number;
  readonly chosen: PageConnection | undefined;
  /** Selects the connection in row `to`, or the one in the nearest row if `to` is out of range. */
  readonly choose: (to: number) => void;
}

interface ConnectionsProps {
  readonly document: PageDocument;
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
}

export function Connections({ document: content, filter, setFilter }: ConnectionsProps): VNode {
  const [isOpen, setOpen] = useState(false);
  const [focus, setFocus] = useFocus();
  const visible = useMemo(() => matching(content.connections, filter), [content, filter]);
  const refused = useMemo(() => new Set(content.refusals.flatMap(({ of }) => of)), [content]);
  const { index, chosen, choose } = useSelection(visible);

  const show = (open: boolean, then: Focus['on']): void => {
    setOpen(open);
    setFocus({ on: then });
  };
  const close = (): void => show(false, 'list');
  const open = (): void => show(true, 'detail-name');

  useKeys((event) => {
    if (event.key === '/' && !isTyping(event)) {
      event.preventDefault();
      show(false, 'search');
    } else if (event.key === 'Escape') {
      if (isSearch(event)) setFilter({ ...filter, search: '' });
      close();
    } else if (event.key === 'ArrowDown' && isSearch(event)) {
      event.preventDefault();
      close();
    } else {
      const step = moveOf(event, visible.length);
      if (step === undefined) return;
      event.preventDefault();
      choose(step.from === 'here' ? index + step.by : step.to);
      close();
    }
  });

  return html`<${Filters}
      connections=${content.connections}
      filter=${filter}
      setFilter=${setFilter}
      count=${visible.length}
    />
    <div class=${isOpen && chosen !== undefined ? 'split opened' : 'split'}>
      <div class="pick">
        <${Search} connections=${content.connections} filter=${filter} setFilter=${setFilter} />
        ${
          visible.length === 0
            ? html`<${NoConnections} isFiltered=${content.connections.length > 0} clear=${() => setFilter(ALL)} />`
            : html`<${List} key=${JSON.stringify(filter)} connections=${visible} refused=${refused} chosen=${index} reveal=${focus} choose=${choose} open=${open} />`
        }
      </div>
      ${
        chosen === undefined
          ? html`<div class="detail absent"><p>Select a connection to compare its values in Git, the lockfile and Datadog.</p></div>`
          : html`<${Detail} document=${content} connection=${chosen} close=${close} />`
      }
    </div>`;
}

/** Returns the selection. It follows the selected connection when a new plan moves it to another row. */
function useSelection(visible: readonly PageConnection[]): Selection {
  const [id, setId] = useState(() => location.hash.slice(1));
  const found = visible.findIndex((connection) => connection.id === id);
  const index = found >= 0 ? found : visible.length > 0 ? 0 : -1;
  const choose = (to: number): void => {
    const next = visible[Math.max(0, Math.min(visible.length - 1, to))];
    if (next === undefined) return;
    setId(next.id);
    // Puts the id into the URL, so that a copied link opens the page with this connection selected.
    history.replaceState(undefined, '', `#${next.id}`);
  };
  return { index, chosen: visible[index], choose };
}

function useFocus(): readonly [Focus | undefined, (focus: Focus) => void] {
  const [focus, setFocus] = useState<Focus>();
  // Runs after rendering, because the element to focus may not exist before.
  useLayoutEffect(() => {
    if (focus !== undefined) document.getElementById(focus.on)?.focus();
  }, [focus]);
  return [focus, setFocus];
}

/** Calls `onKey` for every key without a modifier. */
function useKeys(onKey: (event: KeyboardEvent) => void): void {
  // A layout effect, so that the listener uses the current row before the next key press.
  useLayoutEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) onKey(event);
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  });
}

function NoConnections({ isFiltered, clear }: { readonly isFiltered: boolean; readonly clear: () => void }): VNode {
  return html`<div class="empty">
    ${
      isFiltered
        ? html`<p>No connection matches the filter.</p>
            <button type="button" id="list" onClick=${clear}>Show all</button>`
        : html`<p>There is no connection yet.</p>
            <p class="absent">Write a manifest under connections/, or run connsync import --all.</p>`
    }
  </div>`;
}

function isSearch({ target }: Event): boolean {
  return target instanceof HTMLInputElement;
}
