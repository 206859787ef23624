import type { ExitCode } from '../core/diagnostic.ts';
import { driftOf, driftSummary } from '../core/drift.ts';
import type { DriftFlags } from './flags.ts';
import { withoutCut } from '../reconcile/gather.ts';
import { runSurvey } from '../session/survey-session.ts';
import type { World } from '../runtime/runtime.ts';

/** Desired, recorded and live side by side. Reads only; with --detailed-exitcode changed or missing gives 2. */
export async function drift(flags: DriftFlags, world: World): Promise<ExitCode> {
  return runSurvey(
    { command: 'drift', flags, world },
    async ({ manifests, snapshot, live, target }, { report, started }) => {
      const connections = driftOf({ desired: manifests.desired, recorded: withoutCut(snapshot, live), live });
      for (const connection of connections) report({ type: 'compared', connection });
      const summary = driftSummary(connections);
      report({ type: 'surveyed', target, summary, ms: Math.round(world.clock() - started) });
      return flags.detailedExitcode === true && summary.changed + summary.missing > 0 ? 2 : 0;
    },
  );
}
