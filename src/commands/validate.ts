import { hasErrors, type ExitCode } from '../core/diagnostic.ts';
import { readManifests } from '../manifest/read-all.ts';
import { missingFolder } from '../manifest/missing-folder.ts';
import type { CommonFlags } from './flags.ts';
import { findInputs } from './inputs.ts';
import { runSession } from './session.ts';
import type { World } from './world.ts';

/** Parse, schema, rules across files. Talks to nobody. */
export async function validate(flags: CommonFlags, world: World): Promise<ExitCode> {
  const inputs = findInputs(flags, world);
  const target = { environment: 'default', site: inputs.settings.site ?? 'datadoghq.com' };
  return runSession({ command: 'validate', target, compared: ['lockfile'], flags, world }, async (report) => {
    const started = world.clock();
    const read = readManifests(inputs.manifests);
    const { manifests, connections } = read;
    const entities = new Set([...read.desired.values()].map(({ entity }) => entity)).size;
    report({ type: 'loaded', manifests, connections, entities, ms: Math.round(world.clock() - started) });
    const missing = read.missing.map((folder) => missingFolder(folder, inputs.folders.shown));
    const problems = [...inputs.problems, ...missing, ...read.problems];
    for (const problem of problems) report({ type: 'problem', problem });
    return hasErrors(problems) ? 3 : 0;
  });
}
