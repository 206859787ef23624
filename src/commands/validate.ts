import { hasErrors, type ExitCode } from '../core/diagnostic.ts';
import { loadManifests } from '../reconcile/gather.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CommonFlags } from '../session/flags.ts';
import { runSession } from '../session/session.ts';
import { openWorkspace } from '../session/workspace.ts';

/** Checks the manifests: syntax, schema, and rules across files. Sends no requests. */
export async function validate(flags: CommonFlags, runtime: Runtime): Promise<ExitCode> {
  const { manifests, folders, target, problems } = openWorkspace(flags, runtime);
  return runSession({ command: 'validate', target, compared: ['lockfile'], flags, runtime }, async (report) => {
    for (const problem of problems) report({ type: 'problem', problem });
    const read = loadManifests({ manifests, folders, clock: runtime.clock, report }, { allowMissing: false });
    return hasErrors([...problems, ...read.problems]) ? 3 : 0;
  });
}
