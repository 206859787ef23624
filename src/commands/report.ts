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
import { loadHtml, openStatusPage, passForPage } from '../session/status-page.ts';
import { runReconcile } from '../session/reconcile-session.ts';
import { planAccess } from './plan.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Writes a plan to an HTML file, even if manifests are invalid. If the run fails before the planning pass ends, the
 * previous file stays.
 */
export async function report(flags: ReportFlags, runtime: Runtime): Promise<ExitCode> {
  const draw = await loadFrames();
  const page = openStatusPage(runtime, { kind: 'report', draw });
  const { out, ...planning } = flags;
  return runReconcile({
    command: 'report',
    outputFile: resolve(runtime.cwd, out),
    flags: planning,
    runtime,
    accessOf: planAccess,
    extraReporters: [{ report: page.report, close: async () => {} }],
    human: (sinks) => reportReporter(sinks, terminalStyle(flags, runtime), draw),
    onPass: async (result, { workspace, setup, report: reportEvent }) => {
      if (result.plan === undefined) page.report({ type: 'plan-skipped' });
      page.saw(
        passForPage(result, setup.planning) ?? {
          read: { ...readManifests(workspace.manifests), ...(await readRecords(workspace)) },
        },
      );
      const path = resolve(runtime.cwd, out);
      writeAtomically(path, loadHtml(runtime).withData(pageData(page)));
      reportEvent({ type: 'file-written', file: displayPathAsGiven(runtime.cwd, out) });
    },
  });
}

/**
 * Reads the records of the lockfile, because planning ended before it read them. Returns none if the lockfile is
 * damaged.
 */
async function readRecords(workspace: Workspace): Promise<{ readonly recorded?: Records }> {
  try {
    const store = await workspace.openStore();
    return { recorded: (await store.load()).records };
  } catch {
    return {};
  }
}
