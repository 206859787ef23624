import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { Connections } from './connections.ts';
import type { FeedState } from './feed.ts';
import { ALL, type Filter } from './filters.ts';
import { Footer, Header, Headline, type View } from './frame.ts';
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
