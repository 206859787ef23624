import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { PageConnection, PageDocument } from '../document.ts';
import { Detail } from './detail.ts';
import type { FeedState } from './feed.ts';
import { ALL, Filters, matching, Search, type Filter } from './filters.ts';
import { Footer, Header, Headline, type View } from './frame.ts';
import { isTyping, stepOf } from './keys.ts';
import { List } from './list.ts';
import { Problems } from './problems.ts';
import { Runs } from './runs.ts';
import { headlineText } from './words.ts';

/** The root component of the page. */
export function App({ displayed }: { readonly displayed: FeedState }): VNode {
  const { feed, document: content, status } = displayed;
  const [view, setView] = useState<View>('connections');
  const [filter, setFilter] = useState<Filter>(ALL);
  useLayoutEffect(() => {
    if (content !== undefined) document.title = `${headlineText(content)} · connsync`;
  }, [content]);
  return html`<${Header}
      feed=${feed}
      document=${content}
      runs=${status.runs.length}
      view=${view}
      setView=${setView}
    />
    <main>
      <div
        class="view"
        id="view"
        role="tabpanel"
        aria-labelledby=${`tab-${view}`}
        tabindex=${view === 'connections' ? undefined : 0}
      >
      ${content !== undefined && html`<${Headline} document=${content} />`}
      ${content === undefined && html`<div class="empty"><p>Waiting for the first plan…</p></div>`}
      ${content !== undefined && view === 'connections' && html`<${Connections} document=${content} filter=${filter} setFilter=${setFilter} />`}
      ${content !== undefined && view === 'problems' && html`<${Problems} document=${content} />`}
      ${view === 'runs' && html`<${Runs} status=${status} />`}
      </div>
    </main>
    <${Footer} feed=${feed} view=${view} status=${status} version=${content?.version} />`;
}

/** The element that should get the focus; a new object each time. */
interface Focus {
  readonly on: 'list' | 'search' | 'detail-name';
}

interface ConnectionsProps {
  readonly document: PageDocument;
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
}

/** The selection follows its connection when a new plan moves it to another position. */
function Connections({ document: content, filter, setFilter }: ConnectionsProps): VNode {
  const [id, setId] = useState(() => location.hash.slice(1));
  const [isOpen, setOpen] = useState(false);
  const [focus, setFocus] = useState<Focus>();
  const visible = useMemo(() => matching(content.connections, filter), [content, filter]);
  const refused = useMemo(() => new Set(content.refusals.flatMap(({ of }) => of)), [content]);
  const found = visible.findIndex((connection) => connection.id === id);
  const index = found >= 0 ? found : visible.length > 0 ? 0 : -1;
  const chosen: PageConnection | undefined = visible[index];

  const choose = (to: number): void => {
    const next = visible[Math.max(0, Math.min(visible.length - 1, to))];
    if (next === undefined) return;
    setId(next.id);
    // A copied link to the page selects the same connection.
    history.replaceState(undefined, '', `#${next.id}`);
  };
  const show = (open: boolean, then: Focus['on']): void => {
    setOpen(open);
    setFocus({ on: then });
  };
  const close = (): void => show(false, 'list');
  const open = (): void => show(true, 'detail-name');

  // Runs after rendering, because the element to focus may be new.
  useLayoutEffect(() => {
    if (focus !== undefined) document.getElementById(focus.on)?.focus();
  }, [focus]);

  // Updated immediately, so that the next key press continues from this row.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
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
        const step = stepOf(event, visible.length);
        if (step === undefined) return;
        event.preventDefault();
        choose(step.from === 'here' ? index + step.by : step.to);
        close();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
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
