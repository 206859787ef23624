import { apply } from '../commands/apply.ts';
import { openStore } from '../session/open-store.ts';
import { openWorkspace, type Workspace } from '../session/workspace.ts';
import type { ExitCode } from '../core/diagnostic.ts';
import { inRepository } from './checkout.ts';
import { flagsFor } from './flags.ts';
import { requireFresh } from './freshness.ts';
import { branchFor, openRecording, type GitHubClients, type Recorded } from './recording.ts';
import type { CommandOptions } from './options.ts';
import { planRecording, type RecordingPlan } from './recording-plan.ts';
import { saveForResume } from './resume.ts';

/**
 * Runs an apply with the lockfile at the branch's tip, and records the result on the branch. Calls `reporting` with the
 * outcome of recording, even if the apply failed, but not if the apply records nowhere.
 */
export async function recordedApply(at: CommandOptions, reporting: (recorded: Recorded) => void): Promise<ExitCode> {
  const { options, runtime, checkout, api, git, planFile } = at;
  const { inputs, event } = options;
  const flags = flagsFor(inputs, planFile);
  const { folders, lockfile } = openWorkspace(flags, runtime);
  const plan = planFor(at, lockfile);
  if (plan === undefined) return apply(flags, runtime);

  const clients: GitHubClients = { api, git, clock: runtime.clock };
  const paths = [...folders.shown, 'connsync.yaml'].flatMap((path) => inRepository(checkout, runtime.cwd, path) ?? []);
  const { store, recorded } = openRecording(plan, clients, async (tip, target) => {
    // The manifests come from the event's branch, even if the lockfile is recorded on another one.
    const source = event.branch ?? plan.branch;
    const branch = source === plan.branch ? target : branchFor(plan, clients, source);
    const { commit } = branch === target ? tip : await branch.tip();
    await requireFresh({ branch, checkout: checkout.commit, tip: commit, paths });
  });
  const remember = saveForResume(plan, folders.recorded, options.reporting.saveState);
  const exitCode = await apply(flags, {
    ...runtime,
    extraReporters: [...(runtime.extraReporters ?? []), remember],
    // Other lockfiles, such as the emulator's in its data folder, are not recorded on the branch.
    openStore: (wanted) => (wanted.path === plan.file ? store : openStore(wanted, { clock: runtime.clock })),
  });
  reporting(recorded());
  return exitCode;
}

function planFor(
  { options, runtime, checkout, api }: CommandOptions,
  lockfile: Workspace['lockfile'],
): RecordingPlan | undefined {
  const { inputs, event, runner, redact } = options;
  const { serverUrl, temporary, environment } = runner;
  return planRecording({
    mode: inputs.commit,
    hasToken: api !== undefined,
    isGitHub: ['GITEA_ACTIONS', 'FORGEJO_ACTIONS'].every((name) => (environment[name] ?? '') === ''),
    event: event.name,
    owner: event.owner,
    repo: event.repo,
    branch: inputs.commitBranch ?? event.branch,
    remote: `${serverUrl}/${event.owner}/${event.repo}`,
    folder: runtime.cwd,
    path: inRepository(checkout, runtime.cwd, lockfile.path),
    file: lockfile.path,
    shown: lockfile.displayPath,
    ...(inputs.commitMessage === undefined ? {} : { message: redact(inputs.commitMessage) }),
    runUrl: event.runUrl,
    temporary,
  });
}
