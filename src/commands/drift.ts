import type { ExitCode } from '../core/diagnostic.ts';
import { driftOf, driftSummary } from '../core/drift.ts';
import type { DriftFlags } from '../session/flags.ts';
import { withoutHalfReplaced } from '../reconcile/gather.ts';
import { runSurvey } from '../session/survey-session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Compares manifests, lockfile and Datadog. Changes nothing. With --detailed-exitcode it returns 2 if a connection
 * was changed or deleted outside Git.
 */
export async function drift(flags: DriftFlags, runtime: Runtime): Promise<ExitCode> {
  return runSurvey(
    { command: 'drift', flags, runtime },
    async ({ manifests, snapshot, live, target }, { report, started }) => {
      const connections = driftOf({ desired: manifests.desired, recorded: withoutHalfReplaced(snapshot, live), live });
      for (const connection of connections) report({ type: 'drift', connection });
      const summary = driftSummary(connections);
      report({ type: 'drift-summary', target, summary, ms: Math.round(runtime.clock.monotonic() - started) });
      return flags.detailedExitcode === true && summary.changed + summary.missing > 0 ? 2 : 0;
    },
  );
}
