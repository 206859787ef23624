import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { PageDocument, PageStatus } from '../document.ts';
import type { Feed } from './feed.ts';
import { nextTheme, storedTheme, useTheme } from './theme.ts';
import { headlineText, momentText, summaryText, timeText, type Tone } from './words.ts';

export type View = 'connections' | 'problems' | 'runs';

const VIEWS = ['connections', 'problems', 'runs'] as const satisfies readonly View[];
const TITLES: Readonly<Record<View, string>> = { connections: 'Connections', problems: 'Problems', runs: 'Runs' };

const FEEDS: Readonly<Record<Feed, { readonly text: string; readonly tone: Tone }>> = {
  report: { text: 'Report', tone: 'grey' },
  connecting: { text: 'Connecting…', tone: 'grey' },
  connected: { text: 'Watching', tone: 'green' },
  lost: { text: 'Reconnecting…', tone: 'yellow' },
  ended: { text: 'Watch ended', tone: 'red' },
};

export interface HeaderProps {
  readonly feed: Feed;
  readonly document: PageDocument | undefined;
  readonly runs: number;
  readonly view: View;
  readonly setView: (view: View) => void;
}

/** Renders the page header: the target, whether the page still receives updates, and the tabs of the three views. */
export function Header({ feed, document: content, runs, view, setView }: HeaderProps): VNode {
  const [theme, setTheme] = useState(storedTheme);
  useLayoutEffect(() => useTheme(theme), [theme]);
  const counts: Readonly<Record<View, number>> = {
    connections: content?.connections.length ?? 0,
    problems: (content?.problems.length ?? 0) + (content?.moreProblems ?? 0),
    runs,
  };
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = VIEWS[(VIEWS.indexOf(view) + by + VIEWS.length) % VIEWS.length];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    setView(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return html`<header>
    <div class="where">
      <span class="brand">connsync</span>
      ${content !== undefined && html`<${Where} document=${content} />`}
    </div>
    <div role="tablist" aria-label="Views" class="tabs" onKeyDown=${onKey}>
      ${VIEWS.map(
        (each) =>
          html`<button
            type="button"
            role="tab"
            id=${`tab-${each}`}
            aria-selected=${each === view}
            aria-controls="view"
            tabindex=${each === view ? 0 : -1}
            onClick=${() => setView(each)}
          >
            ${TITLES[each]} <b>${counts[each]}</b>
          </button>`,
      )}
    </div>
    <div class="status">
      <span role="status" class="feed ${feed} ${FEEDS[feed].tone}">${FEEDS[feed].text}</span>
      <button type="button" class="theme" onClick=${() => setTheme(nextTheme(theme))}>
        <span aria-hidden="true">◐ </span><span class="long">Theme: </span>${theme}
      </button>
    </div>
  </header>`;
}

function Where({ document: { target, live } }: { readonly document: PageDocument }): VNode {
  return html`<span class="target">
    <span class="mono">${target.site}</span>
    ${target.environment !== 'default' && html`<span>${target.environment}</span>`}
    <span>${live ? 'lockfile + live Datadog' : 'offline, lockfile only'}</span>
  </span>`;
}

/** Renders the plan in one line, and the reasons why an apply would be refused. */
export function Headline({ document: content }: { readonly document: PageDocument }): VNode {
  const { kind, plannedAt, triedAt, summary, refusals } = content;
  const textOf = kind === 'report' ? momentText : timeText;
  return html`<section class="headline" aria-label="The plan">
    <h1 aria-live="polite" class=${triedAt === undefined ? '' : 'red'}>${headlineText(content)}</h1>
    ${triedAt !== undefined && html`<span>tried <time datetime=${triedAt}>${textOf(triedAt)}</time></span>`}
    ${
      triedAt === undefined &&
      plannedAt !== undefined &&
      html`<span>planned <time datetime=${plannedAt}>${textOf(plannedAt)}</time></span>`
    }
    ${
      triedAt !== undefined &&
      plannedAt !== undefined &&
      html`<p class="last">
        Valid connections are shown as of the last plan${
          summary !== undefined && html`: ${summaryText(summary)}`
        } (<time datetime=${plannedAt}>${textOf(plannedAt)}</time>).
      </p>`
    }
    ${
      refusals.length === 1 &&
      html`<p class="banner red-edge">
        <strong>An apply would be refused:</strong> ${refusals[0]?.message}${' '}
        <span class="next">→ ${refusals[0]?.hint}</span>
      </p>`
    }
    ${
      refusals.length > 1 &&
      html`<details class="banner red-edge">
        <summary><strong>An apply would be refused</strong>, for ${refusals.length} reasons</summary>
        <ul>
          ${refusals.map(({ message, hint }) => html`<li>${message}<br /><span class="next">→ ${hint}</span></li>`)}
        </ul>
      </details>`
    }
  </section>`;
}

export interface FooterProps {
  readonly feed: Feed;
  readonly view: View;
  readonly status: PageStatus;
  readonly version: string | undefined;
}

export function Footer({ feed, view, status, version }: FooterProps): VNode {
  const { limits, dueAt, waiting, running } = status;
  const [tightest] = limits;
  return html`<footer>
    <span class="keys" aria-hidden="true">
      ${
        view === 'connections'
          ? html`<kbd>↑</kbd><kbd>↓</kbd> or <kbd>j</kbd><kbd>k</kbd> move · <kbd>Enter</kbd> details · <kbd>Esc</kbd> back ·${' '}
              <kbd>/</kbd> search`
          : html`<kbd>←</kbd><kbd>→</kbd> on a tab: the other views`
      }
    </span>
    <span class="now">
      ${running.length > 0 && html`<span>applying ${running.slice(0, 3).join(', ')}</span>`}
      ${waiting !== undefined && html`<span>${waiting}</span>`}
      ${feed === 'connected' && dueAt !== undefined && html`<span>next drift check ${timeText(dueAt)}</span>`}
      ${tightest !== undefined && html`<span>rate limit ${tightest.remaining}/${tightest.limit}</span>`}
      ${version !== undefined && html`<span>connsync ${version}</span>`}
    </span>
  </footer>`;
}
