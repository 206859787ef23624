import type { SyncEvent } from '../../core/event.ts';
import { servePage, type PageServer } from '../../page/server.ts';
import type { DrawFrame } from '../../reporters/human/problem-text.ts';
import type { Reporter } from '../../reporters/reporter.ts';
import { loadHtml, openStatusPage, passForPage } from '../../session/status-page.ts';
import type { PlanObserver } from './planner-loop.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** The status page of a watch. */
export interface WatchPage extends PlanObserver {
  readonly reporter: Reporter;
  /** Serves it, and says where. Throws a Failure where the port is taken. */
  listen(port: number): Promise<void>;
  close(): Promise<void>;
}

/** Events that the page shows nothing of. */
const UNSEEN: ReadonlySet<SyncEvent['type']> = new Set([
  'loaded',
  'action',
  'action-deferred',
  'recorded',
  'file-written',
  'end',
]);

export function openWatchPage(runtime: Runtime, draw: DrawFrame): WatchPage {
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
