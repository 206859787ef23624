import type { PageData, PageDocument, PageStatus } from '../document.ts';

/** Where the data comes from: a report holds it, a watch sends it for as long as it runs. */
export type Feed = 'report' | 'connecting' | 'connected' | 'lost' | 'ended';

export interface Shown {
  readonly feed: Feed;
  readonly document?: PageDocument;
  readonly standing: PageStatus;
}

const NOTHING_YET: PageStatus = { runs: [], limits: [], running: [] };

/** Tells what is to be shown, now and whenever it changes. */
export function openFeed(show: (shown: Shown) => void): void {
  const inlined = document.getElementById('data')?.textContent.trim() ?? '';
  if (inlined !== '') {
    const data = JSON.parse(inlined) as PageData;
    show({ feed: 'report', ...data });
    return;
  }
  let shown: Shown = { feed: 'connecting', standing: NOTHING_YET };
  const tell = (news: Partial<Shown>): void => {
    shown = { ...shown, ...news };
    show(shown);
  };
  const events = new EventSource('/events');
  events.addEventListener('document', ({ data }) => {
    tell({ feed: 'connected', document: JSON.parse(String(data)) as PageDocument });
  });
  events.addEventListener('standing', ({ data }) => {
    tell({ feed: 'connected', standing: JSON.parse(String(data)) as PageStatus });
  });
  events.addEventListener('ended', () => {
    events.close();
    tell({ feed: 'ended' });
  });
  // It tries again by itself, as often as the server asked it to, until an answer says that there is nothing to read.
  events.addEventListener('error', () => tell({ feed: events.readyState === EventSource.CLOSED ? 'ended' : 'lost' }));
  tell({});
}
