import type { PageData, PageDocument, PageStatus } from '../document.ts';

/** The data source: a report contains its data, and a watch sends updates for as long as it runs. */
export type Feed = 'report' | 'connecting' | 'connected' | 'lost' | 'ended';

export interface FeedState {
  readonly feed: Feed;
  readonly document?: PageDocument;
  readonly status: PageStatus;
}

const NOTHING_YET: PageStatus = { runs: [], limits: [], running: [] };

/** Calls back with the data to display, now and after every change. */
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
  // EventSource reconnects by itself after the delay that the server sets, until a response says that there is no
  // feed.
  events.addEventListener('error', () => update({ feed: events.readyState === EventSource.CLOSED ? 'ended' : 'lost' }));
  update({});
}
