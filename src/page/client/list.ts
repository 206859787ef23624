import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PageConnection } from '../document.ts';
import { STATE_STYLES } from './words.ts';

/** Height of a row in pixels. The style sheet has the same value. */
const ROW = 54;
/** Number of rows rendered above and below the visible ones. */
const OVERSCAN = 6;

export interface ListProps {
  readonly connections: readonly PageConnection[];
  readonly refused: ReadonlySet<string>;
  readonly chosen: number;
  /** A new object each time the list should scroll to the selected row. */
  readonly reveal: object | undefined;
  readonly choose: (index: number) => void;
  readonly open: () => void;
}

/** Renders the list of connections. It renders only the visible rows, so scrolling is fast for any number of them. */
export function List({ connections, refused, chosen, reveal, choose, open }: ListProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(800);

  useEffect(() => {
    if (box.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 800));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const { current } = box;
    if (current === null || chosen < 0) return;
    const from = chosen * ROW;
    if (from < current.scrollTop) current.scrollTop = from;
    else if (from + ROW > current.scrollTop + current.clientHeight)
      current.scrollTop = from + ROW - current.clientHeight;
  }, [reveal]);

  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || connections.length === 0) return;
    event.preventDefault();
    open();
  };
  // Limits the scroll position: if the list gets shorter, the browser reports the new position only after rendering.
  const at = Math.min(top, Math.max(0, connections.length * ROW - height));
  const first = Math.max(0, Math.floor(at / ROW) - OVERSCAN);
  const last = Math.min(connections.length, Math.ceil((at + height) / ROW) + OVERSCAN);
  const isChosenThere = chosen >= first && chosen < last;
  return html`<div
    class="list"
    id="list"
    ref=${box}
    role="listbox"
    tabindex="0"
    aria-label="Connections"
    aria-activedescendant=${isChosenThere ? `row-${chosen}` : undefined}
    onScroll=${(event: Event) => setTop((event.currentTarget as HTMLElement).scrollTop)}
    onKeyDown=${onKey}
  >
    <div role="presentation" class="rows" style=${{ height: `${connections.length * ROW}px` }}>
      ${connections.slice(first, last).map((connection, offset) => {
        const index = first + offset;
        return html`<${Row}
          key=${connection.id}
          connection=${connection}
          index=${index}
          count=${connections.length}
          isRefused=${refused.has(connection.id)}
          isChosen=${index === chosen}
          choose=${choose}
          open=${open}
        />`;
      })}
    </div>
  </div>`;
}

interface RowProps extends Pick<ListProps, 'choose' | 'open'> {
  readonly connection: PageConnection;
  readonly index: number;
  readonly count: number;
  readonly isRefused: boolean;
  readonly isChosen: boolean;
}

function Row({ connection, index, count, isRefused, isChosen, choose, open }: RowProps): VNode {
  const { name, states, gist } = connection;
  const [state, ...otherStates] = states;
  const look = STATE_STYLES[state];
  return html`<div
    class="row"
    role="option"
    id=${`row-${index}`}
    aria-selected=${isChosen}
    aria-posinset=${index + 1}
    aria-setsize=${count}
    style=${{ top: `${index * ROW}px` }}
    onClick=${() => {
      choose(index);
      open();
    }}
  >
    <span class="sign ${look.tone}" aria-hidden="true">${look.sign}</span>
    <span class="name mono" title=${name}>${name}</span>
    <span class="sub">
      <span class=${look.tone}>${look.title}</span>
      ${otherStates.map((each) => html`${' · '}<span class=${STATE_STYLES[each].tone}>${STATE_STYLES[each].title}</span>`)}
      ${isRefused && html`${' · '}<span class="red">refused</span>`}
      ${gist !== '' && html`${' · '}<span class="gist mono">${gist}</span>`}
    </span>
  </div>`;
}
