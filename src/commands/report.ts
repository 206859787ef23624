import { resolve } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import type { Records } from '../core/ports.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { readManifests } from '../manifest/read-all.ts';
import { pageData } from '../page/page.ts';
import { reportReporter } from '../reporters/human/page-report.ts';
import { loadFrames } from '../reporters/human/problem-text.ts';
import type { ReportFlags } from '../session/flags.ts';
import { displayPathAsGiven } from '../session/display-path.ts';
import { type Workspace } from '../session/workspace.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import { loadHtml, openPageOf, pageOfPass } from '../session/status-page.ts';
import { runReconcile } from '../session/reconcile-session.ts';
import { planAccess } from './plan.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * What a plan sees, as one HTML file. It is written of every pass that came to an end, so that what is invalid can be looked at
 * too; a run that failed on its way leaves the file of before.
 */
export async function report(flags: ReportFlags, runtime: Runtime): Promise<ExitCode> {
  const draw = await loadFrames();
  const page = openPageOf(runtime, { kind: 'report', draw });
  const { out, ...planning } = flags;
  return runReconcile({
    command: 'report',
    writes: resolve(runtime.cwd, out),
    flags: planning,
    runtime,
    accessOf: planAccess,
    beside: [{ report: page.report, close: async () => {} }],
    human: (sinks) => reportReporter(sinks, terminalStyle(flags, runtime), draw),
    onPass: async (result, { workspace, setup, report: reportEvent }) => {
      if (result.plan === undefined) page.report({ type: 'plan-skipped' });
      page.saw(
        pageOfPass(result, setup.planning) ?? {
          read: { ...readManifests(workspace.manifests), ...(await recordedIn(workspace)) },
        },
      );
      const path = resolve(runtime.cwd, out);
      writeAtomically(path, loadHtml(runtime).withData(pageData(page)));
      reportEvent({ type: 'file-written', file: displayPathAsGiven(runtime.cwd, out) });
    },
  });
}

/** What is recorded is looked at only by a pass that gets so far, and a lockfile that is damaged too is not what ended this one. */
async function recordedIn(workspace: Workspace): Promise<{ readonly recorded?: Records }> {
  try {
    return { recorded: (await workspace.openStore().load()).records };
  } catch {
    return {};
  }
}
