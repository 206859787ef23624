import type { PageData, PageDocument, PageStatus } from '../document.ts';

/**
 * The source of the page's data. `report` is a saved page that contains its data; all other values are states of the
 * connection to a running watch.
 */
export type Feed = 'report' | 'connecting' | 'connected' | 'lost' | 'ended';

export interface FeedState {
  readonly feed: Feed;
  readonly document?: PageDocument;
  readonly status: PageStatus;
}

const NOTHING_YET: PageStatus = { runs: [], limits: [], running: [] };

/** Calls `show` with the data to display, now and after every change. */
export function openFeed(show: (displayed: FeedState) => void): void {
  const inlined = document.getElementById('data')?.textContent.trim() ?? '';
  if (inlined !== '') {
    const data = JSON.parse(inlined) as PageData;
    show({ feed: 'report', ...data });
    return;
  }
  let displayed: FeedState = { feed: 'connecting', status: NOTHING_YET };
  const update = (news: Partial<FeedState>): void => {
    displayed = { ...displayed, ...news };
    show(displayed);
  };
  const events = new EventSource('/events');
  events.addEventListener('document', ({ data }) => {
    update({ feed: 'connected', document: JSON.parse(String(data)) as PageDocument });
  });
  events.addEventListener('status', ({ data }) => {
    update({ feed: 'connected', status: JSON.parse(String(data)) as PageStatus });
  });
  events.addEventListener('ended', () => {
    events.close();
    update({ feed: 'ended' });
  });
  // EventSource reconnects by itself after the delay that the server sets. It gives up if the server responds without
  // an event stream.
  events.addEventListener('error', () => update({ feed: events.readyState === EventSource.CLOSED ? 'ended' : 'lost' }));
  update({});
}
