import { resolve } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import type { Records } from '../core/ports.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { readManifests } from '../manifest/read-all.ts';
import { pageData } from '../page/page.ts';
import { reportReporter } from '../reporters/human/page-report.ts';
import { loadFrames } from '../reporters/human/problem-text.ts';
import type { ReportFlags } from './flags.ts';
import { displayPathAsGiven } from '../session/workspace.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import { loadHtml, openPageOf } from '../session/status-page.ts';
import { runPass, type Prepared } from '../session/reconcile-session.ts';
import { planMode } from './plan.ts';
import { passOf } from '../session/seen-pass.ts';
import { openStore } from '../session/store.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * What a plan sees, as one HTML file. It is written of every pass that came to an end, so that what is invalid can be looked at
 * too; a run that failed on its way leaves the file of before.
 */
export async function report(flags: ReportFlags, runtime: Runtime): Promise<ExitCode> {
  const draw = await loadFrames();
  const page = openPageOf(runtime, { kind: 'report', draw });
  const { out, ...planning } = flags;
  return runPass({
    command: 'report',
    writes: resolve(runtime.cwd, out),
    flags: planning,
    runtime,
    modeOf: planMode,
    beside: [{ report: page.report, close: async () => {} }],
    human: (sinks) => reportReporter(sinks, terminalStyle(flags, runtime), draw),
    seen: async (done, { prepared, report: tell }) => {
      if (done.plan === undefined) page.report({ type: 'plan-skipped' });
      page.saw(
        passOf(done, prepared.planning) ?? {
          read: { ...readManifests(prepared.inputs.manifests), ...(await recordedIn(prepared, runtime)) },
        },
      );
      const path = resolve(runtime.cwd, out);
      writeAtomically(path, loadHtml(runtime).withData(pageData(page)));
      tell({ type: 'file-written', file: displayPathAsGiven(runtime.cwd, out) });
    },
  });
}

/** What is recorded is looked at only by a pass that gets so far, and a lockfile that is damaged too is not what ended this one. */
async function recordedIn({ inputs }: Prepared, runtime: Runtime): Promise<{ readonly recorded?: Records }> {
  try {
    return { recorded: (await openStore(inputs.lockfile, runtime).load()).records };
  } catch {
    return {};
  }
}
