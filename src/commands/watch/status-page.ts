import type { SyncEvent } from '../../core/event.ts';
import { servePage, type PageServer } from '../../page/server.ts';
import type { DrawCodeFrame } from '../../reporters/human/problem-text.ts';
import type { Reporter } from '../../reporters/reporter.ts';
import { loadHtml, openStatusPage, passForPage } from '../../session/status-page.ts';
import type { PlanObserver } from './planner-loop.ts';
import type { Runtime } from '../../runtime/runtime.ts';

export interface WatchPage extends PlanObserver {
  readonly reporter: Reporter;
  /** Starts the server and prints its URL on stderr. Throws a Failure if the port is in use. */
  listen(port: number): Promise<void>;
  close(): Promise<void>;
}

/** Events that don't change the page. */
const UNSEEN: ReadonlySet<SyncEvent['type']> = new Set([
  'loaded',
  'action',
  'action-deferred',
  'recorded',
  'file-written',
  'end',
]);

export function openWatchPage(runtime: Runtime, draw: DrawCodeFrame): WatchPage {
  const page = openStatusPage(runtime, { kind: 'watch', draw });
  let server: PageServer | undefined;
  return {
    reporter: {
      report: (event) => {
        page.report(event);
        if (UNSEEN.has(event.type)) return;
        server?.changed('status');
        if (event.type === 'problem') server?.changed('document');
      },
      close: async () => {},
    },
    planStarted: () => page.begins(),
    planFinished: (manifests, done, planning) => {
      const pass = done === undefined || planning === undefined ? undefined : passForPage(done, planning);
      page.saw(pass ?? { read: manifests });
      server?.changed('document');
    },
    listen: async (port) => {
      server = await servePage({
        html: loadHtml(runtime),
        port,
        sources: { document: () => page.document(), status: () => page.status() },
      });
      runtime.stderr.write(`status page  ${server.url}\n`);
    },
    close: async () => {
      await server?.close();
    },
  };
}
