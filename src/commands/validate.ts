import { hasErrors, type ExitCode } from '../core/diagnostic.ts';
import { loadManifests } from '../reconcile/gather.ts';
import type { CommonFlags } from './flags.ts';
import { findInputs } from '../session/workspace.ts';
import { runSession } from '../session/session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Parse, schema, rules across files. Talks to nobody. */
export async function validate(flags: CommonFlags, runtime: Runtime): Promise<ExitCode> {
  const { manifests, folders, settings, problems } = findInputs(flags, runtime);
  const target = { environment: 'default', site: settings.site ?? 'datadoghq.com' };
  return runSession({ command: 'validate', target, compared: ['lockfile'], flags, runtime }, async (report) => {
    for (const problem of problems) report({ type: 'problem', problem });
    const read = loadManifests({ manifests, folders, clock: runtime.clock, report }, true);
    return hasErrors([...problems, ...read.problems]) ? 3 : 0;
  });
}
